public import NetworkTypes

/// What the agent found when it looked at a certificate that the collector answered with.
public struct RenewedCertificate: Hashable, Sendable {
    /// Whether it is for the key that was made for it.
    public var matchesKey: Bool
    /// Whether an authority signed it that this gateway has trusted since its enrolment.
    public var isIssuedByAuthority: Bool
    /// Its URI names.
    public var names: [ByteString]
    /// From when until when it is good.
    public var validity: CertificateValidity

    /// What was found.
    public init(matchesKey: Bool, isIssuedByAuthority: Bool, names: [ByteString], validity: CertificateValidity) {
        self.matchesKey = matchesKey
        self.isIssuedByAuthority = isIssuedByAuthority
        self.names = names
        self.validity = validity
    }

    /// Why it cannot take the place of a certificate with these URI names, for people; nil where it can be tried.
    public func fault(inPlaceOf present: [ByteString], now: AgentTime) -> ByteString? {
        if !matchesKey { return "the new certificate is for another key" }
        if !isIssuedByAuthority { return "the new certificate is not issued by the authority of this gateway" }
        if names != present { return "the new certificate names another gateway" }
        if validity.notAfterMilliseconds <= now.wallMilliseconds { return "the new certificate has ended already" }
        return nil
    }
}

/// When a certificate is good.
public struct CertificateValidity: Hashable, Sendable {
    /// Milliseconds since 1970.
    public var notBeforeMilliseconds: UInt64
    /// Milliseconds since 1970.
    public var notAfterMilliseconds: UInt64

    /// From seconds since 1970, as certificates have them; times before 1970 are 1970.
    public init(notBeforeSeconds: Int64, notAfterSeconds: Int64) {
        notBeforeMilliseconds = CertificateValidity.milliseconds(notBeforeSeconds)
        notAfterMilliseconds = CertificateValidity.milliseconds(notAfterSeconds)
    }

    private static func milliseconds(_ seconds: Int64) -> UInt64 {
        let (product, overflow) = UInt64(Swift.max(0, seconds)).multipliedReportingOverflow(by: 1000)
        return overflow ? UInt64.max : product
    }
}
