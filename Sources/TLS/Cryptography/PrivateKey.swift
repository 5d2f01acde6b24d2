internal import COpenSSL
public import NetworkTypes

/// The private key of a certificate: EC P-256 when made here; what a PEM file holds otherwise.
///
/// Immutable once made, so it may be used from several threads.
@safe public final class PrivateKey: @unchecked Sendable {
    let handle: OpaquePointer

    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe EVP_PKEY_free(handle) }

    /// A new key on P-256 (FIPS 186-5).
    public static func generate() throws(TLSError) -> PrivateKey {
        guard let handle = unsafe shim_EVP_EC_gen("P-256") else { throw .openSSL(.system, "cannot make a P-256 key") }
        return unsafe PrivateKey(owning: handle)
    }

    /// The first private key of a PEM text, PKCS#8 or the older forms, not encrypted.
    public convenience init(pem: ByteString) throws(TLSError) {
        ERR_clear_error()
        let buffer = try MemoryBuffer(pem.bytes)
        guard let handle = unsafe PEM_read_bio_PrivateKey(buffer.bio, nil, refusePassphrase, nil) else {
            throw .openSSL(.malformed, "no usable private key in the PEM text")
        }
        unsafe self.init(owning: handle)
    }

    /// PKCS#8 in PEM, not encrypted: for a file that only its owner may read.
    public func pem() throws(TLSError) -> ByteString {
        let buffer = try MemoryBuffer()
        guard unsafe PEM_write_bio_PKCS8PrivateKey(buffer.bio, handle, nil, nil, 0, nil, nil) == 1 else {
            throw .openSSL(.system, "cannot write the private key")
        }
        return ByteString(buffer.contents)
    }

    /// The SubjectPublicKeyInfo of the public half, in DER (RFC 5280 section 4.1.2.7).
    public var publicKeyDER: [UInt8] { unsafe TLS.publicKeyDER(handle) }
}

/// Answers a request for a passphrase with "none": a service has nobody to ask.
func refusePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int32,
    _ isWriting: Int32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 { -1 }

/// The SubjectPublicKeyInfo of a key, in DER; empty if OpenSSL cannot encode it.
@unsafe func publicKeyDER(_ key: OpaquePointer?) -> [UInt8] {
    let count = unsafe i2d_PUBKEY(key, nil)
    guard count > 0 else { return [] }
    var output = [UInt8](repeating: 0, count: Int(count))
    _ = unsafe output.withUnsafeMutableBufferPointer { buffer in
        var cursor = buffer.baseAddress
        return unsafe i2d_PUBKEY(key, &cursor)
    }
    return output
}
