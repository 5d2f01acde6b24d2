/// What was asked, what was applied and what the kernel holds, as the agent read it back last.
public struct ProofRecord: Hashable, Sendable, Codable {
    /// Generation of the policy it proves.
    public var generation: UInt64 = 0
    /// SHA-256 of the policy envelope, as every hash here in lower-case hexadecimal digits; empty for none.
    public var policyHash = ""
    /// What policy and devices ask for.
    public var desiredHash = ""
    /// What was committed last.
    public var appliedHash = ""
    /// What was read back.
    public var kernelHash = ""
    /// Whether the three are equal.
    public var isProved = false
    /// The first differences, for people.
    public var difference = ""
    /// From receipt of the policy to the proof; 0 for a proof on a timer.
    public var pushToProofMilliseconds: UInt64 = 0
    /// When, by the gateway's clock, milliseconds since 1970.
    public var timeMilliseconds: UInt64 = 0

    /// Nothing proved.
    public init() {}
}
