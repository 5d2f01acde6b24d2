public import NetworkTypes

/// How sure a statement is, in thousandths: 0...1000. An integer, because the agent has no floating point.
public typealias ConfidencePerMille = UInt16

/// What is held to be true of a device, how surely, and why.
public struct Identity: Hashable, Sendable {
    /// What the device is for; `.unknown` with confidence 0 where nothing is known.
    public var deviceClass: DeviceClass = .unknown
    /// Who makes it, as the knowledge file spells it (`Axis`), or nil.
    public var vendor: ByteString?
    /// Which product, or nil.
    public var model: ByteString?
    /// Its firmware version, or nil.
    public var firmware: ByteString?
    /// Its operating system, or nil.
    public var operatingSystem: ByteString?
    /// The name it gives itself, or nil.
    public var hostname: ByteString?
    /// How sure the class is.
    public var classConfidence: ConfidencePerMille = 0
    /// How sure the vendor is.
    public var vendorConfidence: ConfidencePerMille = 0
    /// How sure the model is.
    public var modelConfidence: ConfidencePerMille = 0
    /// Everything that spoke for the above, heaviest first.
    public var evidence: [Evidence] = []
    /// What spoke against it.
    public var contradictions: [Evidence] = []

    /// Nothing known.
    public init() {}
}
