public import WireProtocol

/// What the collector knows of one gateway. Times are milliseconds since 1970 by the collector's clock.
public struct GatewayRecord: Hashable, Sendable, Codable {
    /// Its name in every table.
    public var key: GatewayKey
    /// For people: the token's label, until the host's name is known.
    public var name: String
    /// Where it stands; empty where nobody said.
    public var site: String = ""
    /// What operators wrote on it.
    public var labels: [String: String] = [:]
    /// When its first certificate was issued.
    public var enrolledMilliseconds: UInt64 = 0
    /// The certificate last issued.
    public var certificate = CertificateSummary()
    /// Set when it is banned: its connections are refused.
    public var ban: BanRecord?
    /// Set when two hosts were seen to hold its identity: nothing is taken from it and nothing pushed to it until an
    /// operator decides.
    public var hold: HoldRecord?
    /// What the agent said of itself when it connected last.
    public var agent = AgentSummary()
    /// Since when it has been connected; nil where it is not.
    public var connectedSinceMilliseconds: UInt64?
    /// When anything arrived from it last; 0 for never.
    public var lastSeenMilliseconds: UInt64 = 0
    /// Whether nothing was heard of it for `Silence.thresholdMilliseconds`.
    public var isSilent = false
    /// Every report up to this mark is committed.
    public var highWater = HighWaterMark()
    /// Where it stands with policies.
    public var policy = GatewayPolicyState()
    /// The last reading back of the kernel's ruleset; nil before the first.
    public var proof: ProofRecord?
    /// The agent's own figures, as last reported; nil before the first.
    public var health: HealthRecord?
    /// The knowledge by which it names devices, by its own word; nil before the first.
    public var knowledge: FileSummary?
    /// The blocklists by which it refuses names, by its own word; nil before the first, its hash empty where it has none.
    public var blocklist: FileSummary?
    /// Reports that full spools gave up, in all.
    public var lostReportCount: UInt64 = 0
    /// Reports that were taken off its hands but not kept: a device too many, a key that is none.
    public var refusedCount: UInt64 = 0
    /// Flows that made room for others, in all; nil for none.
    public var forgottenFlowCount: UInt64?

    /// A gateway that has just been enrolled.
    public init(key: GatewayKey, name: String) {
        self.key = key
        self.name = name
    }

    /// Why it gets no new certificate, for people; nil where it may have one.
    public var renewalRefusal: String? {
        if let ban { return "gateway \(key.gateway) is banned: \(ban.reason)" }
        if let hold { return "gateway \(key.gateway) is held: \(hold.reason)" }
        return nil
    }
}

/// The certificate a gateway was given last.
public struct CertificateSummary: Hashable, Sendable, Codable {
    /// Lower-case hexadecimal digits.
    public var serialNumber = ""
    /// Seconds since 1970.
    public var notBeforeSeconds: UInt64 = 0
    /// Seconds since 1970.
    public var notAfterSeconds: UInt64 = 0

    /// None.
    public init() {}
}

/// A gateway that may not connect any more.
public struct BanRecord: Hashable, Sendable, Codable {
    /// Who banned it.
    public var actor: String
    /// Why.
    public var reason: String
    /// When.
    public var sinceMilliseconds: UInt64

    /// A ban.
    public init(actor: String, reason: String, sinceMilliseconds: UInt64) {
        self.actor = actor
        self.reason = reason
        self.sinceMilliseconds = sinceMilliseconds
    }
}

/// A gateway from which nothing is taken until an operator decides.
public struct HoldRecord: Hashable, Sendable, Codable {
    /// Why, for people.
    public var reason: String
    /// When.
    public var sinceMilliseconds: UInt64

    /// A hold.
    public init(reason: String, sinceMilliseconds: UInt64) {
        self.reason = reason
        self.sinceMilliseconds = sinceMilliseconds
    }
}

/// What an agent says of itself when it connects.
public struct AgentSummary: Hashable, Sendable, Codable {
    /// `0.1.0`
    public var version = ""
    /// `arm64`, `armhf`, `amd64`
    public var architecture = ""
    /// What `uname -r` says.
    public var kernelRelease = ""
    /// The host's name.
    public var hostname = ""
    /// The protocol it speaks.
    public var protocolVersion: UInt64 = 0
    /// Its current start.
    public var bootEpoch: UInt64 = 0
    /// Its random mark of this start, lower-case hexadecimal digits.
    public var instance = ""
    /// Where it connected from.
    public var remoteAddress = ""
    /// Whether it reports where devices' connections led; nil where it did not say, which is no.
    public var reportsFlows: Bool?

    /// Nothing known.
    public init() {}
}
