internal import COpenSSL
public import NetworkTypes

/// A PKCS#10 certification request (RFC 2986) whose own signature has been checked.
@safe public final class CertificateRequest: @unchecked Sendable {
    let handle: OpaquePointer

    /// The most bytes that a request may have.
    public static let maximumBytes = 16 << 10

    private init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe X509_REQ_free(handle) }

    /// Makes and signs a request; `uri` becomes a subject alternative name.
    public static func make(
        key: PrivateKey,
        commonName: ByteString,
        uri: ByteString? = nil
    ) throws(TLSError) -> CertificateRequest {
        ERR_clear_error()
        guard let handle = unsafe X509_REQ_new() else { throw .openSSL(.system, "no memory for a request") }
        let request = unsafe CertificateRequest(owning: handle)
        guard unsafe X509_REQ_set_version(handle, 0) == 1, unsafe X509_REQ_set_pubkey(handle, key.handle) == 1 else {
            throw .openSSL(.system, "cannot make a request")
        }
        try unsafe setCommonName(commonName, of: X509_REQ_get_subject_name(handle))
        if let uri {
            let names = try AlternativeNames()
            try names.append(GEN_URI, uri.bytes)
            guard unsafe shim_X509_REQ_add_subject_alternative_names(handle, names.list) == 1 else {
                throw .openSSL(.system, "cannot add a name to a request")
            }
        }
        guard unsafe X509_REQ_sign(handle, key.handle, EVP_sha256()) > 0 else {
            throw .openSSL(.system, "cannot sign a request")
        }
        return request
    }

    /// Parses a DER request and checks that its sender holds the private key.
    public convenience init(der: [UInt8]) throws(TLSError) {
        ERR_clear_error()
        guard der.count <= CertificateRequest.maximumBytes else {
            throw TLSError(.limitExceeded, "a certificate request may have 16 KiB at most")
        }
        var consumed = 0
        let handle = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            let parsed = unsafe d2i_X509_REQ(nil, &cursor, buffer.count)
            if let cursor = unsafe cursor, let start = buffer.baseAddress { consumed = unsafe cursor - start }
            return unsafe parsed
        }
        guard let handle = unsafe handle else { throw .openSSL(.malformed, "not a DER certificate request") }
        unsafe self.init(owning: handle)
        guard consumed == der.count else { throw TLSError(.malformed, "bytes follow the DER certificate request") }
        try checkSignature()
    }

    /// Parses a PEM request and checks that its sender holds the private key.
    public convenience init(pem: ByteString) throws(TLSError) {
        ERR_clear_error()
        guard pem.count <= CertificateRequest.maximumBytes else {
            throw TLSError(.limitExceeded, "a certificate request may have 16 KiB at most")
        }
        let buffer = try MemoryBuffer(pem.bytes)
        guard let handle = unsafe PEM_read_bio_X509_REQ(buffer.bio, nil, refusePassphrase, nil) else {
            throw .openSSL(.malformed, "no certificate request in the PEM text")
        }
        unsafe self.init(owning: handle)
        try checkSignature()
    }

    private func checkSignature() throws(TLSError) {
        guard let key = unsafe X509_REQ_get0_pubkey(handle) else {
            throw .openSSL(.malformed, "the certificate request has no usable public key")
        }
        // A weak key is refused here, before an authority puts its name to it: 112 bits is what OpenSSL's level 2 asks.
        guard unsafe EVP_PKEY_get_security_bits(key) >= 112 else {
            throw TLSError(.malformed, "the key of the certificate request is too weak")
        }
        guard unsafe X509_REQ_verify(handle, key) == 1 else {
            throw .openSSL(.mismatch, "the signature of the certificate request does not verify")
        }
    }

    /// The DER encoding.
    public var der: [UInt8] {
        let count = unsafe i2d_X509_REQ(handle, nil)
        guard count > 0 else { return [] }
        var output = [UInt8](repeating: 0, count: Int(count))
        _ = unsafe output.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe i2d_X509_REQ(handle, &cursor)
        }
        return output
    }

    /// The PEM encoding.
    public func pem() throws(TLSError) -> ByteString {
        let buffer = try MemoryBuffer()
        guard unsafe PEM_write_bio_X509_REQ(buffer.bio, handle) == 1 else {
            throw .openSSL(.system, "cannot write the request")
        }
        return ByteString(buffer.contents)
    }

    /// The common name asked for.
    public var commonName: ByteString? { unsafe TLS.commonName(of: X509_REQ_get_subject_name(handle)) }

    /// The URI names asked for. An authority decides for itself what it grants.
    public var uris: [ByteString] {
        guard let list = unsafe shim_X509_REQ_get_subject_alternative_names(handle) else { return [] }
        defer { unsafe shim_GENERAL_NAMES_free(list) }
        return unsafe names(of: GEN_URI, in: list)
    }

    /// The SubjectPublicKeyInfo in DER.
    public var publicKeyDER: [UInt8] { unsafe TLS.publicKeyDER(X509_REQ_get0_pubkey(handle)) }
}

/// Sets the common name of a distinguished name; at most 64 characters (RFC 5280 appendix A.1).
@unsafe func setCommonName(_ text: ByteString, of name: OpaquePointer?) throws(TLSError) {
    // MBSTRING_UTF8 is a macro with a cast-free but computed value: MBSTRING_FLAG, openssl/asn1.h.
    guard
        unsafe X509_NAME_add_entry_by_NID(
            name,
            NID_commonName,
            MBSTRING_FLAG,
            text.bytes,
            Int32(clamping: text.count),
            -1,
            0
        ) == 1
    else { throw .openSSL(.malformed, "cannot be a common name") }
}
