public import NetworkTypes

/// A device as the agent knows it. Replaces every earlier report of the same key.
public struct DeviceReport: Hashable, Sendable {
    /// Most pieces of evidence of one report; the lightest are left out.
    public static let maximumEvidenceCount = 32
    /// Most changes of one report; the oldest are forgotten.
    public static let maximumHistoryCount = 8
    /// Most addresses of one report.
    public static let maximumAddressCount = 64

    /// What lasts about it.
    public var key: ByteString = ""
    /// IP addresses it holds.
    public var addresses: [IPAddress] = []
    /// `ip-camera`; `unknown`.
    public var deviceClass: ByteString = "unknown"
    /// Empty where not known, as the fields below.
    public var vendor: ByteString = ""
    /// Product name.
    public var model: ByteString = ""
    /// Version.
    public var firmware: ByteString = ""
    /// Operating system.
    public var operatingSystem: ByteString = ""
    /// The name it gives itself.
    public var hostname: ByteString = ""
    /// 0...1000
    public var classConfidence: UInt64 = 0
    /// 0...1000
    public var vendorConfidence: UInt64 = 0
    /// 0...1000
    public var modelConfidence: UInt64 = 0
    /// Why.
    public var evidence: [EvidenceReport] = []
    /// What spoke against it.
    public var contradictions: [EvidenceReport] = []
    /// Name of the allowlist that holds it; empty where none does.
    public var policy: ByteString = ""
    /// The interface it was seen on; empty for local buses.
    public var interface: ByteString = ""
    /// Milliseconds since 1970.
    public var firstSeenMilliseconds: UInt64 = 0
    /// Milliseconds since 1970.
    public var lastSeenMilliseconds: UInt64 = 0
    /// Whether it is in quarantine, or on a local bus de-authorised.
    public var isQuarantined = false
    /// What it was held to be before, oldest first: each an encoded `IdentityChangeReport`.
    public var history: [ByteString] = []
    /// How often it was put into quarantine, each time within a day of the last.
    public var quarantineCount: UInt64 = 0
    /// When it was put there last, milliseconds since 1970; 0 for never.
    public var quarantinedAtMilliseconds: UInt64 = 0
    /// For how long.
    public var quarantineMilliseconds: UInt64 = 0
    /// Whether its signals said that it is another device, under a policy that wants none of such.
    public var isDistrusted = false

    /// All fields at their zero.
    public init() {}
}

/// A signal and what it was taken to say.
public struct EvidenceReport: Hashable, Sendable {
    /// `mdns.service`
    public var signal: ByteString = ""
    /// `_axis-video._tcp`
    public var value: ByteString = ""
    /// What it speaks for, as text for people: `class=ip-camera vendor=Axis`.
    public var says: ByteString = ""
    /// 0...1000
    public var weight: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}

/// Packets of one device to one destination that were dropped, or would have been in monitor mode.
public struct ViolationReport: Hashable, Sendable {
    /// The device.
    public var device: ByteString = ""
    /// Where it wanted to go.
    public var destination: IPAddress = IPAddress(v4: 0)
    /// The name it asked for that address, where it did; for `server-name` the one it asked the server for; else empty.
    public var destinationName: ByteString = ""
    /// IP protocol number.
    public var transport: UInt64 = 0
    /// Destination port; for ICMP the type.
    public var port: UInt64 = 0
    /// The allowlist that held the device, or `unknown`.
    public var policy: ByteString = ""
    /// Why, one of `VerdictReason`.
    public var reason: ByteString = ""
    /// False in monitor mode.
    public var wasDropped = true
    /// Packets.
    public var count: UInt64 = 0
    /// Milliseconds since 1970.
    public var firstMilliseconds: UInt64 = 0
    /// Milliseconds since 1970.
    public var lastMilliseconds: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}

/// A device put into quarantine, or let out.
public struct QuarantineReport: Hashable, Sendable {
    /// The device.
    public var device: ByteString = ""
    /// True when put in.
    public var isQuarantined = true
    /// `scan`, `flood`, `violations`, `released`, `expired`, `policy`
    public var reason: ByteString = ""
    /// Seconds it will last; 0 when let out.
    public var durationSeconds: UInt64 = 0
    /// What it did, for people; empty where that is not known.
    public var detail: ByteString = ""
    /// The file on the gateway, below `evidence` of its state directory, that holds the first packets; empty for none.
    public var evidenceName: ByteString = ""

    /// All fields at their zero.
    public init() {}
}

/// Something that happened and wants a person's eye.
public struct IncidentReport: Hashable, Sendable {
    /// Most pieces of evidence of each side.
    public static let maximumEvidenceCount = 4

    /// `scan`, `flood`, `spoofing`, `address-conflict`, `contradiction`, `drift`, `rollback`, `clone`, `renewal`, `knowledge`, `blocklist`,
    /// `local-device`, `dns-tunnel`
    public var kind: ByteString = ""
    /// The device; empty where it is the gateway's own.
    public var device: ByteString = ""
    /// For people: `SYN to 64 addresses on ports 23, 2323 in 1 s; sequence number equals destination (Mirai)`.
    public var summary: ByteString = ""
    /// Packets or events seen.
    public var count: UInt64 = 0
    /// `contradiction`: what spoke for what the device was held to be, heaviest first.
    public var evidence: [EvidenceReport] = []
    /// `contradiction`: what cannot be of the same device.
    public var contradictions: [EvidenceReport] = []

    /// All fields at their zero.
    public init() {}
}

/// What was asked, what was applied, what the kernel holds: three SHA-256 that must be equal.
public struct ProofReport: Hashable, Sendable {
    /// Generation of the policy.
    public var generation: UInt64 = 0
    /// SHA-256 of the policy envelope; empty where no policy is in force.
    public var policyHash: ByteString = ""
    /// Canonical form of the ruleset that the policy and the devices ask for.
    public var desiredHash: ByteString = ""
    /// Canonical form of the ruleset that was last committed.
    public var appliedHash: ByteString = ""
    /// Canonical form of what was read back.
    public var kernelHash: ByteString = ""
    /// Whether the three are equal.
    public var isProved = false
    /// Where they are not: the first differences, for people.
    public var difference: ByteString = ""
    /// From receipt of the policy to this proof; 0 for a proof on a timer.
    public var pushToProofMilliseconds: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}

/// A policy that was not taken; the one before it is still in force.
public struct PolicyRefusalReport: Hashable, Sendable {
    /// SHA-256 of the envelope that was refused.
    public var policyHash: ByteString = ""
    /// One of `PolicyRefusal`'s names: `signature`, `unknown-key`, `generation`, `target`, `expired`, `invalid`, `cuts-off`,
    /// `storage`, `unreachable`, `interrupted`, `kernel`.
    public var reason: ByteString = ""
    /// For people.
    public var detail: ByteString = ""
    /// Generation still in force.
    public var generationInForce: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}

/// The agent's own figures; counters since its start, keyed by name.
public struct HealthReport: Hashable, Sendable {
    /// Seconds since the agent's start.
    public var uptimeSeconds: UInt64 = 0
    /// Resident memory, KiB.
    public var residentKiB: UInt64 = 0
    /// `capture.dropped`, `spool.bytes`, `dns.queries`: every named limit that was hit has its counter here.
    public var counters: [Counter] = []
    /// Version of the knowledge in use, and SHA-256 of its file, as in `Hello`.
    public var knowledgeVersion: UInt64 = 0
    /// See `knowledgeVersion`.
    public var knowledgeHash: ByteString = ""
    /// Version of the signed blocklists in use, and SHA-256 of their file, as in `Hello`.
    public var blocklistVersion: UInt64 = 0
    /// See `blocklistVersion`.
    public var blocklistHash: ByteString = ""

    /// One figure.
    public struct Counter: Hashable, Sendable {
        /// Its name.
        public var name: ByteString
        /// Its value.
        public var value: UInt64

        /// A figure.
        public init(name: ByteString, value: UInt64) {
            self.name = name
            self.value = value
        }
    }

    /// All fields at their zero.
    public init() {}
}

/// Reports that were given up because the spool was full.
public struct GapReport: Hashable, Sendable {
    /// How many.
    public var count: UInt64 = 0
    /// The severity of the most severe of them.
    public var severity: Report.Severity = .informational
    /// Time of the oldest, milliseconds since 1970.
    public var firstMilliseconds: UInt64 = 0
    /// Time of the newest, milliseconds since 1970.
    public var lastMilliseconds: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}
