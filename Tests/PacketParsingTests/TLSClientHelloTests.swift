import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("TLS ClientHello")
struct TLSClientHelloTests {
    static func lengthed(_ content: [UInt8], _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: content.count >> ((size - 1 - $0) * 8)) } + content
    }

    static func words(_ values: [Int]) -> [UInt8] { values.flatMap { FrameBuilder.word($0) } }

    /// A ClientHello (RFC 8446 §4.1.2) with the given extensions.
    static func message(
        version: Int = 0x0303,
        suites: [Int],
        extensions: [(type: Int, content: [UInt8])]?
    ) -> [UInt8] {
        var body = FrameBuilder.word(version) + [UInt8](repeating: 7, count: 32) + lengthed([1, 2], 1)
        body += lengthed(words(suites), 2) + lengthed([0], 1)
        if let extensions {
            body += lengthed(extensions.flatMap { FrameBuilder.word($0.type) + lengthed($0.content, 2) }, 2)
        }
        return [1] + lengthed(body, 3)
    }

    static func records(_ message: [UInt8], pieceLength: Int = 16384) -> [UInt8] {
        var bytes: [UInt8] = []
        var offset = 0
        while offset < message.count {
            let piece = Array(message[offset..<min(offset + pieceLength, message.count)])
            bytes += [22, 3, 1] + lengthed(piece, 2)
            offset += piece.count
        }
        return bytes
    }

    static func parse(_ bytes: [UInt8]) throws(DecodeError) -> TLSClientHello {
        try decode(bytes) { reader throws(DecodeError) in try TLSClientHello(parsingRecords: &reader) }
    }

    /// The example of FoxIO's technical_details/JA4.md, with GREASE put between, as a browser does.
    static let example = message(
        suites: [
            0x0A0A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C,
            0x009D, 0x002F, 0x0035,
        ],
        extensions: [
            (0xBABA, []), (0x001B, []), (0, lengthed([0] + lengthed(Array("cam.example".utf8), 2), 2)), (0x0033, []),
            (0x0010, lengthed(lengthed(Array("h2".utf8), 1) + lengthed(Array("http/1.1".utf8), 1), 2)), (0x4469, []),
            (0x0017, []), (0x002D, []),
            (0x000D, lengthed(words([0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]), 2)),
            (0x0005, []), (0x0023, []), (0x0012, []), (0x002B, lengthed(words([0x5A5A, 0x0304, 0x0303]), 1)),
            (0xFF01, []), (0x000B, []), (0x000A, []), (0x0015, []),
        ]
    )

    @Test("the specification's example")
    func specification() throws {
        let hello = try TLSClientHelloTests.parse(TLSClientHelloTests.records(TLSClientHelloTests.example))
        #expect(hello.ja4 == "t13d1516h2_8daaf6152771_e5627efa2ab1")
        #expect(hello.serverName == "cam.example")
        #expect(hello.applicationProtocols == ["h2", "http/1.1"])
    }

    @Test("in records of every size", arguments: [1, 2, 3, 4, 5, 40, 200])
    func pieces(_ length: Int) throws {
        let bytes = TLSClientHelloTests.records(TLSClientHelloTests.example, pieceLength: length)
        #expect(try TLSClientHelloTests.parse(bytes).ja4 == "t13d1516h2_8daaf6152771_e5627efa2ab1")
    }

    @Test("every prefix is truncated, nothing else")
    func prefixes() {
        let bytes = TLSClientHelloTests.records(TLSClientHelloTests.example, pieceLength: 100)
        for length in 0..<bytes.count {
            #expect { try TLSClientHelloTests.parse(Array(bytes.prefix(length))) } throws: { error in
                (error as? DecodeError)?.reason == .truncated
            }
        }
    }

    /// JA4.md, "ALPN Extension Value".
    static let protocols: [(name: String, text: String)] = [
        ("", "00"), ("6832", "h2"), ("68", "hh"), ("ab", "ab"), ("abcd", "ad"), ("30ab", "3b"), ("3031abcd", "3d"),
        ("30abcd31", "01"),
    ]

    @Test("first and last of ALPN", arguments: protocols.indices)
    func applicationProtocol(_ index: Int) throws {
        let (name, text) = TLSClientHelloTests.protocols[index]
        let list = TLSClientHelloTests.lengthed(TLSClientHelloTests.lengthed(bytes(name), 1), 2)
        let message = TLSClientHelloTests.message(suites: [0x1301], extensions: [(16, list)])
        let hello = try TLSClientHelloTests.parse(TLSClientHelloTests.records(message))
        #expect(hello.ja4.text.hasPrefix("t12i0101\(text)_"))
    }

    @Test("nothing in the lists gives zeros", arguments: [nil, []] as [[(type: Int, content: [UInt8])]?])
    func empty(_ extensions: [(type: Int, content: [UInt8])]?) throws {
        let message = TLSClientHelloTests.message(version: 0x0301, suites: [], extensions: extensions)
        let hello = try TLSClientHelloTests.parse(TLSClientHelloTests.records(message))
        #expect(hello.ja4 == "t10i000000_000000000000_000000000000")
    }

    @Test("what is none is refused, damage decodes or throws")
    func damage() {
        for text in ["17030100050100000100", "160301000502000001 00", "1603010000", "16020100050100000100"] {
            #expect(throws: DecodeError.self, "\(text)") { try TLSClientHelloTests.parse(bytes(text)) }
        }
        let long = TLSClientHelloTests.records([1, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 100))
        #expect { try TLSClientHelloTests.parse(long) } throws: { ($0 as? DecodeError)?.reason == .limitExceeded }
        survivesDamage(TLSClientHelloTests.records(TLSClientHelloTests.example, pieceLength: 150)) {
            reader throws(DecodeError) in
            _ = try TLSClientHello(parsingRecords: &reader).ja4
        }
    }
}
