public import CollectorCore

/// One-time enrolment tokens.
public protocol TokenStore: Sendable {
    /// Keeps a token.
    func createToken(_ token: TokenRecord, audit: AuditEntry) async throws(StoreError)

    /// Tokens, newest first.
    func tokens(tenant: String, limit: Int) async throws(StoreError) -> [TokenRecord]

    /// One token; nil where there is none.
    func token(_ id: String, tenant: String) async throws(StoreError) -> TokenRecord?

    /// Revokes a token that was not redeemed. Throws `.conflict` where it was; revoking again changes nothing.
    func revokeToken(_ id: String, tenant: String, nowMilliseconds: UInt64, audit: AuditEntry) async throws(StoreError)

    /// Redeems a token in one transaction with the issue of a certificate.
    ///
    /// `issue` makes the gateway and its certificate for a token that was found good; what it throws undoes the
    /// redemption and comes out as `.abandoned`. Of many that redeem one token at a time, exactly one wins.
    /// Throws `.tokenRefused` with the reason otherwise. The enrolment is audited in the same transaction.
    func redeemToken(
        _ credential: TokenCredential,
        nowMilliseconds: UInt64,
        issue: @escaping @Sendable (TokenRecord) throws -> IssuedCertificate
    ) async throws(StoreError) -> IssuedCertificate
}

/// What a token was exchanged for.
public struct IssuedCertificate: Hashable, Sendable {
    /// The gateway, new.
    public var gateway: GatewayRecord
    /// Its certificate, DER.
    public var certificate: [UInt8]

    /// A gateway and its certificate.
    public init(gateway: GatewayRecord, certificate: [UInt8]) {
        self.gateway = gateway
        self.certificate = certificate
    }
}
