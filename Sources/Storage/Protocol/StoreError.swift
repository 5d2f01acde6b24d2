public import CollectorCore

/// Why a store did not do what it was asked; nothing was changed.
public enum StoreError: Error, Hashable, Sendable {
    /// There is no such thing. The text names it: `gateway g-12`.
    case notFound(String)
    /// It contradicts what is there. The text says what and why.
    case conflict(String)
    /// An enrolment token was not taken.
    case tokenRefused(TokenRefusal)
    /// The work that was to be one with a transaction failed, and the transaction with it. The text says why.
    case abandoned(String)
    /// The store is closed.
    case closed
    /// More is waiting to be written than `StoreLimits.maximumPendingReports`.
    case busy
    /// The file is no database of this program, or it is damaged. The text says which and what.
    case damaged(String)
    /// The database may not be opened by this user. The text says which.
    case notAllowed(String)
    /// The database failed: full disk, lost connection. The text is its own.
    case failed(String)
}

extension StoreError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .notFound(let what): return "\(what) does not exist"
        case .conflict(let why), .abandoned(let why): return why
        case .tokenRefused(let refusal): return "enrolment token refused: \(refusal.words)"
        case .closed: return "the store is closed"
        case .busy: return "too much is waiting to be written"
        case .damaged(let why), .notAllowed(let why): return why
        case .failed(let why): return "the database failed: \(why)"
        }
    }
}
