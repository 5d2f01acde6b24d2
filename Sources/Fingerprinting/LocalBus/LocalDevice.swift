public import NetworkTypes

/// A device on a local bus, and what it lets be seen of itself.
public struct LocalDevice: Hashable, Sendable {
    /// `usb:046d:0825:SERIAL@1-1.2`, `bus:i2c-1-0076`, `bus:w1-28-0000075a1b2c`, or `bus:video4linux-video0` for a
    /// camera that hangs on no USB.
    public let key: DeviceKey
    /// What sysfs says, in a fixed order.
    public internal(set) var signals: [Signal]
    /// The USB port it hangs on, `1-1.2`; empty for another bus.
    public internal(set) var usbPort: ByteString = ""
    /// Whether the kernel lets it be used (`authorized` of Documentation/ABI/testing/sysfs-bus-usb).
    public internal(set) var isAuthorised = true

    /// A device.
    public init(key: DeviceKey, signals: [Signal]) {
        self.key = key
        self.signals = signals
    }

    /// What it can do to the gateway itself, by the interfaces it declares.
    public var functions: LocalFunctions { LocalFunctions(signals) }
}
