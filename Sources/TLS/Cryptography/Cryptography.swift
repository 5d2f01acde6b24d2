internal import COpenSSL
public import NetworkTypes

/// Digests, message authentication, password hashing, randomness and comparison, all by libcrypto.
public enum Cryptography {
    /// SHA-256 (FIPS 180-4): 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        unsafe digest(bytes, count: 32, with: EVP_sha256())
    }

    /// SHA-1: 20 bytes. Only for what a protocol asks for by name (RFC 6455 section 4.2.2).
    public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        unsafe digest(bytes, count: 20, with: EVP_sha1())
    }

    @unsafe private static func digest(_ bytes: [UInt8], count: Int, with algorithm: OpaquePointer?) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        // One-shot digests of memory fail only where libcrypto itself is broken; all zeros would then be the answer,
        // which no comparison may take for a digest, so the process ends instead.
        let done = unsafe EVP_Digest(bytes, bytes.count, &output, nil, algorithm, nil)
        precondition(done == 1, "libcrypto cannot compute a digest")
        return output
    }

    /// HMAC with SHA-256 (RFC 2104): 32 bytes.
    public static func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        let done = unsafe HMAC(
            EVP_sha256(),
            key,
            Int32(clamping: key.count),
            message,
            message.count,
            &output,
            &count
        )
        precondition(unsafe done != nil && count == 32, "libcrypto cannot compute an HMAC")
        return output
    }

    /// scrypt (RFC 7914).
    ///
    /// Memory used is `128 * cost * blockSize` bytes. `cost` must be a power of two.
    /// The defaults are 32 MiB, as OWASP asks for interactive logins.
    public static func scrypt(
        password: [UInt8],
        salt: [UInt8],
        cost: UInt64 = 1 << 15,
        blockSize: UInt64 = 8,
        parallelization: UInt64 = 1,
        outputCount: Int = 32
    ) throws(TLSError) -> [UInt8] {
        guard outputCount > 0, outputCount <= 1024 else {
            throw TLSError(.limitExceeded, "scrypt output must have 1 to 1024 bytes")
        }
        var output = [UInt8](repeating: 0, count: outputCount)
        let passwordText = password.map { CChar(bitPattern: $0) }
        let done = unsafe EVP_PBE_scrypt(
            passwordText,
            passwordText.count,
            salt,
            salt.count,
            cost,
            blockSize,
            parallelization,
            maximumScryptMemoryBytes,
            &output,
            output.count
        )
        guard done == 1 else { throw .openSSL(.system, "scrypt failed") }
        return output
    }

    /// The most memory that one `scrypt` call may use.
    public static let maximumScryptMemoryBytes: UInt64 = 256 << 20

    /// `count` bytes from the operating system's generator, by way of libcrypto's.
    public static func randomBytes(_ count: Int) throws(TLSError) -> [UInt8] {
        guard count >= 0, count <= 1 << 20 else {
            throw TLSError(.limitExceeded, "at most 1 MiB of random bytes at a time")
        }
        var output = [UInt8](repeating: 0, count: count)
        guard unsafe count == 0 || RAND_bytes(&output, Int32(count)) == 1 else {
            throw .openSSL(.system, "the system gave no random bytes")
        }
        return output
    }

    /// Whether both hold the same bytes, in time that depends on their lengths only.
    public static func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// Whether both hold the same bytes, in time that depends on their lengths only.
    public static func constantTimeEqual(_ left: ByteString, _ right: ByteString) -> Bool {
        constantTimeEqual(left.bytes, right.bytes)
    }
}
