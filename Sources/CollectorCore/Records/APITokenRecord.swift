/// A token for scripts and for `gatehousectl`. Its secret is not kept, only the hash.
public struct APITokenRecord: Hashable, Sendable, Codable {
    /// Its public half, lower-case hexadecimal digits.
    public var id: String
    /// SHA-256 of the secret half.
    public var secretHash: [UInt8]
    /// The tenant of the person.
    public var tenant: String
    /// Whose it is: it may do what the person may, and no more than `role`.
    public var user: String
    /// At most this.
    public var role: UserRole
    /// For people.
    public var label: String
    /// When it was made, milliseconds since 1970, as all times here.
    public var createdMilliseconds: UInt64
    /// When it ends.
    public var expiresMilliseconds: UInt64
    /// When it was revoked; nil where it was not.
    public var revokedMilliseconds: UInt64?

    /// A token.
    public init(
        id: String,
        secretHash: [UInt8],
        tenant: String,
        user: String,
        role: UserRole,
        label: String,
        createdMilliseconds: UInt64,
        expiresMilliseconds: UInt64
    ) {
        self.id = id
        self.secretHash = secretHash
        self.tenant = tenant
        self.user = user
        self.role = role
        self.label = label
        self.createdMilliseconds = createdMilliseconds
        self.expiresMilliseconds = expiresMilliseconds
    }
}
