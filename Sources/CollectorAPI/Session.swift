/// A user name and password, given for a token.
public struct LoginRequest: Codable, Sendable {
    /// The user's name.
    public var user: String
    /// The password, or the one-time password that the collector printed.
    public var password: String
    /// Becomes the password; has to be there when `password` is a one-time password.
    public var newPassword: String?

    /// A request.
    public init(user: String, password: String, newPassword: String? = nil) {
        self.user = user
        self.password = password
        self.newPassword = newPassword
    }
}

/// What a login gives.
public struct LoginResponse: Codable, Sendable {
    /// The secret for `Authorization: Bearer`.
    public var token: String
    /// When it ends.
    public var expires: Timestamp
    /// The user's name.
    public var user: String
    /// `viewer`, `operator`, `signer`, `admin`
    public var role: String

    /// A response.
    public init(token: String, expires: Timestamp, user: String, role: String) {
        self.token = token
        self.expires = expires
        self.user = user
        self.role = role
    }
}

/// Who a token or cookie stands for.
public struct SessionResource: Codable, Sendable {
    /// The user's name.
    public var user: String
    /// `viewer`, `operator`, `signer`, `admin`
    public var role: String
    /// When the session ends.
    public var expires: Timestamp

    /// A session.
    public init(user: String, role: String, expires: Timestamp) {
        self.user = user
        self.role = role
        self.expires = expires
    }
}
