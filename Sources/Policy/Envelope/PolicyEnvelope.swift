public import NetworkTypes
import WireProtocol

/// A signed policy: a `SignedEnvelope` that holds one.
public struct PolicyEnvelope: Hashable, Sendable {
    /// Bytes of an Ed25519 signature (RFC 8032 §5.1.6).
    public static let signatureLength = SignedEnvelope.signatureLength
    /// Bytes of an Ed25519 public key (RFC 8032 §5.1.5).
    public static let publicKeyLength = 32
    /// Bytes of a key identifier.
    public static let keyIDLength = SignedEnvelope.keyIDLength
    /// The content type in the protected header.
    public static let contentType = SignedEnvelope.Subject.policy.contentType

    private let envelope: SignedEnvelope

    /// The first bytes of the SHA-256 of the signer's raw public key.
    public var keyID: ByteString { envelope.keyID }
    /// The encoded `PolicyBundle`. Not to be looked into before the signature holds.
    public var payload: [UInt8] { envelope.payload }
    /// The signature over `toBeSigned`.
    public var signature: [UInt8] { envelope.signature }
    /// What was signed.
    public var toBeSigned: [UInt8] { envelope.toBeSigned }

    /// An envelope around a payload that was signed already.
    public init(payload: [UInt8], keyID: ByteString, signature: [UInt8]) {
        envelope = SignedEnvelope(.policy, payload: payload, keyID: keyID, signature: signature)
    }

    /// The identifier of a raw Ed25519 public key.
    public static func keyID(of publicKey: [UInt8]) -> ByteString { SignedEnvelope.keyID(of: publicKey) }

    /// What a signer signs: the Sig_structure of RFC 9052 §4.4, without external data.
    public static func toBeSigned(payload: [UInt8], keyID: ByteString) -> [UInt8] {
        SignedEnvelope.toBeSigned(.policy, payload: payload, keyID: keyID)
    }

    /// The envelope's bytes.
    public func encoded() -> [UInt8] { envelope.encoded() }

    /// Decodes all of `bytes`; the payload is not looked into.
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span)
        envelope = try SignedEnvelope(.policy, parsing: &reader)
        try reader.expectEnd()
    }

    /// The bundle, once the signature holds. Nothing of the payload is parsed before.
    ///
    /// `verify` checks an Ed25519 signature and is given by the program, which links the cryptography;
    /// `trustedKeys` are raw public keys.
    public func verified(
        by verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool,
        trustedKeys: [[UInt8]]
    ) throws(PolicyRefusal) -> PolicyBundle {
        try envelope.check(by: verify, trustedKeys: trustedKeys)
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
