import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("SSH key exchange")
struct SSHKeyExchangeTests {
    /// RFC 4253 §7.1, with the lists numbered so that each is told from the others.
    static func packet(_ lists: [String]) -> [UInt8] {
        var body: [UInt8] = [20] + [UInt8](repeating: 0xAA, count: 16)
        for list in lists { body += FrameBuilder.long(UInt32(list.utf8.count)) + Array(list.utf8) }
        body += [0, 0, 0, 0, 0]
        let padding = [UInt8](repeating: 0, count: 4)
        return FrameBuilder.long(UInt32(body.count + padding.count + 1)) + [4] + body + padding
    }

    static let lists = ["kex", "key", "enc-c", "enc-s", "mac-c", "mac-s", "zip-c", "zip-s", "", ""]

    static func parse(_ bytes: [UInt8]) throws(DecodeError) -> SSHKeyExchange {
        try decode(bytes) { reader throws(DecodeError) in try SSHKeyExchange(parsing: &reader) }
    }

    @Test("the lists of either direction")
    func directions() throws {
        let exchange = try SSHKeyExchangeTests.parse(SSHKeyExchangeTests.packet(SSHKeyExchangeTests.lists))
        #expect(exchange.hasshText(isServer: false) == "kex;enc-c;mac-c;zip-c")
        #expect(exchange.hasshText(isServer: true) == "kex;enc-s;mac-s;zip-s")
        let empty = try SSHKeyExchangeTests.parse(
            SSHKeyExchangeTests.packet([String](repeating: "", count: 10))
        )
        #expect(empty.hasshText(isServer: true) == ";;;")
    }

    @Test("every prefix is truncated; what lies about its lists is not")
    func lengths() throws {
        let packet = SSHKeyExchangeTests.packet(SSHKeyExchangeTests.lists)
        for length in 0..<packet.count {
            #expect(throws: DecodeError.self) { try SSHKeyExchangeTests.parse(Array(packet.prefix(length))) }
            do {
                _ = try SSHKeyExchangeTests.parse(Array(packet.prefix(length)))
            } catch {
                #expect(error.reason == .truncated, "\(length)")
            }
        }
        var lying = packet
        lying[22] = 0x7F
        do { _ = try SSHKeyExchangeTests.parse(lying) } catch { #expect(error.reason == .malformed) }
        #expect(throws: DecodeError.self) { try SSHKeyExchangeTests.parse(lying) }
        var other = packet
        other[5] = 21
        #expect(throws: DecodeError.self) { try SSHKeyExchangeTests.parse(other) }
        #expect(throws: DecodeError.self) { try SSHKeyExchangeTests.parse(bytes("00001f41 04 14") + packet) }
        survivesDamage(packet) { reader throws(DecodeError) in try SSHKeyExchange(parsing: &reader) }
    }
}
