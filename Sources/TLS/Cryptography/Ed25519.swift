internal import COpenSSL
public import NetworkTypes

/// Ed25519 (RFC 8032): what signs policies and what checks them.
public enum Ed25519 {
    /// Bytes of a raw public key.
    public static let publicKeyCount = 32
    /// Bytes of a signature.
    public static let signatureCount = 64

    /// Whether `signature` is the one of `message` by the holder of `publicKey` (32 raw bytes).
    ///
    /// False for every malformed argument; never an error.
    public static func verify(publicKey: [UInt8], message: [UInt8], signature: [UInt8]) -> Bool {
        guard publicKey.count == publicKeyCount, signature.count == signatureCount else { return false }
        defer { ERR_clear_error() }
        guard
            let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        else { return false }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// The private half of an Ed25519 key. Immutable, so it may be used from several threads.
@safe public final class Ed25519SigningKey: @unchecked Sendable {
    private let handle: OpaquePointer

    private init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe EVP_PKEY_free(handle) }

    /// A new key.
    public static func generate() throws(TLSError) -> Ed25519SigningKey {
        guard let handle = unsafe shim_EVP_ED25519_gen() else { throw .openSSL(.system, "cannot make an Ed25519 key") }
        return unsafe Ed25519SigningKey(owning: handle)
    }

    /// The key of a 32-byte seed (RFC 8032 section 5.1.5).
    public convenience init(seed: [UInt8]) throws(TLSError) {
        guard seed.count == 32, let handle = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, 32) else {
            throw .openSSL(.malformed, "an Ed25519 seed has 32 bytes")
        }
        unsafe self.init(owning: handle)
    }

    /// The first private key of a PEM text, which must be an Ed25519 key.
    public convenience init(pem: ByteString) throws(TLSError) {
        ERR_clear_error()
        let buffer = try MemoryBuffer(pem.bytes)
        guard let handle = unsafe PEM_read_bio_PrivateKey(buffer.bio, nil, refusePassphrase, nil) else {
            throw .openSSL(.malformed, "no usable private key in the PEM text")
        }
        guard unsafe EVP_PKEY_get_id(handle) == EVP_PKEY_ED25519 else {
            unsafe EVP_PKEY_free(handle)
            throw TLSError(.malformed, "the private key is not an Ed25519 key")
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

    /// The 32 raw bytes of the public key.
    public var publicKey: [UInt8] {
        var output = [UInt8](repeating: 0, count: Ed25519.publicKeyCount)
        var count = output.count
        let done = unsafe EVP_PKEY_get_raw_public_key(handle, &output, &count)
        precondition(done == 1 && count == Ed25519.publicKeyCount, "libcrypto lost an Ed25519 public key")
        return output
    }

    /// The 64 bytes of the signature of `message`.
    public func sign(_ message: [UInt8]) throws(TLSError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .openSSL(.system, "no memory for a signature") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: Ed25519.signatureCount)
        var count = output.count
        guard unsafe EVP_DigestSignInit(context, nil, nil, nil, handle) == 1,
            unsafe EVP_DigestSign(context, &output, &count, message, message.count) == 1,
            count == Ed25519.signatureCount
        else { throw .openSSL(.system, "cannot sign") }
        return output
    }
}
