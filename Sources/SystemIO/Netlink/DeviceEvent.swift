public import NetworkTypes

/// One uevent of the kernel: a device was added, removed or changed (NETLINK_KOBJECT_UEVENT).
///
/// On the wire: `ACTION@DEVPATH`, a zero byte, then `KEY=VALUE` runs each ended by a zero byte.
public struct DeviceEvent: Hashable, Sendable {
    /// The most fields one event may have; the kernel's own limit is 64 (UEVENT_NUM_ENVP of linux/kobject.h).
    public static let fieldLimit = 64

    /// `add`, `remove`, `change`, `bind`, `unbind`, `move`, `online`, `offline`
    public let action: ByteString
    /// Below /sys: `/devices/pci0000:00/…`
    public let devicePath: ByteString
    /// `usb`, `video4linux`, `tty`, …
    public let subsystem: ByteString
    /// All fields, in the order they came.
    public let fields: [(name: ByteString, value: ByteString)]

    /// The value of a field.
    public func value(_ name: ByteString) -> ByteString? { fields.first { $0.name == name }?.value }

    /// Whether a device on a local bus may have come, gone or changed. Events come in bursts of dozens, most of them of
    /// queues, power supplies, processors and block devices, which say nothing here.
    public var concernsLocalBuses: Bool {
        switch subsystem {
        case "usb", "hid", "input", "video4linux", "tty", "net", "iio", "i2c", "spi", "w1", "hwmon", "serial", "serio",
            "bluetooth":
            return true
        default: return false
        }
    }

    /// An event from its bytes.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        var head: ByteString?
        var fields: [(name: ByteString, value: ByteString)] = []
        while !reader.isAtEnd {
            var run = ByteString()
            while let byte = reader.peek(), byte != 0 {
                run.append(byte: byte)
                try reader.skip(1)
            }
            guard !reader.isAtEnd else { throw reader.error(.truncated) }
            try reader.skip(1)
            guard head != nil else {
                // udev's own messages begin with "libudev" and are not the kernel's.
                guard run.bytes.contains(0x40) else { throw DecodeError(.unsupported, at: 0) }
                head = run
                continue
            }
            guard let equals = run.bytes.firstIndex(of: 0x3D) else { throw reader.error(.malformed) }
            guard fields.count < DeviceEvent.fieldLimit else { throw reader.error(.limitExceeded) }
            fields.append(
                (ByteString(Array(run.bytes[0..<equals])), ByteString(Array(run.bytes[(equals + 1)...])))
            )
        }
        guard let head, let at = head.bytes.firstIndex(of: 0x40) else { throw reader.error(.truncated) }
        action = ByteString(Array(head.bytes[0..<at]))
        devicePath = ByteString(Array(head.bytes[(at + 1)...]))
        subsystem = fields.first { $0.name == "SUBSYSTEM" }?.value ?? ""
        self.fields = fields
    }

    /// Equal in all fields.
    public static func == (left: DeviceEvent, right: DeviceEvent) -> Bool {
        guard left.action == right.action, left.devicePath == right.devicePath, left.fields.count == right.fields.count
        else { return false }
        for index in left.fields.indices
        where left.fields[index].name != right.fields[index].name
            || left.fields[index].value != right.fields[index].value
        {
            return false
        }
        return true
    }

    /// By action and path.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(action)
        hasher.combine(devicePath)
    }
}
