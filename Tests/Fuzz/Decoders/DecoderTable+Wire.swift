import NetworkTypes
import Policy
import Samples
import WireProtocol

extension DecoderTable {
    /// A message of the agent's protocol: what was read is written to the same bytes, since there is one form of it.
    private static func message<Message: MessageCoding & Sendable>(
        _ name: String,
        _ type: Message.Type,
        _ samples: @escaping @Sendable () -> [[UInt8]]
    ) -> Decoder {
        Decoder(name, maximumLength: 4096, samples: samples) { bytes in
            guard let message = try? Message(decoding: bytes) else { return false }
            _ = message.encoded()
            return true
        }
    }

    private static let response = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello"
    private static let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: x\r\n\r\n"
    private static let upgrade =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: gatehouse.v1\r\n\r\n"

    /// What comes over the uplink, to either end.
    static let wire: [Decoder] = [
        .reader("cbor", samples: [MessageSamples.hello.encoded()], maximumLength: 4096) { reader throws(DecodeError) in
            while !reader.isAtEnd { try reader.skipCBORItem() }
        },
        message("agent-message", AgentMessage.self) { MessageSamples.agentMessages.map { $0.encoded() } },
        message("collector-message", CollectorMessage.self) { MessageSamples.collectorMessages.map { $0.encoded() } },
        message("report", Report.self) { MessageSamples.reports.map { $0.encoded() } },
        Decoder("policy-bundle", maximumLength: 4096, samples: { [PolicySamples.bundle.encoded()] }) { bytes in
            guard let bundle = try? PolicyBundle(decoding: bytes) else { return false }
            _ = PolicyValidator.validate(bundle, protected: [])
            return true
        },
        Decoder(
            "policy-envelope",
            maximumLength: 4096,
            samples: { [PolicySamples.sign(PolicySamples.bundle, key: key)] }
        ) {
            bytes in
            let context = PolicyGate.Context(
                gatewayID: "gw-1",
                site: "warehouse-1",
                highestGenerationSeen: 0,
                nowSeconds: 1_700_000_000,
                protected: [],
                trustedKeys: [key]
            )
            return (try? PolicyGate.accept(bytes, context: context, verify: { _, _, _ in true })) != nil
        },
        Decoder("knowledge-manifest", samples: { [manifest.encoded()] }) { bytes in
            (try? FileManifest(.knowledge, decoding: bytes)) != nil
        },
        message("flow-report", FlowReport.self) { [MessageSamples.flows.encoded(), FlowReport().encoded()] },
        message("identity-change", IdentityChangeReport.self) { MessageSamples.device.history.map { $0.bytes } },
        Decoder("signed-knowledge", samples: { [PolicySamples.signedKnowledge(key: key)] }) { bytes in
            guard let signed = try? SignedFile(.knowledge, parsing: bytes.span),
                let manifest = try? signed.verified(by: { _, _, _ in true }, trustedKeys: [key])
            else { return false }
            try? manifest.checkVersion(seen: 3)
            try? manifest.checkFile(bytes: bytes.count - signed.envelopeBytes, hash: [])
            return true
        },
        Decoder("websocket-client", maximumLength: 4096, samples: { sessions(from: .server) }) {
            decode(webSocket: $0, role: .client)
        },
        Decoder("websocket-server", maximumLength: 4096, samples: { sessions(from: .client) }) {
            decode(webSocket: $0, role: .server)
        },
        Decoder("http-response", samples: { [response, chunks, upgrade].map { Array($0.utf8) } }) { bytes in
            var parser = HTTPResponseParser()
            // In two halves, as it comes from a socket.
            for half in [bytes.prefix(bytes.count / 2), bytes.suffix(from: bytes.count / 2)] {
                var input = Array(half)
                guard let response = try? parser.read(&input) else { continue }
                try? WebSocketHandshake.check(response, nonce: [UInt8](repeating: 7, count: 16))
                return true
            }
            return (try? parser.readEnd()) != nil
        },
        Decoder("base64", samples: { [Array("QWxhZGRpbjpvcGVuIHNlc2FtZQ==".utf8)] }) { bytes in
            _ = Base64.decode(ByteString(bytes), ignoringLineEnds: true)
            return Base64.decode(ByteString(bytes)) != nil
        },
        Decoder("utf8", samples: { [Array("aä€😀".utf8)] }) { UTF8Text.isValid(UTF8Text.sanitised($0, limit: 64)) },
        Decoder("enrolment-token", samples: { [token.text.bytes] }) { bytes in
            (try? EnrolmentToken(text: ByteString(bytes))) != nil
        },
    ]

    private static let key = [UInt8](repeating: 7, count: 32)
    private static let manifest: FileManifest = {
        var manifest = FileManifest()
        manifest.version = 3
        manifest.fileHash = ByteString([UInt8](repeating: 5, count: 32))
        manifest.fileBytes = 1000
        manifest.issuedAtSeconds = 1_700_000_000
        manifest.rollbackFrom = 4
        return manifest
    }()
    private static let token = EnrolmentToken(
        host: "collector.example",
        port: 8443,
        authoritySHA256: [UInt8](repeating: 9, count: 32),
        secret: "secret",
        policyKeys: [key]
    )

    /// A fragmented message with a ping between, a text, a close.
    private static func sessions(from role: WebSocketFrame.Role) -> [[UInt8]] {
        let encoder = WebSocketEncoder(role: role)
        let mask: UInt32 = 0x1234_5678
        return [
            encoder.frame(.binary, [1, 2, 3], mask: mask, isFinal: false) + encoder.frame(.ping, [9], mask: mask)
                + encoder.frame(.continuation, [4], mask: mask) + encoder.frame(.text, Array("ä".utf8), mask: mask)
                + encoder.close(.goingAway, reason: "bye", mask: mask),
            encoder.binary([UInt8](repeating: 5, count: 300), mask: mask),
        ]
    }

    private static func decode(webSocket bytes: [UInt8], role: WebSocketFrame.Role) -> Bool {
        var decoder = WebSocketDecoder(role: role, maximumMessageBytes: 2048)
        var events = 0
        for start in stride(from: 0, to: bytes.count, by: 7) {
            decoder.append(Array(bytes[start..<min(start + 7, bytes.count)]))
            do throws(WebSocketError) {
                while try decoder.next() != nil { events += 1 }
            } catch {
                return false
            }
        }
        return events > 0
    }
}
