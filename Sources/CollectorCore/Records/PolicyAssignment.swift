/// How far one policy has come on one gateway.
public struct PolicyAssignment: Hashable, Sendable, Codable {
    /// The gateway.
    public var gateway: GatewayKey
    /// SHA-256 of the envelope, lower-case hexadecimal digits.
    public var policyHash: String
    /// The generation inside.
    public var generation: UInt64
    /// How far.
    public var state: State
    /// Why, where it was refused or is not proved.
    public var reason: String = ""
    /// For people.
    public var detail: String = ""
    /// When an operator pushed it, milliseconds since 1970, as all times here.
    public var assignedMilliseconds: UInt64
    /// When it was written to the live connection last; 0 for never.
    public var pushedMilliseconds: UInt64 = 0
    /// When the gateway said that it was applied; 0 for never.
    public var appliedMilliseconds: UInt64 = 0
    /// When the kernel was proved to hold it first; 0 for never.
    public var provedMilliseconds: UInt64 = 0
    /// From the agent's receipt of it to the proof; 0 where not measured.
    public var pushToProofMilliseconds: UInt64 = 0

    /// A policy that waits for its gateway.
    public init(gateway: GatewayKey, policyHash: String, generation: UInt64, assignedMilliseconds: UInt64) {
        self.gateway = gateway
        self.policyHash = policyHash
        self.generation = generation
        self.state = .waiting
        self.assignedMilliseconds = assignedMilliseconds
    }

    /// How far a policy has come. The raw values are stored and shown.
    public enum State: String, CaseIterable, Hashable, Sendable, Codable {
        /// The gateway is not connected, or was not told yet.
        case waiting
        /// Written to the live connection.
        case pushed
        /// In force, but what the kernel holds is not (or no longer) what was asked.
        case applied
        /// In force, and the kernel holds it.
        case proved
        /// The gateway did not take it; `reason` says why.
        case refused
        /// A later one took its place before it was in force, or after.
        case superseded
    }
}
