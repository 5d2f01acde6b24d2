/// Where a gateway stands with policies: what it should have, and what it says it has.
public struct GatewayPolicyState: Hashable, Sendable, Codable {
    /// The generation it should have; 0 where none was pushed to it.
    public var targetGeneration: UInt64 = 0
    /// SHA-256 of the envelope it should have, lower-case hexadecimal digits; empty for none.
    public var targetHash = ""
    /// The generation it says is in force; 0 for none.
    public var generation: UInt64 = 0
    /// SHA-256 of the envelope it says is in force, lower-case hexadecimal digits; empty for none.
    public var hash = ""
    /// The last policy it refused; nil where it refused none since the last one it took.
    public var refusal: RefusalRecord?

    /// A new target must be above this. A target that the gateway refused does not count: a policy of a stranger's key,
    /// with whatever generation it claims, must not keep the operator's next one from being pushed.
    public var floorGeneration: UInt64 {
        refusal?.policyHash == targetHash && !targetHash.isEmpty ? generation : targetGeneration
    }

    /// None.
    public init() {}
}

/// A policy that a gateway did not take.
public struct RefusalRecord: Hashable, Sendable, Codable {
    /// SHA-256 of the envelope, lower-case hexadecimal digits.
    public var policyHash: String
    /// `signature`, `unknown-key`, `generation`, `target`, `expired`, `invalid`, `cuts-off`, `storage`, `unreachable`,
    /// `interrupted`, `kernel`
    public var reason: String
    /// For people.
    public var detail: String
    /// When, by the gateway's clock.
    public var timeMilliseconds: UInt64

    /// A refusal.
    public init(policyHash: String, reason: String, detail: String, timeMilliseconds: UInt64) {
        self.policyHash = policyHash
        self.reason = reason
        self.detail = detail
        self.timeMilliseconds = timeMilliseconds
    }
}
