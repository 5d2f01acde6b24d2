public import NetworkTypes

/// A device on a local bus, and what it lets be seen of itself.
public struct LocalDevice: Hashable, Sendable {
    /// `usb:046d:0825:SERIAL@1-1.2`, or `bus:video4linux-video0` for a camera that hangs on no USB.
    public let key: DeviceKey
    /// What sysfs says, in a fixed order.
    public var signals: [Signal]

    /// A device.
    public init(key: DeviceKey, signals: [Signal]) {
        self.key = key
        self.signals = signals
    }
}
