public import NetworkTypes

/// A gateway asks for a new certificate, over the connection that its present one opened.
public struct RenewalRequest: Hashable, Sendable {
    /// Most bytes of the request.
    public static let maximumBytes = 8 << 10

    /// PKCS#10 (RFC 2986) in DER, for a key that was made on the gateway. Its names are not looked at: the certificate
    /// is for the gateway of the connection.
    public var request: ByteString = ""

    /// All fields at their zero.
    public init() {}
}

/// The new certificate, or why there is none.
public struct RenewalAnswer: Hashable, Sendable {
    /// Most bytes of each certificate.
    public static let maximumCertificateBytes = 8 << 10

    /// The gateway's certificate, DER; empty where it was refused.
    public var certificate: ByteString = ""
    /// The authority that issued it, DER; empty where it was refused.
    public var issuer: ByteString = ""
    /// For people: why there is no certificate; empty where there is one.
    public var refusal: ByteString = ""

    /// All fields at their zero.
    public init() {}

    /// No certificate, and why.
    public init(refusal: ByteString) { self.refusal = refusal }
}
