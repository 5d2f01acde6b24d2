/// What is known of one device behind a gateway.
public struct DeviceRecord: Hashable, Sendable, Codable {
    /// The gateway it is behind.
    public var gateway: GatewayKey
    /// What lasts about it: `mac:ac:cc:8e:01:02:03`. Names it together with the gateway.
    public var key: String
    /// IP addresses it holds, as text.
    public var addresses: [String] = []
    /// `ip-camera`; `unknown`.
    public var deviceClass = "unknown"
    /// Empty where not known, as the fields below.
    public var vendor = ""
    /// Product name.
    public var model = ""
    /// Version.
    public var firmware = ""
    /// Operating system.
    public var operatingSystem = ""
    /// The name it gives itself.
    public var hostname = ""
    /// 0...1000
    public var classConfidence: UInt64 = 0
    /// 0...1000
    public var vendorConfidence: UInt64 = 0
    /// 0...1000
    public var modelConfidence: UInt64 = 0
    /// Why.
    public var evidence: [EvidenceRecord] = []
    /// What spoke against it.
    public var contradictions: [EvidenceRecord] = []
    /// The allowlist that holds it; empty where none does.
    public var policy = ""
    /// The interface it was seen on; empty for local buses.
    public var interface = ""
    /// By the gateway's clock, milliseconds since 1970, as all times here.
    public var firstSeenMilliseconds: UInt64 = 0
    /// When it was seen last.
    public var lastSeenMilliseconds: UInt64 = 0
    /// Whether it is in quarantine.
    public var isQuarantined = false
    /// `scan`, `violations`, `policy`; empty where it is not in quarantine.
    public var quarantineReason = ""
    /// Packets that were dropped, in all.
    public var droppedCount: UInt64 = 0
    /// Packets that would have been dropped in monitor mode, in all.
    public var wouldDropCount: UInt64 = 0
    /// When it last tried what it may not; 0 for never.
    public var lastViolationMilliseconds: UInt64 = 0

    /// A device of which nothing is known.
    public init(gateway: GatewayKey, key: String) {
        self.gateway = gateway
        self.key = key
    }
}

/// A signal and what it was taken to say.
public struct EvidenceRecord: Hashable, Sendable, Codable {
    /// `mdns.service`
    public var signal: String
    /// `_axis-video._tcp`
    public var value: String
    /// `class=ip-camera vendor=Axis`
    public var says: String
    /// 0...1000
    public var weight: UInt64

    /// A piece of evidence.
    public init(signal: String, value: String, says: String, weight: UInt64) {
        self.signal = signal
        self.value = value
        self.says = says
        self.weight = weight
    }
}
