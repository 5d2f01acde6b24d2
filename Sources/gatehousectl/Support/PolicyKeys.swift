import NetworkTypes
import Policy
import TLS
import WireProtocol

/// Key files of policies. Private: PKCS#8 in PEM, for its owner alone. Public: one line, 64 hexadecimal digits.
enum PolicyKeys {
    static func signingKey(_ path: String) throws(ControlError) -> Ed25519SigningKey {
        let text = ByteString(try Files.read(path, limit: 65_536))
        do throws(TLSError) {
            return try Ed25519SigningKey(pem: text)
        } catch {
            throw ControlError(.badData, "\(path): \(error); make a key with gatehousectl policy keygen")
        }
    }

    /// A raw public key from a file: hexadecimal digits or Base64.
    static func publicKey(_ path: String) throws(ControlError) -> [UInt8] {
        let text = ByteString(utf8: try Files.line(path)).trimmed
        if let key = Hexadecimal.decode(text), key.count == Ed25519.publicKeyCount { return key }
        if let key = Base64.decode(text), key.count == Ed25519.publicKeyCount { return key }
        throw ControlError(
            .badData,
            "\(path): not a public key of 64 hexadecimal digits; give the .pub file of gatehousectl policy keygen"
        )
    }

    /// The identifier of a raw public key, hexadecimal.
    static func identifier(_ publicKey: [UInt8]) -> String {
        Hexadecimal.encode(PolicyEnvelope.keyID(of: publicKey).bytes).text
    }
}
