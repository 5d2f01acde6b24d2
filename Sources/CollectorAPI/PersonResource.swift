/// Somebody who may log in.
public struct PersonResource: Codable, Sendable {
    /// The login.
    public var user: String
    /// `viewer`, `operator`, `signer`, `admin`
    public var role: String
    /// When it was made.
    public var created: Timestamp
    /// Whether the password must be changed at the next login.
    public var mustChangePassword: Bool
    /// Whether the login is shut.
    public var isDisabled: Bool
    /// Only in the answer to its making.
    public var oneTimePassword: String?

    /// A person.
    public init(user: String, role: String, created: Timestamp, mustChangePassword: Bool, isDisabled: Bool) {
        self.user = user
        self.role = role
        self.created = created
        self.mustChangePassword = mustChangePassword
        self.isDisabled = isDisabled
    }
}

/// A new person; the answer holds a one-time password.
public struct PersonRequest: Codable, Sendable {
    /// The login: 1 to 64 of `a-z 0-9 . _ - @`.
    public var user: String
    /// `viewer`, `operator`, `signer`, `admin`
    public var role: String

    /// A request.
    public init(user: String, role: String) {
        self.user = user
        self.role = role
    }
}

/// Why something is done, for the audit log.
public struct ReasonRequest: Codable, Sendable {
    /// For people.
    public var reason: String?

    /// A reason.
    public init(reason: String? = nil) { self.reason = reason }
}
