public import NetworkTypes

/// What is held to the server names that devices ask for in TLS and QUIC, on addresses that they reach by a name.
public enum ServerNameCheck: UInt8, CaseIterable, Hashable, Sendable {
    /// A name that no rule allows is cut. What names none passes, as many devices name none, and so does what cannot be
    /// read.
    case checked = 0
    /// A ClientHello must name a server that a rule allows.
    case required = 1
    /// Nothing: an address opens all that is behind it.
    case unchecked = 2

    /// `checked`, `required`, `unchecked`
    public var name: ByteString {
        switch self {
        case .checked: return "checked"
        case .required: return "required"
        case .unchecked: return "unchecked"
        }
    }

    /// The check of a name; nil for another word.
    public init?(name: ByteString) {
        for check in ServerNameCheck.allCases where check.name == name {
            self = check
            return
        }
        return nil
    }
}
