/// A gateway and how it stands.
public struct GatewayResource: Codable, Sendable {
    /// Its identifier, from its certificate.
    public var id: String
    /// Its host's name.
    public var hostname: String
    /// The site it belongs to.
    public var site: String
    /// A note for people; may be empty.
    public var label: String
    /// `connected`, `silent`, `never-seen`, `banned`
    public var state: String
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
    /// 0 to 100.
    public var score: Int
    /// Resident memory of the agent, KiB; 0 where not reported.
    public var residentKiB: UInt64
    /// The agent's counters since its start; only where one gateway is asked for.
    public var counters: [String: UInt64]?

    /// A gateway.
    public init(
        id: String,
        hostname: String,
        site: String,
        label: String,
        state: String,
        enrolled: Timestamp,
        policy: PolicyStatusResource,
        score: Int
    ) {
        self.id = id
        self.hostname = hostname
        self.site = site
        self.label = label
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
