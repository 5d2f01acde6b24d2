/// A signed policy that the collector holds.
public struct PolicyResource: Codable, Sendable {
    /// SHA-256 of the envelope, hexadecimal: names it.
    public var hash: String
    /// Its generation.
    public var generation: UInt64
    /// The key that it says signed it, hexadecimal. The agents verify that; the collector has no say in it.
    public var keyID: String
    /// When it was signed.
    public var issued: Timestamp
    /// After this gateways refuse it.
    public var expires: Timestamp
    /// When it was pushed.
    public var pushed: Timestamp
    /// Who pushed it.
    public var pushedBy: String
    /// Gateway identifiers it is meant for; empty for all.
    public var targetGateways: [String]
    /// Sites it is meant for; empty for all.
    public var targetSites: [String]
    /// Names of its allowlists, in order.
    public var allowlists: [String]
    /// Bytes of the envelope.
    public var bytes: Int

    /// A policy.
    public init(
        hash: String,
        generation: UInt64,
        keyID: String,
        issued: Timestamp,
        expires: Timestamp,
        pushed: Timestamp,
        pushedBy: String,
        targetGateways: [String],
        targetSites: [String],
        allowlists: [String],
        bytes: Int
    ) {
        self.hash = hash
        self.generation = generation
        self.keyID = keyID
        self.issued = issued
        self.expires = expires
        self.pushed = pushed
        self.pushedBy = pushedBy
        self.targetGateways = targetGateways
        self.targetSites = targetSites
        self.allowlists = allowlists
        self.bytes = bytes
    }
}

/// How far a gateway is with the policy meant for it.
public struct PolicyStatusResource: Codable, Sendable {
    /// `none` (no policy was pushed), `waiting` (the gateway does not have it yet), `pushed` (sent, not answered yet),
    /// `applied` (in force, not proved, or the kernel holds something else), `proved`, `refused` (the one before it is
    /// still in force), `superseded` (a later one took its place).
    public var state: String
    /// The gateway.
    public var gateway: String
    /// Generation of the policy that was pushed last; 0 for none.
    public var pushedGeneration: UInt64
    /// SHA-256 of its envelope, hexadecimal; empty for none.
    public var pushedHash: String
    /// Generation in force by the gateway's word; 0 for none.
    public var generation: UInt64
    /// SHA-256 of the envelope in force.
    public var policyHash: String
    /// SHA-256 of the ruleset that policy and devices ask for.
    public var desiredHash: String
    /// SHA-256 of the ruleset that was last committed.
    public var appliedHash: String
    /// SHA-256 of the ruleset that the kernel gave back.
    public var kernelHash: String
    /// When it was pushed.
    public var pushed: Timestamp?
    /// When the gateway said that it was applied.
    public var applied: Timestamp?
    /// When the kernel was proved to hold it.
    public var proved: Timestamp?
    /// When the kernel was read back last, by the gateway's clock.
    public var checked: Timestamp?
    /// On the gateway, from receipt to proof, milliseconds; nil where the last proof was on a timer.
    public var pushToProofMilliseconds: UInt64?
    /// `refused`: why, a word for programs.
    public var reason: String?
    /// For people: why it was refused, or the first differences between what was asked and what the kernel holds.
    public var detail: String?

    /// No policy was pushed, none is in force.
    public init(gateway: String) {
        self.state = "none"
        self.gateway = gateway
        self.pushedGeneration = 0
        self.pushedHash = ""
        self.generation = 0
        self.policyHash = ""
        self.desiredHash = ""
        self.appliedHash = ""
        self.kernelHash = ""
    }
}

/// What became of a push.
public struct PolicyPushResponse: Codable, Sendable {
    /// The policy.
    public var policy: PolicyResource
    /// Gateways it was sent to at once.
    public var delivered: [String]
    /// Gateways that get it when they connect.
    public var waiting: [String]
    /// Gateways that were left alone, and why.
    public var skipped: [String: String]

    /// A response.
    public init(policy: PolicyResource, delivered: [String], waiting: [String], skipped: [String: String]) {
        self.policy = policy
        self.delivered = delivered
        self.waiting = waiting
        self.skipped = skipped
    }
}
