public import NetworkTypes
import WireProtocol

/// A signed policy: COSE_Sign1 (RFC 9052 §4.2), tagged, with EdDSA over Ed25519 (RFC 9053 §2.2).
///
///     18([ << {1: -8, 3: "application/gatehouse-policy+cbor", 4: key identifier} >>, {}, payload, signature ])
///
/// Only this shape is read: one algorithm, no unprotected headers, nothing detached. What cannot be said cannot be
/// said ambiguously.
public struct PolicyEnvelope: Hashable, Sendable {
    /// Bytes of an Ed25519 signature (RFC 8032 §5.1.6).
    public static let signatureLength = 64
    /// Bytes of an Ed25519 public key (RFC 8032 §5.1.5).
    public static let publicKeyLength = 32
    /// Bytes of a key identifier.
    public static let keyIDLength = 8
    /// The content type in the protected header.
    public static let contentType: ByteString = "application/gatehouse-policy+cbor"

    /// COSE_Sign1's tag.
    private static let tag: UInt64 = 18
    /// EdDSA.
    private static let algorithm: Int64 = -8

    /// The first bytes of the SHA-256 of the signer's raw public key.
    public let keyID: ByteString
    /// The encoded `PolicyBundle`. Not to be looked into before the signature holds.
    public let payload: [UInt8]
    /// The signature over `toBeSigned`.
    public let signature: [UInt8]

    /// An envelope around a payload that was signed already.
    public init(payload: [UInt8], keyID: ByteString, signature: [UInt8]) {
        self.payload = payload
        self.keyID = keyID
        self.signature = signature
    }

    /// The identifier of a raw Ed25519 public key.
    public static func keyID(of publicKey: [UInt8]) -> ByteString {
        ByteString(Array(SHA256.hash(publicKey)[..<keyIDLength]))
    }

    private static func protectedHeader(keyID: ByteString) -> [UInt8] {
        CBOREncoder.encodingMap { map in
            map.item(1) { $0.integer(algorithm) }
            map.text(3, contentType)
            map.bytes(4, keyID)
        }
    }

    /// What a signer signs: the Sig_structure of RFC 9052 §4.4, without external data.
    public static func toBeSigned(payload: [UInt8], keyID: ByteString) -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.array(count: 4)
        encoder.text("Signature1")
        encoder.bytes(protectedHeader(keyID: keyID))
        encoder.bytes([])
        encoder.bytes(payload)
        return encoder.encoded
    }

    /// What was signed.
    public var toBeSigned: [UInt8] { PolicyEnvelope.toBeSigned(payload: payload, keyID: keyID) }

    /// The envelope's bytes.
    public func encoded() -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.tag(PolicyEnvelope.tag)
        encoder.array(count: 4)
        encoder.bytes(PolicyEnvelope.protectedHeader(keyID: keyID))
        encoder.map { _ in }
        encoder.bytes(payload)
        encoder.bytes(signature)
        return encoder.encoded
    }

    /// Decodes all of `bytes`; the payload is not looked into.
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span)
        guard try reader.readCBORTag() == PolicyEnvelope.tag else { throw DecodeError(.unsupported, at: 0) }
        try reader.expectArray(count: 4)
        let headerStart = reader.position
        let header = try reader.readCBORBytes(limit: 128).bytes
        keyID = try PolicyEnvelope.keyID(inHeader: header, at: headerStart)
        let unprotectedStart = reader.position
        guard try reader.readCBORMap(limit: 8) == 0 else { throw DecodeError(.unsupported, at: unprotectedStart) }
        payload = try reader.readCBORBytes(limit: PolicyLimits.bundleBytes).bytes
        let signatureStart = reader.position
        signature = try reader.readCBORBytes(limit: PolicyEnvelope.signatureLength).bytes
        guard signature.count == PolicyEnvelope.signatureLength else {
            throw DecodeError(.malformed, at: signatureStart)
        }
        try reader.expectEnd()
    }

    /// The key identifier of a protected header that is in every byte the one this type writes.
    private static func keyID(inHeader header: [UInt8], at offset: Int) throws(DecodeError) -> ByteString {
        guard header.count > keyIDLength else { throw DecodeError(.malformed, at: offset) }
        let keyID = ByteString(Array(header.suffix(keyIDLength)))
        guard protectedHeader(keyID: keyID) == header else { throw DecodeError(.unsupported, at: offset) }
        return keyID
    }
}

extension PolicyEnvelope {
    /// The bundle, once the signature holds. Nothing of the payload is parsed before.
    ///
    /// `verify` checks an Ed25519 signature and is given by the program, which links the cryptography;
    /// `trustedKeys` are raw public keys.
    public func verified(
        by verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool,
        trustedKeys: [[UInt8]]
    ) throws(PolicyRefusal) -> PolicyBundle {
        let candidates = trustedKeys.filter { PolicyEnvelope.keyID(of: $0) == keyID }
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
        do throws(DecodeError) {
            return try PolicyBundle(decoding: payload)
        } catch {
            var detail: ByteString = "the payload is no policy that this version understands (byte "
            detail.append(decimal: error.offset)
            detail.append("); sign with a gatehousectl of this version")
            throw PolicyRefusal(.invalid, detail)
        }
    }
}
