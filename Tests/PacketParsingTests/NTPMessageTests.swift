import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("NTP")
struct NTPMessageTests {
    static func parse(_ bytes: [UInt8]) throws(DecodeError) -> NTPMessage {
        try decode(bytes) { reader throws(DecodeError) in try NTPMessage(parsing: &reader) }
    }

    /// RFC 5905 §7.3: a simple client that fills in its transmit time only.
    static let simple = bytes("23 00 06 20") + [UInt8](repeating: 0, count: 36) + bytes("e80b4c5d 12345678")
    /// A server with a receiver of GPS.
    static let server =
        bytes("24 01 06 ec 00000000 00000010 47505300") + [UInt8](repeating: 1, count: 32)

    @Test("what a client fills in, what a server refers to")
    func traits() throws {
        let client = try NTPMessageTests.parse(NTPMessageTests.simple)
        #expect(client.mode == 3)
        #expect(client.traits == "version=4 stratum=0 precision=32 leap=0 poll=6 fields=t")
        let server = try NTPMessageTests.parse(NTPMessageTests.server)
        #expect(server.mode == 4)
        #expect(server.traits == "version=4 stratum=1 precision=-20 reference=GPS")
        let full = bytes("d9 02 0a e7") + [UInt8](repeating: 1, count: 44)
        #expect(throws: Never.self) { try NTPMessageTests.parse(full) }
        let asking = bytes("db 02 0a e7") + [UInt8](repeating: 1, count: 44)
        #expect(
            try NTPMessageTests.parse(asking).traits
                == "version=3 stratum=2 precision=-25 leap=3 poll=10 fields=dsifort"
        )
        // Each field on its own.
        for (offset, letter) in [(4, "d"), (8, "s"), (16, "f"), (24, "o"), (32, "r"), (47, "t")] {
            var message = bytes("23 02 00 00") + [UInt8](repeating: 0, count: 44)
            message[offset] = 1
            #expect(try NTPMessageTests.parse(message).traits.text.hasSuffix("fields=\(letter)"))
        }
    }

    @Test("control and private modes, versions that are none, and short messages are refused")
    func refused() {
        let rest = [UInt8](repeating: 0, count: 47)
        for first in [0x26, 0x27, 0x20, 0x03, 0x2B, 0x3B] as [UInt8] {
            #expect(throws: DecodeError.self) { try NTPMessageTests.parse([first] + rest) }
        }
        for length in 0..<48 {
            #expect(throws: DecodeError.self) {
                try NTPMessageTests.parse(Array(NTPMessageTests.simple.prefix(length)))
            }
        }
        survivesDamage(NTPMessageTests.server) { reader throws(DecodeError) in try NTPMessage(parsing: &reader) }
    }
}
