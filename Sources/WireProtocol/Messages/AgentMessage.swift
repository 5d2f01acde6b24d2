public import NetworkTypes

/// What an agent says to the collector: one binary WebSocket message each (DESIGN §5).
public enum AgentMessage: Hashable, Sendable {
    /// The first message of every connection.
    case hello(Hello)
    /// Reports, oldest first; never more of them than the collector has granted credits for.
    case reports(ReportBatch)
    /// Asks for a new certificate while the one of this connection still holds.
    case renew(RenewalRequest)
    /// Asks for the next part of a file that was offered.
    case requestFile(FileRequest)
}

/// Who connects, and where it stands.
public struct Hello: Hashable, Sendable {
    /// The protocol the agent speaks; see `ProtocolVersion`.
    public var protocolVersion: UInt64 = 0
    /// `0.1.0`
    public var agentVersion: ByteString = ""
    /// `arm64`, `armhf`, `amd64`
    public var architecture: ByteString = ""
    /// What `uname -r` says.
    public var kernelRelease: ByteString = ""
    /// The host's name, for people.
    public var hostname: ByteString = ""
    /// Counts the starts of the agent, from a file; with `sequence` it makes reports unique, and shows clones.
    public var bootEpoch: UInt64 = 0
    /// Random, made at each start of the process: two holders of one identity differ in it.
    public var instance: ByteString = ""
    /// Generation of the policy in force; 0 where none is.
    public var generation: UInt64 = 0
    /// SHA-256 of the policy envelope in force; empty where none is.
    public var policyHash: ByteString = ""
    /// The agent's wall clock, milliseconds since 1970.
    public var timeMilliseconds: UInt64 = 0
    /// Version of the knowledge in use; 0 where nobody signed it, as that of the package.
    public var knowledgeVersion: UInt64 = 0
    /// SHA-256 of the knowledge file in use.
    public var knowledgeHash: ByteString = ""
    /// Whether its configuration has it report where devices' connections led.
    public var reportsFlows = false
    /// Version of the signed blocklists in use, 0 where there are none; nil where the agent knows of no such files.
    public var blocklistVersion: UInt64?
    /// SHA-256 of the file of blocklists in use; empty where there is none.
    public var blocklistHash: ByteString = ""

    /// All fields at their zero.
    public init() {}
}

/// Reports of one boot epoch, in ascending order of their sequence numbers.
public struct ReportBatch: Hashable, Sendable {
    /// Most reports of one batch.
    public static let maximumCount = 256

    /// The reports.
    public var reports: [Report]

    /// A batch.
    public init(_ reports: [Report]) { self.reports = reports }
}
