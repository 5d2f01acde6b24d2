/// An agent that connected and said who it is.
public struct ConnectionRecord: Hashable, Sendable {
    /// The gateway in its certificate.
    public var gateway: GatewayKey
    /// What it said of itself.
    public var agent: AgentSummary
    /// The policy generation it says is in force.
    public var generation: UInt64
    /// SHA-256 of the envelope it says is in force, lower-case hexadecimal digits; empty for none.
    public var policyHash: String
    /// The knowledge it says it uses.
    public var knowledge = FileSummary(version: 0, hash: "")
    /// The blocklists it says it uses.
    public var blocklist = FileSummary(version: 0, hash: "")
    /// Now, milliseconds since 1970.
    public var nowMilliseconds: UInt64

    /// A connection.
    public init(
        gateway: GatewayKey,
        agent: AgentSummary,
        generation: UInt64,
        policyHash: String,
        nowMilliseconds: UInt64
    ) {
        self.gateway = gateway
        self.agent = agent
        self.generation = generation
        self.policyHash = policyHash
        self.nowMilliseconds = nowMilliseconds
    }
}
