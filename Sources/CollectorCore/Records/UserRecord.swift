/// A person who may log in.
public struct UserRecord: Hashable, Sendable, Codable {
    /// The tenant the person works for.
    public var tenant: String
    /// The login, unique over all tenants.
    public var name: String
    /// What the person may do.
    public var role: UserRole
    /// scrypt, in the text form of the TLS module.
    public var passwordHash: String
    /// Whether the password is a one-time one, to be changed at the first login.
    public var mustChangePassword: Bool
    /// When it was made, milliseconds since 1970, as all times here.
    public var createdMilliseconds: UInt64
    /// When it was shut; nil where it is open.
    public var disabledMilliseconds: UInt64?

    /// A person.
    public init(
        tenant: String,
        name: String,
        role: UserRole,
        passwordHash: String,
        mustChangePassword: Bool,
        createdMilliseconds: UInt64
    ) {
        self.tenant = tenant
        self.name = name
        self.role = role
        self.passwordHash = passwordHash
        self.mustChangePassword = mustChangePassword
        self.createdMilliseconds = createdMilliseconds
    }
}

/// What a person may do; each role may do what those before it may, but for `signer`, which is apart (see `allows`).
public enum UserRole: String, CaseIterable, Hashable, Sendable, Codable {
    /// Look.
    case viewer
    /// Tokens, bans, releases, beside looking.
    case `operator`
    /// Hand in signed policies, beside looking.
    case signer
    /// Everything, people too.
    case admin

    /// Whether this role covers what `needed` asks for.
    public func allows(_ needed: UserRole) -> Bool {
        switch (self, needed) {
        case (.admin, _), (_, .viewer): return true
        case (.operator, .operator), (.signer, .signer): return true
        default: return false
        }
    }
}
