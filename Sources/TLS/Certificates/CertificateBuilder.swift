internal import COpenSSL
internal import NetworkTypes

/// A certificate that is being filled in, before it is signed.
struct CertificateBuilder {
    let certificate: Certificate

    /// Version 3, a random serial number of 127 bits (RFC 5280 section 4.1.2.2), and the validity.
    init(nowSeconds: Int64, lifetimeSeconds: Int64) throws(TLSError) {
        ERR_clear_error()
        guard let handle = unsafe X509_new() else { throw .openSSL(.system, "no memory for a certificate") }
        certificate = unsafe Certificate(owning: handle)
        var serial = try Cryptography.randomBytes(16)
        // Positive, and never shorter than its 16 bytes.
        serial[0] = serial[0] & 0x7F | 0x40
        let (notAfter, overflow) = nowSeconds.addingReportingOverflow(lifetimeSeconds)
        guard lifetimeSeconds > 0, !overflow else { throw TLSError(.malformed, "a lifetime must be positive") }
        let backdating = min(CertificateAuthority.backdatingSeconds, lifetimeSeconds / 10)
        guard unsafe X509_set_version(handle, 2) == 1,
            unsafe ASN1_STRING_set(X509_get_serialNumber(handle), serial, 16) == 1,
            unsafe set(X509_getm_notBefore(handle), toSeconds: nowSeconds - backdating),
            unsafe set(X509_getm_notAfter(handle), toSeconds: notAfter)
        else { throw .openSSL(.system, "cannot make a certificate") }
    }

    func setSubject(_ commonName: ByteString) throws(TLSError) {
        try unsafe setCommonName(commonName, of: X509_get_subject_name(certificate.handle))
    }

    @unsafe func setIssuerName(_ name: OpaquePointer?) throws(TLSError) {
        guard unsafe X509_set_issuer_name(certificate.handle, name) == 1 else {
            throw .openSSL(.system, "cannot set the issuer")
        }
    }

    @unsafe func setPublicKey(_ key: OpaquePointer?) throws(TLSError) {
        guard unsafe X509_set_pubkey(certificate.handle, key) == 1 else {
            throw .openSSL(.system, "cannot set the public key")
        }
    }

    /// Adds an extension from text that this module wrote; never from input.
    func addExtension(_ nid: Int32, _ text: ByteString, issuer: Certificate) throws(TLSError) {
        guard let text = text.zeroTerminated,
            unsafe shim_X509_add_extension(certificate.handle, issuer.handle, nid, text) == 1
        else { throw .openSSL(.system, "cannot add an extension") }
    }

    /// Signs with ECDSA or RSA over SHA-256. The builder must not be used after that.
    func sign(with key: PrivateKey) throws(TLSError) -> Certificate {
        guard unsafe X509_sign(certificate.handle, key.handle, EVP_sha256()) > 0 else {
            throw .openSSL(.system, "cannot sign a certificate")
        }
        return certificate
    }
}
