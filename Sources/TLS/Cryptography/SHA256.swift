internal import COpenSSL
internal import NetworkTypes

/// SHA-256 over bytes that come in pieces.
@safe public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// Starts a digest.
    public init() throws(TLSError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .openSSL(.system, "no memory for a digest") }
        guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .openSSL(.system, "SHA-256 is not available")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Takes in the next bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        let done = unsafe bytes.withUnsafeBufferPointer { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(done == 1, "libcrypto cannot compute a digest")
    }

    /// Takes in the next bytes.
    public mutating func update(_ bytes: [UInt8]) {
        update(bytes.span)
    }

    /// The 32 bytes of the digest.
    public consuming func finalize() -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 32)
        let done = unsafe EVP_DigestFinal_ex(context, &output, nil)
        precondition(done == 1, "libcrypto cannot compute a digest")
        return output
    }
}
