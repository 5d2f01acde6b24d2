import NetworkTypes
import Policy
import Samples
import Testing

@Suite struct PolicyEnvelopeTests {
    static let key = [UInt8](0..<32)

    /// The Sig_structure by hand from RFC 9052 §4.4, for the public key of RFC 8032 §7.1 TEST 1 and the payload `h'a0'`.
    @Test func toBeSignedBytes() throws {
        let publicKey = try #require(
            Hexadecimal.decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        )
        let keyID = PolicyEnvelope.keyID(of: publicKey)
        #expect(Hexadecimal.encode(keyID.bytes) == "21fe31dfa154a261")
        let contentType = "6170706c69636174696f6e2f67617465686f7573652d706f6c6963792b63626f72"
        let header = "a3" + "0127" + "03" + "7821" + contentType + "04" + "48" + "21fe31dfa154a261"
        let expected = "84" + "6a5369676e617475726531" + "58" + "31" + header + "40" + "41a0"
        #expect(Hexadecimal.encode(PolicyEnvelope.toBeSigned(payload: [0xA0], keyID: keyID)).text == expected)
    }

    /// Golden: written by pycose 1.1.0 with the key of RFC 8032 §7.1 TEST 1 (`Peers/envelope.py sign`), payload `h'a0'`.
    @Test func envelopeOfPycose() throws {
        let header =
            "a301270378216170706c69636174696f6e2f67617465686f7573652d706f6c6963792b63626f72044821fe31dfa154a261"
        let signature =
            "0a8afb4874afad4318d99a0e2dc7b97b0dca8a9ab4f59ba46257759bff769f34"
            + "cfea9dd865bdfe0da6010a113e33ab37bed0bf2595177e08ca4d5cfa06cd460a"
        let text = "d284" + "5831" + header + "a0" + "41a0" + "5840" + signature
        let bytes = try #require(Hexadecimal.decode(ByteString(utf8: text)))
        let envelope = try PolicyEnvelope(decoding: bytes)
        #expect(envelope.payload == [0xA0])
        #expect(Hexadecimal.encode(envelope.signature).text == signature)
        #expect(Hexadecimal.encode(envelope.keyID.bytes) == "21fe31dfa154a261")
        #expect(envelope.encoded() == bytes)
    }

    @Test func roundTripsAndRefusesEveryPrefix() throws {
        let envelope = PolicyEnvelope(
            payload: PolicySamples.bundle.encoded(),
            keyID: PolicyEnvelope.keyID(of: Self.key),
            signature: [UInt8](repeating: 7, count: 64)
        )
        let bytes = envelope.encoded()
        #expect(Array(bytes[..<2]) == [0xD2, 0x84])
        #expect(try PolicyEnvelope(decoding: bytes) == envelope)
        for length in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try PolicyEnvelope(decoding: Array(bytes[..<length])) }
        }
        #expect(throws: DecodeError.self) { try PolicyEnvelope(decoding: bytes + [0]) }
        #expect(throws: DecodeError.self) { try PolicyEnvelope(decoding: Array(bytes.dropFirst())) }
    }

    /// One byte altered anywhere: the envelope is never accepted, and the payload never parsed as if it were.
    @Test func everyAlteredByteIsRefused() {
        let bytes = PolicySamples.sign(PolicySamples.bundle, key: Self.key)
        for index in bytes.indices {
            for bit in [0x01, 0x10, 0x80] as [UInt8] {
                var altered = bytes
                altered[index] ^= bit
                let refusal = #expect(throws: PolicyRefusal.self) {
                    try PolicyGate.accept(altered, context: PolicyGateTests.context, verify: PolicySamples.verify)
                }
                #expect(refusal?.reason == .signature || refusal?.reason == .unknownKey, "byte \(index)")
            }
        }
    }

    @Test func payloadIsNotParsedBeforeTheSignatureHolds() {
        let keyID = PolicyEnvelope.keyID(of: Self.key)
        let garbage = PolicyEnvelope(payload: [0xFF], keyID: keyID, signature: [UInt8](repeating: 0, count: 64))
        var asked = 0
        let refusal = #expect(throws: PolicyRefusal.self) {
            try PolicyGate.accept(garbage.encoded(), context: PolicyGateTests.context) { _, _, _ in
                asked += 1
                return false
            }
        }
        #expect(refusal?.reason == .signature)
        #expect(asked == 1)
    }

    @Test func signedGarbageIsInvalid() {
        let keyID = PolicyEnvelope.keyID(of: Self.key)
        let garbage = PolicyEnvelope(payload: [0xFF], keyID: keyID, signature: [UInt8](repeating: 0, count: 64))
        let refusal = #expect(throws: PolicyRefusal.self) {
            try PolicyGate.accept(garbage.encoded(), context: PolicyGateTests.context) { _, _, _ in true }
        }
        #expect(refusal?.reason == .invalid)
    }
}
