internal import CollectorCore
internal import NetworkTypes
public import TLS
internal import WireProtocol

/// Passwords as they are stored: `scrypt$15$8$1$SALT$HASH` (RFC 7914; the logarithm of the cost, block size,
/// parallelization, then salt and hash in Base64). The parameters stand in the text, so that they can be raised later.
public enum PasswordHash {
    /// Fewest characters of a password (NIST SP 800-63B asks for 8 at least, and for no rules about their kind).
    public static let minimumLength = 12
    /// Most bytes of a password.
    public static let maximumBytes = 256

    private static let costLogarithm: UInt64 = 15
    private static let blockSize: UInt64 = 8
    private static let parallelization: UInt64 = 1
    private static let saltCount = 16
    /// Bounds of what a stored text may ask for, so that a spoilt row cannot eat all memory.
    private static let maximumCostLogarithm: UInt64 = 17

    /// The text to store.
    public static func make(_ password: String) throws(TLSError) -> String {
        let salt = try Cryptography.randomBytes(saltCount)
        let hash = try Cryptography.scrypt(
            password: Array(password.utf8),
            salt: salt,
            cost: 1 << costLogarithm,
            blockSize: blockSize,
            parallelization: parallelization
        )
        return ["scrypt", "\(costLogarithm)", "\(blockSize)", "\(parallelization)"].joined(separator: "$")
            + "$\(Base64.encode(salt).text)$\(Base64.encode(hash).text)"
    }

    /// Whether a stored text is that of a password; false for a text that is none. Takes about a tenth of a second.
    public static func verify(_ password: String, _ stored: String) -> Bool {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", password.utf8.count <= maximumBytes,
            let cost = UInt64(parts[1]), cost >= 1, cost <= maximumCostLogarithm,
            let block = UInt64(parts[2]), block >= 1, block <= 16,
            let lanes = UInt64(parts[3]), lanes >= 1, lanes <= 4,
            let salt = Base64.decode(ByteString(utf8: String(parts[4]))),
            let hash = Base64.decode(ByteString(utf8: String(parts[5]))), !hash.isEmpty
        else { return false }
        do {
            let computed = try Cryptography.scrypt(
                password: Array(password.utf8),
                salt: salt,
                cost: 1 << cost,
                blockSize: block,
                parallelization: lanes,
                outputCount: hash.count
            )
            return Cryptography.constantTimeEqual(computed, hash)
        } catch {
            return false
        }
    }

    /// What is wrong with a password that somebody chose; nil where nothing is.
    public static func fault(of password: String, user: String) -> String? {
        if password.count < minimumLength { return "it has fewer than \(minimumLength) characters" }
        if password.utf8.count > maximumBytes { return "it has more than \(maximumBytes) bytes" }
        if password.lowercased() == user.lowercased() { return "it is the user's name" }
        if Set(password).count < 4 { return "it has fewer than 4 different characters" }
        return nil
    }
}
