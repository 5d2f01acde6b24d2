/// The ciphers and digests that passive capture needs, and that a pure module may not link: an edge hands them in.
///
/// Keys here are no secrets: QUIC's come from the packet itself (RFC 9001 §5.2), Tuya's is published. All answer nil
/// where the library refuses, as one in FIPS mode does for MD5.
public struct CaptureCiphers: Sendable {
    /// A cipher: key and whole blocks of 16 bytes to as many bytes.
    public typealias BlockCipher = @Sendable (_ key: [UInt8], _ blocks: [UInt8]) -> [UInt8]?
    /// An authenticated cipher: `sealed` ends with a tag of 16 bytes; nil also where the tag is wrong.
    public typealias Opening =
        @Sendable (_ key: [UInt8], _ nonce: [UInt8], _ associated: [UInt8], _ sealed: [UInt8]) -> [UInt8]?
    /// A digest.
    public typealias Digest = @Sendable (_ bytes: [UInt8]) -> [UInt8]?
    /// A message authentication code.
    public typealias Authentication = @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]

    /// AES-128 in ECB mode, without padding.
    public let encryptAES: BlockCipher
    /// Its inverse.
    public let decryptAES: BlockCipher
    /// AES-128 in GCM mode with a nonce of 12 bytes (RFC 5116 §5.1).
    public let openAESGCM: Opening
    /// HMAC with SHA-256: 32 bytes.
    public let hmacSHA256: Authentication
    /// MD5: 16 bytes. For names that others gave to what they saw, never for trust.
    public let md5: Digest

    /// None: what needs one stays closed.
    public static let none = CaptureCiphers(
        encryptAES: { _, _ in nil },
        decryptAES: { _, _ in nil },
        openAESGCM: { _, _, _, _ in nil },
        hmacSHA256: { _, _ in [] },
        md5: { _ in nil }
    )

    /// What an edge offers.
    public init(
        encryptAES: @escaping BlockCipher,
        decryptAES: @escaping BlockCipher,
        openAESGCM: @escaping Opening,
        hmacSHA256: @escaping Authentication,
        md5: @escaping Digest
    ) {
        self.encryptAES = encryptAES
        self.decryptAES = decryptAES
        self.openAESGCM = openAESGCM
        self.hmacSHA256 = hmacSHA256
        self.md5 = md5
    }
}
