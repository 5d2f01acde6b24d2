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
    /// What it was held to be before, oldest first; nil where no agent said.
    public var history: [IdentityChangeRecord]?
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

/// A device was held to be something else before.
public struct IdentityChangeRecord: Hashable, Sendable, Codable {
    /// By the gateway's clock, milliseconds since 1970.
    public var timeMilliseconds: UInt64
    /// What it was held to be.
    public var before: Names
    /// What it was held to be from then on.
    public var after: Names
    /// What decided.
    public var evidence: EvidenceRecord

    /// What a device is called; empty where not known.
    public struct Names: Hashable, Sendable, Codable {
        /// `ip-camera`; `unknown`.
        public var deviceClass: String
        /// Who makes it.
        public var vendor: String
        /// Product name.
        public var model: String

        /// Names.
        public init(deviceClass: String, vendor: String, model: String) {
            self.deviceClass = deviceClass
            self.vendor = vendor
            self.model = model
        }
    }

    /// A change.
    public init(timeMilliseconds: UInt64, before: Names, after: Names, evidence: EvidenceRecord) {
        self.timeMilliseconds = timeMilliseconds
        self.before = before
        self.after = after
        self.evidence = evidence
    }
}
