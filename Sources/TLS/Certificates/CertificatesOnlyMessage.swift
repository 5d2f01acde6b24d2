internal import COpenSSL
internal import NetworkTypes

/// PKCS#7 that carries certificates and nothing else: what EST answers with (RFC 7030 sections 4.1.3 and 4.2.3).
public enum CertificatesOnlyMessage {
    /// The most bytes that a message may have.
    public static let maximumBytes = 256 << 10

    /// The DER encoding of a message with these certificates.
    public static func encode(_ certificates: [Certificate]) throws(TLSError) -> [UInt8] {
        ERR_clear_error()
        guard let message = unsafe shim_PKCS7_new_certificates_only() else {
            throw .openSSL(.system, "no memory for a PKCS#7 message")
        }
        defer { unsafe PKCS7_free(message) }
        for certificate in certificates {
            guard unsafe PKCS7_add_certificate(message, certificate.handle) == 1 else {
                throw .openSSL(.system, "cannot add a certificate to a PKCS#7 message")
            }
        }
        let count = unsafe i2d_PKCS7(message, nil)
        guard count > 0 else { throw .openSSL(.system, "cannot encode a PKCS#7 message") }
        var output = [UInt8](repeating: 0, count: Int(count))
        _ = unsafe output.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe i2d_PKCS7(message, &cursor)
        }
        return output
    }

    /// The certificates of a DER message, in its order; at least one, at most a chain's worth.
    public static func decode(_ der: [UInt8]) throws(TLSError) -> [Certificate] {
        ERR_clear_error()
        guard der.count <= maximumBytes else {
            throw TLSError(.limitExceeded, "a PKCS#7 message may have 256 KiB at most")
        }
        let parsed = unsafe der.withUnsafeBufferPointer { buffer -> UnsafeMutablePointer<PKCS7>? in
            var cursor = buffer.baseAddress
            return unsafe d2i_PKCS7(nil, &cursor, buffer.count)
        }
        guard let message = unsafe parsed else { throw .openSSL(.malformed, "not a DER PKCS#7 message") }
        defer { unsafe PKCS7_free(message) }
        guard let stack = unsafe shim_PKCS7_get0_certificates(message) else {
            throw TLSError(.malformed, "the PKCS#7 message holds no certificates")
        }
        let count = unsafe shim_sk_X509_num(stack)
        guard count > 0, count <= CertificateChain.maximumCertificates else {
            throw TLSError(.limitExceeded, "a PKCS#7 message must hold 1 to 8 certificates")
        }
        var certificates: [Certificate] = []
        for index in 0..<count {
            guard let handle = unsafe shim_sk_X509_value(stack, index), unsafe X509_up_ref(handle) == 1 else {
                continue
            }
            certificates.append(unsafe Certificate(owning: handle))
        }
        return certificates
    }
}
