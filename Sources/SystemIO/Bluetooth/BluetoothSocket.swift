internal import CLinux
internal import NetworkTypes

/// The kernel's Bluetooth management socket: what its controllers hear. It changes no setting of a controller.
///
/// The kernel tells of devices while somebody lets it look for them: bluetoothd, or `startDiscovery`.
public final class BluetoothSocket {
    /// Most messages that are read before others have their turn.
    public static let batchLimit = 64
    /// Bytes one message may have; an extended advertisement has 1,650 at most. A longer message is cut, and then malformed.
    private static let receiveBytes = 4_096

    private let socket: Descriptor

    /// The number to register.
    public var descriptor: Int32 { socket.rawValue }

    /// Opens it; needs CAP_NET_ADMIN. EAFNOSUPPORT where the kernel has no Bluetooth.
    public init() throws(SystemError) {
        socket = Descriptor(
            owning: try SystemCall.retrying("open", "the Bluetooth management socket") { gh_bluetooth_open() }
        )
    }

    /// The next message that has arrived, or nil.
    public func receive() throws(SystemError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: BluetoothSocket.receiveBytes)
        let number = socket.rawValue
        let count = try SystemCall.retryingUnlessBlocked("read from", "the Bluetooth management socket") {
            unsafe bytes.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) }
        }
        guard let count, count > 0 else { return nil }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Asks a controller to look for LE devices for some ten seconds (Start Discovery, 0x0023; LE public and random): it
    /// sends scan requests, so it is heard. Its answer comes as a Command Status or a Command Complete.
    public func startDiscovery(controller: UInt16) throws(SystemError) {
        let index = [UInt8(truncatingIfNeeded: controller), UInt8(truncatingIfNeeded: controller >> 8)]
        let command: [UInt8] = [0x23, 0x00] + index + [0x01, 0x00, 0x06]
        let number = socket.rawValue
        _ = try SystemCall.retrying("ask", "the Bluetooth management socket") {
            unsafe command.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
        }
    }
}
