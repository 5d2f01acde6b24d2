public import NetworkTypes

/// Whether something is allowed, and why.
public enum Permission: Hashable, Sendable {
    /// The rule of this index in the allowlist allows it.
    case allowed(rule: Int)
    /// No rule allows it.
    case notAllowed
    /// The baseline blocks it for everybody.
    case blocked

    /// Whether it is allowed.
    public var isAllowed: Bool {
        guard case .allowed = self else { return false }
        return true
    }

    /// `allowed`, `not-allowed`, `blocked`: the last two are the names that reports of violations use.
    public var name: ByteString {
        switch self {
        case .allowed: return "allowed"
        case .notAllowed: return "not-allowed"
        case .blocked: return "blocked"
        }
    }
}
