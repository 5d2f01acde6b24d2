import NetworkTypes
import PacketParsing
import TLS
import TestSupport
import Testing

@Suite("QUIC Initial packets")
struct QUICInitialTests {
    /// The frames of each Initial packet of a datagram; nil where its own identifier does not open it.
    static func open(_ datagram: [UInt8]) throws(DecodeError) -> [[UInt8]?] {
        try decode(datagram) { reader throws(DecodeError) in
            var opened: [[UInt8]?] = []
            while let packet = try QUICInitial.next(in: &reader) {
                opened.append(QUICInitialKeys(packet, .openSSL).open(packet, in: reader, .openSSL))
            }
            return opened
        }
    }

    static func hello(_ datagrams: [[UInt8]]) throws(DecodeError) -> TLSClientHello? {
        var handshake = QUICHandshake()
        for datagram in datagrams {
            for frames in try open(datagram) {
                guard let frames else { continue }
                try decode(frames) { reader throws(DecodeError) in try handshake.add(frames: &reader) }
            }
        }
        return try handshake.clientHello()
    }

    @Test("the examples of RFC 9001 and RFC 9369", arguments: [true, false])
    func vectors(_ isFirst: Bool) throws {
        let packet = isFirst ? QUICVectors.version1 : QUICVectors.version2
        let opened = try QUICInitialTests.open(bytes(packet))
        let frames = bytes(QUICVectors.frames)
        #expect(opened.count == 1)
        #expect(opened[0] == frames + [UInt8](repeating: 0, count: 1162 - frames.count))
        let hello = try #require(try QUICInitialTests.hello([bytes(packet)]))
        #expect(hello.serverName == "example.com")
        #expect(hello.ja4(isQUIC: true) == "q13d0211an_62ed6f6ca7ad_4d634acda6c0")
        #expect(hello.ja4.text == "t" + hello.ja4(isQUIC: true).text.dropFirst())
    }

    @Test("a ClientHello of several datagrams, in any order, and more than once")
    func several() throws {
        let datagrams = QUICVectors.several.map { bytes($0) }
        #expect(datagrams.count == 2)
        #expect(try QUICInitialTests.hello([datagrams[0]]) == nil)
        #expect(try QUICInitialTests.hello([datagrams[1]]) == nil)
        for order in [[0, 1], [1, 0], [1, 1, 0, 0]] {
            let hello = try #require(try QUICInitialTests.hello(order.map { datagrams[$0] }))
            #expect(hello.serverName == "long.example" && hello.applicationProtocols.count == 110)
        }
    }

    @Test("packets beside it in one datagram, before and after it")
    func coalesced() throws {
        let initial = bytes(QUICVectors.version1)
        // Handshake packets (type 2) have no token.
        let handshake = bytes("e0 00000001 01 aa 01 bb 4004 01020304")
        #expect(try QUICInitialTests.open(handshake + initial + handshake).map { $0 != nil } == [true])
        #expect(try QUICInitialTests.open(initial + initial).count == 2)
        // A short header, a Retry, a version negotiation, another version: the end.
        for other in ["40aabb", "f0 00000001 00 00 00", "c0 00000000 00 00", "c0 00000002 00 00 00 01 00"] {
            #expect(try QUICInitialTests.open(bytes(other) + initial).isEmpty, "\(other)")
        }
        // Version 2 numbers its types anew: what is an Initial in version 1 is a Retry there.
        #expect(try QUICInitialTests.open(bytes("c0 6b3343cf 01 aa 00 00 4004 01020304")).isEmpty)
        #expect(try QUICInitialTests.open(bytes("d0 6b3343cf 01 aa 00 00 4004 01020304")) == [nil])
        // Five packets that are no Initial: too many to go on.
        #expect(try QUICInitialTests.open(handshake + handshake + handshake + handshake + initial).isEmpty)
    }

    @Test("lengths beyond the datagram, identifiers too long, packets too short to be sampled")
    func refused() throws {
        for text in ["c0 00000001 15" + String(repeating: "00", count: 40), "c0 00000001 00 00 00 44", "c0 0000"] {
            #expect(throws: DecodeError.self) { try QUICInitialTests.open(bytes(text)) }
        }
        #expect(throws: DecodeError.self) { try QUICInitialTests.open(bytes("c0 00000001 00 00 ffffffffffffffff")) }
        #expect(
            try QUICInitialTests.open(bytes("c0 00000001 00 00 00 13" + String(repeating: "00", count: 19))) == [nil]
        )
    }

    @Test("any byte changed, and the packet does not open")
    func authenticated() throws {
        let packet = bytes(QUICVectors.version1)
        for index in stride(from: 18, to: packet.count, by: 37) {
            var damaged = packet
            damaged[index] ^= 0x04
            #expect(try QUICInitialTests.open(damaged) == [nil], "byte \(index)")
        }
    }

    @Test("frames: acknowledgements passed over, others refused, offsets bounded")
    func frames() throws {
        func add(_ text: String) throws(DecodeError) {
            var handshake = QUICHandshake()
            try decode(bytes(text)) { reader throws(DecodeError) in try handshake.add(frames: &reader) }
        }
        for text in [
            "", "00000001", "02 05 00 00 05", "02 40ff 05 01 00 00 00", "03 05 00 00 05 01 02 03 01", "1c ffff",
        ] {
            #expect(throws: Never.self, "\(text)") { try add(text) }
        }
        for text in ["04", "08", "02 05 00", "03 05 00 00 05 01", "06 00 05 00", "06 5fff 02 0000", "06 ffffffff"] {
            #expect(throws: DecodeError.self, "\(text)") { try add(text) }
        }
        #expect(throws: DecodeError.self) { try add(String(repeating: "01", count: QUICHandshake.maximumFrames + 1)) }
        // A count of ranges that no packet has room for.
        #expect(throws: DecodeError.self) { try add("02 00 00 ffffffffffffffff 00") }
    }

    @Test("damage opens nothing and stops nowhere")
    func damage() {
        survivesDamage(bytes(QUICVectors.frames)) { reader throws(DecodeError) in
            var handshake = QUICHandshake()
            try handshake.add(frames: &reader)
            return try handshake.clientHello()
        }
        let short = Array(bytes(QUICVectors.version1).prefix(60))
        survivesDamage(short) { reader throws(DecodeError) in try QUICInitial.next(in: &reader) }
        let seed: UInt64 = 9001
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let length = Int.random(in: 0...60, using: &random)
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? QUICInitialTests.open([0xC0, 0, 0, 0, 1] + noise)
            var handshake = QUICHandshake()
            _ = try? decode(noise) { reader throws(DecodeError) in try handshake.add(frames: &reader) }
        }
    }
}
