/// A one-time enrolment token. Its secret is not kept, only the hash.
public struct TokenRecord: Hashable, Sendable, Codable {
    /// The tenant of the gateway it will enrol.
    public var tenant: String
    /// Its public half, lower-case hexadecimal digits.
    public var id: String
    /// SHA-256 of the secret half.
    public var secretHash: [UInt8]
    /// The name of the gateway it will enrol, for people; empty for none.
    public var gatewayName: String
    /// The site of the gateway it will enrol.
    public var site: String
    /// Labels of the gateway it will enrol.
    public var labels: [String: String]
    /// Who made it.
    public var actor: String
    /// When, milliseconds since 1970, as all times here.
    public var createdMilliseconds: UInt64
    /// After this it is refused.
    public var expiresMilliseconds: UInt64
    /// When it was redeemed; nil where it was not.
    public var redeemedMilliseconds: UInt64?
    /// The gateway it enrolled; empty where it was not redeemed.
    public var redeemedBy: String = ""
    /// When it was revoked; nil where it was not.
    public var revokedMilliseconds: UInt64?

    /// A fresh token.
    public init(
        tenant: String,
        id: String,
        secretHash: [UInt8],
        gatewayName: String,
        site: String,
        labels: [String: String] = [:],
        actor: String,
        createdMilliseconds: UInt64,
        expiresMilliseconds: UInt64
    ) {
        self.tenant = tenant
        self.id = id
        self.secretHash = secretHash
        self.gatewayName = gatewayName
        self.site = site
        self.labels = labels
        self.actor = actor
        self.createdMilliseconds = createdMilliseconds
        self.expiresMilliseconds = expiresMilliseconds
    }
}
