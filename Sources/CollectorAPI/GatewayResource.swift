/// A gateway and how it stands.
public struct GatewayResource: Codable, Sendable {
    /// Its identifier, from its certificate.
    public var id: String
    /// For people: what the token called it, or its host's name.
    public var name: String
    /// Its host's name; empty before its first connection.
    public var hostname: String
    /// The site it belongs to.
    public var site: String
    /// What operators wrote on it.
    public var labels: [String: String]
    /// `connected`, `disconnected`, `silent`, `never-connected`, `held` (two hosts may have its identity), `banned`
    public var state: String
    /// `held`, `banned`: why.
    public var stateReason: String?
    /// The agent's version; empty before its first connection, as the two below.
    public var agentVersion: String
    /// `arm64`, `armhf`, `amd64`
    public var architecture: String
    /// What `uname -r` says.
    public var kernelRelease: String
    /// When it enrolled.
    public var enrolled: Timestamp
    /// When it was last heard of.
    public var lastSeen: Timestamp?
    /// When its certificate ends.
    public var certificateExpires: Timestamp?
    /// Devices behind it.
    public var deviceCount: Int
    /// Of them, those in quarantine.
    public var quarantinedCount: Int
    /// Its policy.
    public var policy: PolicyStatusResource
    /// 0 to 100; nil for a banned one.
    public var score: Int?
    /// What the score lost; only where one gateway is asked for.
    public var deductions: [PostureResource.Deduction]?
    /// Resident memory of the agent, KiB; 0 where not reported.
    public var residentKiB: UInt64
    /// Version of the knowledge by which it names devices; 0 for that of the agent's package. Missing before its first
    /// connection, and of agents that do not say.
    public var knowledgeVersion: UInt64?
    /// SHA-256 of that file, hexadecimal.
    public var knowledgeHash: String?
    /// Whether its configuration has it report where devices' connections led; nil of a collector that does not say.
    public var reportsFlows: Bool?
    /// Flows that made room for others here; missing for none.
    public var forgottenFlows: UInt64?
    /// Version of the blocklists by which it refuses names; 0 for a file that was put there by hand. Missing where it has
    /// none.
    public var blocklistVersion: UInt64?
    /// SHA-256 of that file, hexadecimal.
    public var blocklistHash: String?
    /// The agent's counters since its start; only where one gateway is asked for.
    public var counters: [String: UInt64]?

    /// A gateway.
    public init(
        id: String,
        name: String,
        site: String,
        state: String,
        enrolled: Timestamp,
        policy: PolicyStatusResource,
        score: Int?
    ) {
        self.id = id
        self.name = name
        self.hostname = ""
        self.site = site
        self.labels = [:]
        self.state = state
        self.agentVersion = ""
        self.architecture = ""
        self.kernelRelease = ""
        self.enrolled = enrolled
        self.deviceCount = 0
        self.quarantinedCount = 0
        self.policy = policy
        self.score = score
        self.residentKiB = 0
    }
}
