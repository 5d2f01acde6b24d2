public import NetworkTypes

/// Why a signed file was not taken. The one in use stays in use.
public struct FileRefusal: Error, Hashable, Sendable {
    /// Which check refused it.
    public let reason: Reason
    /// What was wrong, and what to do, for people.
    public let detail: ByteString

    /// A refusal.
    public init(_ reason: Reason, _ detail: ByteString) {
        self.reason = reason
        self.detail = detail
    }

    /// The checks, in the order in which they are made.
    public enum Reason: UInt8, CaseIterable, Hashable, Sendable {
        /// No envelope of a file of that kind, or the signature does not hold.
        case signature
        /// Signed by a key that is not trusted here.
        case unknownKey
        /// The signature holds, but the manifest is none that this version understands.
        case invalid
        /// Not above the version seen here, and without a grant.
        case version
        /// It did not arrive.
        case transfer
        /// What arrived is not what was signed.
        case damaged
        /// It is what was signed, but no file that this program reads.
        case unreadable
        /// It could not be written to the disk.
        case storage

        /// `unknown-key`
        public var name: ByteString {
            switch self {
            case .signature: return "signature"
            case .unknownKey: return "unknown-key"
            case .invalid: return "invalid"
            case .version: return "version"
            case .transfer: return "transfer"
            case .damaged: return "damaged"
            case .unreadable: return "unreadable"
            case .storage: return "storage"
            }
        }
    }
}
