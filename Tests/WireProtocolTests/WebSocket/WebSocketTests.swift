import NetworkTypes
import Testing
import WireProtocol

@Suite struct WebSocketTests {
    /// All events of `bytes`, given `step` bytes at a time.
    static func events(
        _ bytes: [UInt8],
        role: WebSocketFrame.Role,
        step: Int = Int.max,
        limit: Int = ProtocolVersion.maximumMessageBytes
    ) throws(WebSocketError) -> [WebSocketEvent] {
        var decoder = WebSocketDecoder(role: role, maximumMessageBytes: limit)
        var events: [WebSocketEvent] = []
        var index = 0
        while index < bytes.count {
            let count = Swift.min(step, bytes.count - index)
            decoder.append(Array(bytes[index..<(index + count)]))
            index += count
            while let event = try decoder.next() { events.append(event) }
        }
        return events
    }

    /// The examples of RFC 6455 §5.7.
    @Test func examplesOfTheRFC() throws {
        let unmaskedText = [UInt8]([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        let maskedText: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        let fragments: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        let ping: [UInt8] = [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        let maskedPong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        let long = [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 0xAB, count: 256)
        let longer = [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 0xCD, count: 65536)
        for step in [1, 2, 3, 7, 1 << 20] {
            #expect(try Self.events(unmaskedText, role: .client, step: step) == [.text("Hello")])
            #expect(try Self.events(maskedText, role: .server, step: step) == [.text("Hello")])
            #expect(try Self.events(fragments, role: .client, step: step) == [.text("Hello")])
            #expect(try Self.events(ping, role: .client, step: step) == [.ping(Array("Hello".utf8))])
            #expect(try Self.events(maskedPong, role: .server, step: step) == [.pong(Array("Hello".utf8))])
            #expect(try Self.events(long, role: .client, step: step) == [.binary(Array(long[4...]))])
            #expect(try Self.events(longer, role: .client, step: step) == [.binary(Array(longer[10...]))])
        }
        let server = WebSocketEncoder(role: .server)
        #expect(server.frame(.text, Array("Hello".utf8), mask: 0) == unmaskedText)
        #expect(server.binary(Array(long[4...]), mask: 0) == long)
        #expect(server.binary(Array(longer[10...]), mask: 0) == longer)
        #expect(WebSocketEncoder(role: .client).frame(.text, Array("Hello".utf8), mask: 0x37FA_213D) == maskedText)
    }

    @Test func controlFramesStandBetweenFragments() throws {
        let bytes: [UInt8] = [
            0x02, 0x01, 0x61, 0x89, 0x01, 0x70, 0x00, 0x01, 0x62, 0x80, 0x00, 0x88, 0x02, 0x03, 0xE8, 0x82, 0x00,
        ]
        for step in [1, 100] {
            #expect(
                try Self.events(bytes, role: .client, step: step)
                    == [.ping([0x70]), .binary([0x61, 0x62]), .close(.normal, reason: "")]
            )
        }
    }

    @Test(
        arguments: [
            ("8100", WebSocketFrame.Role.server, WebSocketError.unmasked), ("818000000000", .client, .masked),
            ("c100", .client, .reservedBits), ("a100", .client, .reservedBits), ("9100", .client, .reservedBits),
            ("8300", .client, .opcode), ("8f00", .client, .opcode), ("0900", .client, .controlFrame),
            ("897e0100", .client, .controlFrame), ("827e0001", .client, .length),
            ("827f0000000000000100", .client, .length),
            ("827fffffffffffffffff", .client, .length), ("827f7fffffffffffffff", .client, .tooBig),
            ("827f0000000000100001", .client, .tooBig), ("8000", .client, .fragmentation),
            ("01000100", .client, .fragmentation),
            ("8101ff", .client, .notUTF8), ("880101", .client, .close), ("880203ed", .client, .close),
            ("880203e9", .client, nil),
            ("88030 3e8ff", .client, .close), ("88020000", .client, .close), ("8800", .client, nil),
        ] as [(String, WebSocketFrame.Role, WebSocketError?)]
    )
    func violations(hexadecimal: String, role: WebSocketFrame.Role, expected: WebSocketError?) throws {
        let bytes = try #require(Hexadecimal.decode(ByteString(Array(hexadecimal.utf8.filter { $0 != 0x20 }))))
        for step in [1, 100] {
            if let expected {
                #expect(throws: expected) { try Self.events(bytes, role: role, step: step) }
            } else {
                #expect(try Self.events(bytes, role: role, step: step).count == 1)
            }
        }
    }

    @Test func errorsStay() {
        var decoder = WebSocketDecoder(role: .server)
        decoder.append([0x82, 0x00])
        for _ in 0..<3 {
            #expect(throws: WebSocketError.unmasked) { try decoder.next() }
            decoder.append([0x82, 0x80, 0, 0, 0, 0])
        }
        #expect(WebSocketError.unmasked.closeCode.rawValue == 1002)
        #expect(WebSocketError.tooBig.closeCode.rawValue == 1009)
    }

    /// Fragments add up: the limit holds for the message, not for the frame.
    @Test func fragmentsAreLimitedTogether() throws {
        let fragment: [UInt8] = [0x00, 0x04, 1, 2, 3, 4]
        let message = [0x02, 0x04, 1, 2, 3, 4] + fragment
        #expect(try Self.events(message + [0x80, 0x00], role: .client, limit: 8).count == 1)
        #expect(throws: WebSocketError.tooBig) { try Self.events(message + fragment, role: .client, limit: 8) }
    }

    @Test func closeIsCutAtACharacter() throws {
        let reason = ByteString([UInt8](repeating: 0x61, count: 122)).bytes + Array("\u{e9}\u{e9}".utf8)
        let frame = WebSocketEncoder(role: .server).close(.goingAway, reason: ByteString(reason), mask: 0)
        let events = try Self.events(frame, role: .client)
        #expect(events == [.close(.goingAway, reason: ByteString(Array(reason[..<122])))])
    }

    @Test func randomBytesNeverTrap() {
        let seed = UInt64.random(in: 1...UInt64.max)
        print("WebSocketTests.randomBytesNeverTrap seed \(seed)")
        var random = Xorshift(seed: seed)
        let client = WebSocketEncoder(role: .client)
        for _ in 0..<3000 {
            var bytes = client.frame(.text, Array("Hello".utf8), mask: 1, isFinal: random.next() % 2 == 0)
            bytes += client.frame(.continuation, [1, 2, 3], mask: 7) + client.close(.normal, mask: 9)
            for _ in 0...(random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let whole = try? Self.events(bytes, role: .server, limit: 64)
            let apart = try? Self.events(bytes, role: .server, step: Int(1 + random.next() % 5), limit: 64)
            #expect(whole == apart, "seed \(seed)")
        }
    }
}

@Suite struct WebSocketHandshakeTests {
    /// RFC 6455 §1.3.
    static let nonce: [UInt8] = Array("the sample nonce".utf8)
    static let good = [
        "upgrade": "WebSocket", "connection": "keep-alive, Upgrade",
        "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "sec-websocket-protocol": "gatehouse.v1",
    ]

    static func response(_ headers: [String: String], status: UInt16 = 101) throws -> HTTPResponse {
        var text = "HTTP/1.1 \(status) X\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        var input = Array((text + "\r\n").utf8)
        var parser = HTTPResponseParser(expectsBody: false)
        return try #require(try parser.read(&input))
    }

    @Test func acceptOfTheRFC() throws {
        #expect(Base64.encode(Self.nonce) == "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(WebSocketHandshake.accept(forKey: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        try WebSocketHandshake.check(try Self.response(Self.good), nonce: Self.nonce)
    }

    @Test func requestBytes() throws {
        let request = try #require(WebSocketHandshake.request(host: "collector:7443", nonce: Self.nonce))
        #expect(
            ByteString(request).text
                == "GET /agent HTTP/1.1\r\nhost: collector:7443\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
                + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"
                + "sec-websocket-protocol: gatehouse.v1\r\n\r\n"
        )
        #expect(WebSocketHandshake.request(host: "a\r\nx: y", nonce: Self.nonce) == nil)
        #expect(WebSocketHandshake.request(host: "a", nonce: [1]) == nil)
    }

    @Test func refusals() throws {
        let cases: [(String, String?, WebSocketHandshake.Refusal)] = [
            ("upgrade", nil, .notUpgraded), ("upgrade", "h2c", .notUpgraded), ("connection", "close", .notUpgraded),
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOp=", .accept), ("sec-websocket-accept", nil, .accept),
            ("sec-websocket-protocol", "gatehouse.v2", .subprotocol), ("sec-websocket-protocol", nil, .subprotocol),
            ("sec-websocket-extensions", "permessage-deflate", .extensions),
        ]
        for (name, value, refusal) in cases {
            var headers = Self.good
            headers[name] = value
            let response = try Self.response(headers)
            #expect(throws: refusal) { try WebSocketHandshake.check(response, nonce: Self.nonce) }
        }
        let forbidden = try Self.response(Self.good, status: 403)
        #expect(throws: WebSocketHandshake.Refusal.status(403)) {
            try WebSocketHandshake.check(forbidden, nonce: Self.nonce)
        }
    }
}
