internal import CLinux
internal import NetworkTypes

/// Listens to the kernel's uevents: hot-plug of USB devices, cameras, serial ports.
public final class DeviceEventSource {
    private let socket: NetlinkSocket
    /// Events that could not be read as such.
    public private(set) var malformed: UInt64 = 0

    /// The number to register.
    public var descriptor: Int32 { socket.descriptor }

    /// How often the kernel dropped events: each time sysfs must be read again.
    public var overruns: UInt64 { socket.overruns }

    /// Joins the kernel's group (1); udev's is 2.
    public init() throws(SystemError) {
        socket = try NetlinkSocket(NETLINK_KOBJECT_UEVENT, groups: 1, name: "device events")
    }

    /// Appends the events that have arrived, at most `NetfilterLog.datagramLimit`; returns whether there may be more.
    public func receive(into events: inout [DeviceEvent]) throws(SystemError) -> Bool {
        for _ in 0..<NetfilterLog.datagramLimit {
            guard let datagram = try socket.receive() else { return false }
            var reader = ByteReader(datagram.bytes.span, from: 0, to: datagram.count)
            do throws(DecodeError) {
                events.append(try DeviceEvent(parsing: &reader))
            } catch {
                malformed += 1
            }
        }
        return true
    }
}
