import AgentCore
import NetworkTypes
import TLS

/// The gateway's key and certificate, and the authorities it has trusted since its enrolment.
///
/// Key and certificate are one file, so that one rename replaces both: whenever the power goes, what is on the disk is
/// a pair.
struct Credentials {
    let key: PrivateKey
    let chain: CertificateChain
    let authorities: [Certificate]

    init(key: PrivateKey, chain: CertificateChain, authorities: [Certificate]) {
        self.key = key
        self.chain = chain
        self.authorities = authorities
    }

    /// From `StateDirectory.credentials` and `StateDirectory.authority`.
    init(pem: ByteString, authorities: ByteString) throws(TLSError) {
        self.init(
            key: try PrivateKey(pem: pem),
            chain: try CertificateChain(pem: pem),
            authorities: try Certificate.all(pem: authorities)
        )
        guard chain.leaf.matches(key) else { throw TLSError(.mismatch, "the key does not belong to the certificate") }
    }

    /// The file: the key, then the certificate, then what it was issued by.
    func pem() throws(TLSError) -> ByteString {
        var text = try key.pem()
        text.append(try chain.pem())
        return text
    }

    /// For one connection. A clock that is known to be behind must not refuse the collector's certificate: `time`, seconds
    /// since 1970, the earliest it can be, takes its place then.
    func context(time: Int64?) throws(TLSError) -> TLSContext {
        try TLSContext.client(
            trustedCA: authorities,
            certificate: chain,
            key: key,
            verificationTimeSeconds: time
        )
    }

    /// When the certificate is good.
    var validity: CertificateValidity {
        CertificateValidity(notBeforeSeconds: chain.leaf.notBeforeSeconds, notAfterSeconds: chain.leaf.notAfterSeconds)
    }
}
