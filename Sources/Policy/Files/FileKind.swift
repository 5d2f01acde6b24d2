public import NetworkTypes

/// The kinds of file that an operator signs for gateways.
///
/// The kind is the content type of the envelope's signed header, so a signature over one kind holds for no other. An
/// envelope of another kind is refused before its signature is looked at, and long before its payload is.
public enum FileKind: UInt8, CaseIterable, Hashable, Sendable {
    /// Rules and tables by which devices are named.
    case knowledge
    /// Compiled lists of names that policies refuse.
    case blocklist

    /// `blocklist`: of incidents, counters and files.
    public var name: ByteString {
        switch self {
        case .knowledge: return "knowledge"
        case .blocklist: return "blocklist"
        }
    }

    /// What its envelope holds.
    public var subject: SignedEnvelope.Subject {
        switch self {
        case .knowledge: return .knowledge
        case .blocklist: return .blocklist
        }
    }

    /// Most bytes of a file that is pushed: of blocklists, room for two million names.
    public var maximumFileBytes: Int {
        switch self {
        case .knowledge: return 3 << 20
        case .blocklist: return 16 << 20
        }
    }
}
