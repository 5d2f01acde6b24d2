public import NetworkTypes

/// A signal, what the knowledge file makes of it, and how much that weighs.
public struct Evidence: Hashable, Sendable {
    /// The signal itself.
    public let signal: Signal
    /// The class it speaks for, if any.
    public let deviceClass: DeviceClass?
    /// The vendor it speaks for, if any.
    public let vendor: ByteString?
    /// The model it speaks for, if any.
    public let model: ByteString?
    /// The firmware it names, if any.
    public let firmware: ByteString?
    /// The operating system it speaks for, if any.
    public let operatingSystem: ByteString?
    /// How much it weighs.
    public let weight: ConfidencePerMille

    /// A piece of evidence.
    public init(
        signal: Signal,
        deviceClass: DeviceClass? = nil,
        vendor: ByteString? = nil,
        model: ByteString? = nil,
        firmware: ByteString? = nil,
        operatingSystem: ByteString? = nil,
        weight: ConfidencePerMille
    ) {
        self.signal = signal
        self.deviceClass = deviceClass
        self.vendor = vendor
        self.model = model
        self.firmware = firmware
        self.operatingSystem = operatingSystem
        self.weight = weight
    }

    /// Whether it speaks for nothing at all.
    public var saysNothing: Bool {
        deviceClass == nil && vendor == nil && model == nil && firmware == nil && operatingSystem == nil
    }
}
