public import NetworkTypes

/// What becomes of a device whose later signals say that it is another one: two devices under one address, or one that
/// pretends. It stays so until an operator lets it go (`gatehousectl device release`).
public enum ContradictionResponse: UInt8, CaseIterable, Hashable, Sendable {
    /// It is reported. Its identity counts for less now, and `minimumConfidence` may part it from the allowlist.
    case keep = 0
    /// The baseline's `unknown` holds it, whatever it is held to be.
    case unknown = 1
    /// It goes into quarantine, for as long as `onViolation` says, else for an hour; and is held by `unknown` after that.
    case quarantine = 2

    /// `keep`, `unknown`, `quarantine`
    public var name: ByteString {
        switch self {
        case .keep: return "keep"
        case .unknown: return "unknown"
        case .quarantine: return "quarantine"
        }
    }

    /// The response of a name; nil for another word.
    public init?(name: ByteString) {
        for response in ContradictionResponse.allCases where response.name == name {
            self = response
            return
        }
        return nil
    }
}
