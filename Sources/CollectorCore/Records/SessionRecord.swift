/// A login of the console. The cookie's secret is not kept, only its hash.
public struct SessionRecord: Hashable, Sendable, Codable {
    /// SHA-256 of the cookie's secret: its name.
    public var secretHash: [UInt8]
    /// The tenant of the person.
    public var tenant: String
    /// Who.
    public var user: String
    /// Must come with every form of the session.
    public var formToken: String
    /// When it began, milliseconds since 1970, as all times here.
    public var createdMilliseconds: UInt64
    /// When it ends.
    public var expiresMilliseconds: UInt64

    /// A session.
    public init(
        secretHash: [UInt8],
        tenant: String,
        user: String,
        formToken: String,
        createdMilliseconds: UInt64,
        expiresMilliseconds: UInt64
    ) {
        self.secretHash = secretHash
        self.tenant = tenant
        self.user = user
        self.formToken = formToken
        self.createdMilliseconds = createdMilliseconds
        self.expiresMilliseconds = expiresMilliseconds
    }
}
