internal import NetworkTypes
internal import TLS
internal import WireProtocol

/// Secrets that are handed out once; only their hashes are kept.
struct SecretText: Sendable {
    /// Random bytes of a secret.
    static let byteCount = 32

    /// The public half: 16 hexadecimal digits.
    let id: String
    /// 43 characters of `A-Z a-z 0-9 - _`.
    let secret: String

    /// A fresh one.
    init() throws(TLSError) {
        id = Hexadecimal.encode(try Cryptography.randomBytes(8)).text
        secret = SecretText.urlSafe(try Cryptography.randomBytes(SecretText.byteCount))
    }

    /// SHA-256 of the secret's text. It has 256 bits of randomness, so a slow hash would add nothing.
    var hash: [UInt8] { SecretText.hash(of: Array(secret.utf8)) }

    /// `id.secret`
    var text: String { "\(id).\(secret)" }

    static func hash(of secret: [UInt8]) -> [UInt8] { Cryptography.sha256(secret) }

    /// Base64url without padding (RFC 4648 §5).
    static func urlSafe(_ bytes: [UInt8]) -> String {
        String(
            decoding: Base64.encode(bytes).bytes.compactMap { byte -> UInt8? in
                switch byte {
                case UInt8(ascii: "+"): return UInt8(ascii: "-")
                case UInt8(ascii: "/"): return UInt8(ascii: "_")
                case UInt8(ascii: "="): return nil
                default: return byte
                }
            },
            as: UTF8.self
        )
    }
}
