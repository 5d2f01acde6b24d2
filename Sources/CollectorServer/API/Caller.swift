public import CollectorCore

/// Who asks, and what he may do.
public struct Caller: Sendable {
    /// The tenant he works for.
    public let tenant: String
    /// His login.
    public let user: String
    /// What he may do.
    public let role: UserRole
    /// When his session or token ends, milliseconds since 1970.
    public let expiresMilliseconds: UInt64
    /// How he showed who he is.
    public let proof: Proof

    /// How a caller showed who he is.
    public enum Proof: Sendable {
        /// With an API token, in `Authorization: Bearer`.
        case bearer(id: String)
        /// With the console's cookie. Browsers send cookies unasked, so every change needs the form token too.
        case cookie(secretHash: [UInt8], formToken: String)
    }

    /// Makes a caller.
    public init(tenant: String, user: String, role: UserRole, expiresMilliseconds: UInt64, proof: Proof) {
        self.tenant = tenant
        self.user = user
        self.role = role
        self.expiresMilliseconds = expiresMilliseconds
        self.proof = proof
    }
}
