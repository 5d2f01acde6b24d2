import CollectorCore
import NetworkTypes
import TLS

/// Issues the certificates of gateways, at enrolment and at renewal. The name comes from the collector, never from the
/// request.
struct CertificateIssuer: Sendable {
    let authority: CertificateAuthority
    let trustDomain: String
    let lifetimeSeconds: Int64

    /// A certificate for the key of `request`.
    func issue(
        _ request: CertificateRequest,
        gateway: String,
        nowMilliseconds: UInt64
    ) throws(TLSError) -> Certificate {
        try authority.issueClient(
            request,
            commonName: ByteString(utf8: gateway),
            uri: ByteString(utf8: GatewayName.uri(gateway: gateway, trustDomain: trustDomain)),
            nowSeconds: Int64(clamping: nowMilliseconds / 1000),
            lifetimeSeconds: lifetimeSeconds
        )
    }
}

extension CertificateSummary {
    /// What is kept of a certificate.
    init(_ certificate: Certificate) {
        self.init()
        serialNumber = certificate.serialHexadecimal.text
        notBeforeSeconds = UInt64(max(0, certificate.notBeforeSeconds))
        notAfterSeconds = UInt64(max(0, certificate.notAfterSeconds))
    }
}
