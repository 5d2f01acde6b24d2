public import NetworkTypes
import WireProtocol

/// What an operator signed: COSE_Sign1 (RFC 9052 §4.2), tagged, with EdDSA over Ed25519 (RFC 9053 §2.2).
///
///     18([ << {1: -8, 3: content type, 4: key identifier} >>, {}, payload, signature ])
///
/// Only this shape is read: one algorithm, no unprotected headers, nothing detached. What cannot be said cannot be
/// said ambiguously. The content type is signed too, so that what was signed as one thing is never taken for another.
public struct SignedEnvelope: Hashable, Sendable {
    /// Bytes of an Ed25519 signature (RFC 8032 §5.1.6).
    public static let signatureLength = 64
    /// Bytes of a key identifier.
    public static let keyIDLength = 8

    /// COSE_Sign1's tag.
    private static let tag: UInt64 = 18
    /// EdDSA.
    private static let algorithm: Int64 = -8

    /// What the payload is: the content type in the protected header.
    public let subject: Subject
    /// The first bytes of the SHA-256 of the signer's raw public key.
    public let keyID: ByteString
    /// What was signed. Not to be looked into before the signature holds.
    public let payload: [UInt8]
    /// The signature over `toBeSigned`.
    public let signature: [UInt8]

    /// What an envelope can hold.
    public enum Subject: Hashable, Sendable {
        /// A `PolicyBundle`.
        case policy
        /// The `FileManifest` of a knowledge file.
        case knowledge
        /// The `FileManifest` of blocklists.
        case blocklist

        /// The content type (RFC 9052 §3.1).
        public var contentType: ByteString {
            switch self {
            case .policy: return "application/gatehouse-policy+cbor"
            case .knowledge: return "application/gatehouse-knowledge+cbor"
            case .blocklist: return "application/gatehouse-blocklist+cbor"
            }
        }

        /// Most bytes of a payload.
        var payloadLimit: Int {
            switch self {
            case .policy: return PolicyLimits.bundleBytes
            case .knowledge, .blocklist: return 256
            }
        }
    }

    /// An envelope around a payload that was signed already.
    public init(_ subject: Subject, payload: [UInt8], keyID: ByteString, signature: [UInt8]) {
        self.subject = subject
        self.payload = payload
        self.keyID = keyID
        self.signature = signature
    }

    /// The identifier of a raw Ed25519 public key.
    public static func keyID(of publicKey: [UInt8]) -> ByteString {
        ByteString(Array(SHA256.hash(publicKey)[..<keyIDLength]))
    }

    private static func protectedHeader(_ subject: Subject, keyID: ByteString) -> [UInt8] {
        CBOREncoder.encodingMap { map in
            map.item(1) { $0.integer(algorithm) }
            map.text(3, subject.contentType)
            map.bytes(4, keyID)
        }
    }

    /// What a signer signs: the Sig_structure of RFC 9052 §4.4, without external data.
    public static func toBeSigned(_ subject: Subject, payload: [UInt8], keyID: ByteString) -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.array(count: 4)
        encoder.text("Signature1")
        encoder.bytes(protectedHeader(subject, keyID: keyID))
        encoder.bytes([])
        encoder.bytes(payload)
        return encoder.encoded
    }

    /// What was signed.
    public var toBeSigned: [UInt8] { SignedEnvelope.toBeSigned(subject, payload: payload, keyID: keyID) }

    /// The envelope's bytes.
    public func encoded() -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.tag(SignedEnvelope.tag)
        encoder.array(count: 4)
        encoder.bytes(SignedEnvelope.protectedHeader(subject, keyID: keyID))
        encoder.map { _ in }
        encoder.bytes(payload)
        encoder.bytes(signature)
        return encoder.encoded
    }

    /// Decodes an envelope that holds `subject`, and no other; the payload is not looked into.
    public init(_ subject: Subject, parsing reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        guard try reader.readCBORTag() == SignedEnvelope.tag else { throw DecodeError(.unsupported, at: start) }
        try reader.expectArray(count: 4)
        let headerStart = reader.position
        let header = try reader.readCBORBytes(limit: 128).bytes
        // The header must be in every byte the one this type writes.
        guard header.count > SignedEnvelope.keyIDLength else { throw DecodeError(.malformed, at: headerStart) }
        keyID = ByteString(Array(header.suffix(SignedEnvelope.keyIDLength)))
        guard SignedEnvelope.protectedHeader(subject, keyID: keyID) == header else {
            throw DecodeError(.unsupported, at: headerStart)
        }
        let unprotectedStart = reader.position
        guard try reader.readCBORMap(limit: 8) == 0 else { throw DecodeError(.unsupported, at: unprotectedStart) }
        payload = try reader.readCBORBytes(limit: subject.payloadLimit).bytes
        let signatureStart = reader.position
        signature = try reader.readCBORBytes(limit: SignedEnvelope.signatureLength).bytes
        guard signature.count == SignedEnvelope.signatureLength else {
            throw DecodeError(.malformed, at: signatureStart)
        }
        self.subject = subject
    }

    /// Checks the signature against the keys that are trusted here; nothing of the payload is parsed.
    ///
    /// `verify` checks an Ed25519 signature and is given by the program, which links the cryptography;
    /// `trustedKeys` are raw public keys. Throws `signature` or `unknownKey`.
    public func check(
        by verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool,
        trustedKeys: [[UInt8]]
    ) throws(PolicyRefusal) {
        let candidates = trustedKeys.filter { SignedEnvelope.keyID(of: $0) == keyID }
        guard !candidates.isEmpty else {
            var detail: ByteString = "signed by key "
            detail.append(Hexadecimal.encode(keyID.bytes))
            detail.append(", which is not trusted here; sign with a trusted key, or enrol again with this one")
            throw PolicyRefusal(.unknownKey, detail)
        }
        let message = toBeSigned
        guard candidates.contains(where: { verify($0, message, signature) }) else {
            throw PolicyRefusal(
                .signature,
                "the signature does not hold: the envelope was altered, or is not of this key"
            )
        }
    }
}
