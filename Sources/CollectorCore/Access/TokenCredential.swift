/// What an agent hands in to enrol: the two halves of a token's text, `<id>.<secret>`.
public struct TokenCredential: Hashable, Sendable {
    /// The public half, lower-case hexadecimal digits.
    public var id: String
    /// SHA-256 of the secret half.
    public var secretHash: [UInt8]

    /// A credential.
    public init(id: String, secretHash: [UInt8]) {
        self.id = id
        self.secretHash = secretHash
    }

    /// Most bytes of a token's text.
    public static let maximumLength = 128

    /// The halves of a token's text: `id` 16 hexadecimal digits, `secret` of 32 bytes or more of `A-Z a-z 0-9 - _`;
    /// nil if it is anything else.
    public static func split(_ text: String) -> (id: String, secret: [UInt8])? {
        let bytes = Array(text.utf8)
        guard bytes.count <= maximumLength, let dot = bytes.firstIndex(of: 0x2E), dot == 16 else { return nil }
        let secret = Array(bytes[(dot + 1)...])
        guard secret.count >= 32, bytes[..<dot].allSatisfy(isLowercaseHexadecimal), secret.allSatisfy(isURLSafe) else {
            return nil
        }
        return (String(decoding: bytes[..<dot], as: UTF8.self), secret)
    }

    private static func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)
    }

    private static func isURLSafe(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
            || byte == 0x2D || byte == 0x5F
    }
}
