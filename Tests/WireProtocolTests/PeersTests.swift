import Foundation
import NetworkTypes
import Policy
import Samples
import TestSupport
import Testing
import WireProtocol

/// Other people's implementations: cbor2, pycose with cryptography, websockets. See `PeersPython` for where from.
@Suite(.enabled(if: PeersPython.isPresent, "no python with cbor2, pycose and websockets: set GATEHOUSE_PEERS_PYTHON"))
struct PeersTests {
    static func hexadecimal(_ bytes: [UInt8]) -> String { Hexadecimal.encode(bytes).text }

    static func bytes(_ hexadecimal: String) throws -> [UInt8] {
        try #require(Hexadecimal.decode(ByteString(utf8: hexadecimal)))
    }

    /// cbor2 decodes every message, and would write it byte for byte as we do.
    @Test func cbor2ReadsAndWritesTheSameMessages() throws {
        let agent = MessageSamples.agentMessages.map { $0.encoded() }
        let collector = MessageSamples.collectorMessages.map { $0.encoded() }
        let reports = MessageSamples.reports.map { $0.encoded() }
        let all = agent + collector + reports + [Self.bundle.encoded()]
        let lines = try PeersPython.run("messages.py", input: all.map { Self.hexadecimal($0) + "\n" }.joined())
        #expect(lines.count == all.count)
        let decoded = try lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        for (index, line) in decoded.enumerated() { #expect(line["canonical"] as? Bool == true, "message \(index)") }
        let hello = try #require((decoded[0]["value"] as? [String: Any])?["2"] as? [String: Any])
        #expect(hello["2"] as? String == "0.1.0" && hello["3"] as? String == "arm64")
        #expect(hello["6"] as? Int == 3 && (hello["7"] as? [String: String]) == ["bytes": "deadbeef"])
        let device = try #require(
            (decoded[agent.count + collector.count]["value"] as? [String: Any])?["6"] as? [String: Any]
        )
        #expect(device["1"] as? String == "mac:ac:cc:8e:01:02:03" && device["18"] as? Bool == true)
        #expect((device["2"] as? [[String: String]])?.first == ["bytes": "c0000207"])
    }

    static var bundle: PolicyBundle {
        var bundle = PolicyBundle()
        bundle.generation = 7
        bundle.notAfterSeconds = 1_700_000_000
        bundle.allowlists = [Allowlist(name: "cameras")]
        return bundle
    }

    /// RFC 8032 §7.1, TEST 1.
    static let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    static let publicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

    /// pycose signs what we would sign, and we write the envelope it writes.
    @Test func pycoseSignsOurEnvelope() throws {
        let payload = Self.bundle.encoded()
        let lines = try PeersPython.run("envelope.py", ["sign", Self.seed, Self.hexadecimal(payload)])
        let envelope = try PolicyEnvelope(decoding: try Self.bytes(lines[0]))
        #expect(envelope.payload == payload)
        #expect(envelope.keyID == PolicyEnvelope.keyID(of: try Self.bytes(Self.publicKey)))
        #expect(Self.hexadecimal(envelope.toBeSigned) == lines[1])
        #expect(Self.hexadecimal(envelope.encoded()) == lines[0])
    }

    /// pycose verifies an envelope that we put together, and not one with an altered byte.
    @Test func pycoseVerifiesOurEnvelope() throws {
        let payload = Self.bundle.encoded()
        let signed = try PeersPython.run("envelope.py", ["sign", Self.seed, Self.hexadecimal(payload)])
        let signature = try PolicyEnvelope(decoding: try Self.bytes(signed[0])).signature
        let keyID = PolicyEnvelope.keyID(of: try Self.bytes(Self.publicKey))
        let ours = PolicyEnvelope(payload: payload, keyID: keyID, signature: signature).encoded()
        let lines = try PeersPython.run("envelope.py", ["verify", Self.publicKey, Self.hexadecimal(ours)])
        #expect(lines == [Self.hexadecimal(payload)])
        var altered = ours
        altered[altered.count - 70] ^= 1
        #expect(throws: PeersPython.Failure.self) {
            try PeersPython.run("envelope.py", ["verify", Self.publicKey, Self.hexadecimal(altered)])
        }
    }

    /// The websockets package answers our handshake, reads our frames, and we read its.
    @Test func websocketsSpeaksWithUs() throws {
        let nonce = [UInt8](0..<16)
        let request = try #require(WebSocketHandshake.request(host: "collector:7443", nonce: nonce))
        let encoder = WebSocketEncoder(role: .client)
        let message = [UInt8](repeating: 0x5A, count: 70_000)
        let sent =
            encoder.frame(.ping, [1, 2, 3], mask: 0x0102_0304)
            + encoder.frame(.binary, [9, 8], mask: 0xFFFF_FFFF, isFinal: false)
            + encoder.frame(.continuation, [7], mask: 0x8000_0001) + encoder.binary(message, mask: 0xDEAD_BEEF)
        let close = encoder.close(.goingAway, reason: "bye", mask: 5)
        let lines = try PeersPython.run(
            "websocket.py",
            input: [request, sent, close].map { Self.hexadecimal($0) + "\n" }.joined()
        )
        var input = try Self.bytes(lines[0])
        var parser = HTTPResponseParser()
        let response = try #require(try parser.read(&input))
        try WebSocketHandshake.check(response, nonce: nonce)
        #expect(input.isEmpty)
        let frames = try #require(try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [[Any]])
        #expect(frames.map { $0[0] as? String } == ["PING", "BINARY", "CONT", "BINARY", "CLOSE"])
        #expect(frames[3][2] as? String == Self.hexadecimal(message))
        var decoder = WebSocketDecoder(role: .client)
        decoder.append(try Self.bytes(lines[2]))
        var events: [WebSocketEvent] = []
        while let event = try decoder.next() { events.append(event) }
        #expect(events == [.pong([1, 2, 3]), .binary(message), .close(.goingAway, reason: "bye")])
    }
}
