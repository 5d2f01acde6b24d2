public import Policy

/// How careful a proposal is.
public struct ProposalSettings: Sendable {
    /// What was seen for a shorter time is not allowed, but told.
    public var leastSpanMilliseconds: UInt64 = 3_600_000
    /// So many names beside each other, with the same ports, are put together to a wildcard.
    public var wildcardNames = 5
    /// Below what wildcards may begin; nil for no wildcards.
    public var suffixes: PublicSuffixes?
    /// Whether there is an allowlist for each model, where that is known.
    public var isByModel = false
    /// What the allowlists do.
    public var mode = Allowlist.Mode.enforce

    /// The defaults.
    public init() {}
}
