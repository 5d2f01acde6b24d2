internal import COpenSSL
public import NetworkTypes

/// Issues certificates: the collector's own, and those of the gateways.
public final class CertificateAuthority: Sendable {
    /// The authority's own certificate.
    public let certificate: Certificate
    /// The key that signs.
    public let key: PrivateKey

    /// How far before "now" a new certificate is valid, for hosts whose clocks are a little behind; never more than a
    /// tenth of its lifetime, so that two thirds of a very short life are still to come when it is issued.
    public static let backdatingSeconds: Int64 = 300

    /// An authority from its files; the key must belong to the certificate, which must be an authority's.
    public init(certificate: Certificate, key: PrivateKey) throws(TLSError) {
        guard certificate.isAuthority else { throw TLSError(.mismatch, "not the certificate of an authority") }
        guard certificate.matches(key) else {
            throw TLSError(.mismatch, "the key does not belong to the authority's certificate")
        }
        self.certificate = certificate
        self.key = key
    }

    /// Makes a self-signed authority with a new P-256 key that may have `pathLength` authorities below it.
    public static func create(
        commonName: ByteString,
        nowSeconds: Int64,
        lifetimeSeconds: Int64,
        pathLength: UInt8 = 0
    ) throws(TLSError) -> CertificateAuthority {
        let key = try PrivateKey.generate()
        let builder = try CertificateBuilder(nowSeconds: nowSeconds, lifetimeSeconds: lifetimeSeconds)
        try builder.setSubject(commonName)
        try unsafe builder.setIssuerName(X509_get_subject_name(builder.certificate.handle))
        try unsafe builder.setPublicKey(key.handle)
        var constraints = ByteString("critical,CA:TRUE,pathlen:")
        constraints.append(decimal: pathLength)
        let itself = builder.certificate
        try builder.addExtension(NID_basic_constraints, constraints, issuer: itself)
        try builder.addExtension(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: itself)
        try builder.addExtension(NID_subject_key_identifier, "hash", issuer: itself)
        return try CertificateAuthority(certificate: try builder.sign(with: key), key: key)
    }

    /// Issues a client certificate for the key of a request. Names that the request asks for are not looked at.
    public func issueClient(
        _ request: CertificateRequest,
        commonName: ByteString,
        uri: ByteString,
        nowSeconds: Int64,
        lifetimeSeconds: Int64
    ) throws(TLSError) -> Certificate {
        let names = try AlternativeNames()
        try names.append(GEN_URI, uri.bytes)
        return try unsafe issue(
            key: X509_REQ_get0_pubkey(request.handle),
            commonName: commonName,
            names: names,
            extendedKeyUsage: "clientAuth",
            nowSeconds: nowSeconds,
            lifetimeSeconds: lifetimeSeconds
        )
    }

    /// Issues a server certificate for `key`.
    public func issueServer(
        key: PrivateKey,
        commonName: ByteString,
        dnsNames: [ByteString],
        ipAddresses: [IPAddress] = [],
        nowSeconds: Int64,
        lifetimeSeconds: Int64
    ) throws(TLSError) -> Certificate {
        guard !dnsNames.isEmpty || !ipAddresses.isEmpty else {
            throw TLSError(.malformed, "a server certificate needs a DNS name or an address")
        }
        let names = try AlternativeNames()
        for name in dnsNames { try names.append(GEN_DNS, name.bytes) }
        for address in ipAddresses { try names.append(GEN_IPADD, address.octets) }
        return try unsafe issue(
            key: key.handle,
            commonName: commonName,
            names: names,
            extendedKeyUsage: "serverAuth",
            nowSeconds: nowSeconds,
            lifetimeSeconds: lifetimeSeconds
        )
    }

    @unsafe private func issue(
        key subjectKey: OpaquePointer?,
        commonName: ByteString,
        names: borrowing AlternativeNames,
        extendedKeyUsage: ByteString,
        nowSeconds: Int64,
        lifetimeSeconds: Int64
    ) throws(TLSError) -> Certificate {
        ERR_clear_error()
        let builder = try CertificateBuilder(nowSeconds: nowSeconds, lifetimeSeconds: lifetimeSeconds)
        try builder.setSubject(commonName)
        try unsafe builder.setIssuerName(X509_get_subject_name(certificate.handle))
        try unsafe builder.setPublicKey(subjectKey)
        try builder.addExtension(NID_basic_constraints, "critical,CA:FALSE", issuer: certificate)
        try builder.addExtension(NID_key_usage, "critical,digitalSignature", issuer: certificate)
        try builder.addExtension(NID_ext_key_usage, extendedKeyUsage, issuer: certificate)
        try builder.addExtension(NID_subject_key_identifier, "hash", issuer: certificate)
        try builder.addExtension(NID_authority_key_identifier, "keyid:always", issuer: certificate)
        guard
            unsafe X509_add1_ext_i2d(
                builder.certificate.handle,
                NID_subject_alt_name,
                UnsafeMutableRawPointer(names.list),
                0,
                0
            ) == 1
        else { throw .openSSL(.system, "cannot add names to a certificate") }
        return try builder.sign(with: self.key)
    }
}
