import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("LLDP and CDP")
struct LinkDiscoveryTests {
    /// IEEE 802.1AB §8.4: seven bits of type, nine of length.
    static func element(_ type: Int, _ value: [UInt8]) -> [UInt8] { FrameBuilder.word(type << 9 | value.count) + value }

    /// What every unit begins with: a chassis with a MAC address, a port, two minutes to live.
    static let mandatory =
        element(1, [4, 0xAC, 0xCC, 0x8E, 1, 2, 3]) + element(2, [5] + Array("eth0".utf8)) + element(3, [0, 120])

    static func lldp(_ unit: [UInt8]) throws(DecodeError) -> [String] {
        let announcement = try decode(unit) { reader throws(DecodeError) in
            try DeviceAnnouncement(parsing: &reader, form: .lldp)
        }
        return announcement.statements.map { "\($0.subject.word)=\($0.value)" }
    }

    /// A telephone with the inventory of ANSI/TIA-1057 §10.2.6 and the URL of RFC 8520 §12.
    static let telephone =
        mandatory + element(5, Array("phone-7".utf8)) + element(6, Array("A telephone\0".utf8))
        + element(7, [0, 0x24, 0, 0x20]) + element(127, [0, 0x12, 0xBB, 6] + Array("fw 1".utf8))
        + element(127, [0, 0x12, 0xBB, 9] + Array("Maker".utf8)) + element(127, [0, 0x12, 0xBB, 10] + Array("T1".utf8))
        + element(127, [0, 0x12, 0x0F, 9] + Array("another organization's".utf8))
        + element(127, [0, 0, 0x5E, 1] + Array("https://m.example/t1".utf8)) + [0, 0]

    @Test("name, description, capabilities, inventory, usage description")
    func telephone() throws {
        let expected = [
            "name=phone-7", "description=A telephone", "capabilities=telephone", "firmware=fw 1", "vendor=Maker",
            "model=T1", "mudURL=https://m.example/t1",
        ]
        #expect(try LinkDiscoveryTests.lldp(LinkDiscoveryTests.telephone) == expected)
        // Padding to the least length of a frame stands behind the end.
        #expect(try LinkDiscoveryTests.lldp(LinkDiscoveryTests.telephone + [0xFF, 0xFF, 0xFF]) == expected)
    }

    @Test("a chassis that is a text, several capabilities, a unit without end")
    func chassis() throws {
        let unit =
            LinkDiscoveryTests.element(1, [7] + Array("rack 1".utf8)) + LinkDiscoveryTests.mandatory.dropFirst(9)
            + LinkDiscoveryTests.element(7, [0xFF, 0xFF, 0, 0x14])
        #expect(try LinkDiscoveryTests.lldp(unit) == ["chassis=rack 1", "capabilities=bridge,router"])
    }

    @Test("a goodbye says nothing; what does not begin as it must is refused")
    func refused() throws {
        var leaving = LinkDiscoveryTests.telephone
        leaving[LinkDiscoveryTests.mandatory.count - 1] = 0
        #expect(try LinkDiscoveryTests.lldp(leaving).isEmpty)
        for unit in [
            [], [0, 0], LinkDiscoveryTests.element(5, Array("x".utf8)), Array(LinkDiscoveryTests.mandatory.prefix(16)),
            LinkDiscoveryTests.mandatory + [0x0A, 9, 1],
        ] {
            #expect(throws: DecodeError.self, "\(unit)") { try LinkDiscoveryTests.lldp(unit) }
        }
    }

    @Test("statements and elements are bounded")
    func bounds() throws {
        let many =
            LinkDiscoveryTests.mandatory + Array(repeating: LinkDiscoveryTests.element(5, [0x61]), count: 50).joined()
        #expect(try LinkDiscoveryTests.lldp(many).count == DeviceAnnouncement.maximumStatements)
        let tooMany = LinkDiscoveryTests.mandatory + [UInt8](repeating: 0, count: 2)
        let endless = LinkDiscoveryTests.mandatory + Array(repeating: [UInt8(0x10), 0], count: 200).joined() + tooMany
        #expect { try LinkDiscoveryTests.lldp(endless) } throws: { error in
            (error as? DecodeError)?.reason == .limitExceeded
        }
    }

    /// CDP: the length counts type and length as well.
    static func cdpElement(_ type: Int, _ value: [UInt8]) -> [UInt8] {
        FrameBuilder.word(type) + FrameBuilder.word(value.count + 4) + value
    }

    static let cdp =
        [2, 180, 0, 0] + cdpElement(1, Array("Switch".utf8)) + cdpElement(4, [0, 0, 0, 0x28])
        + cdpElement(5, Array("Software, Version 1".utf8)) + cdpElement(6, Array("maker S-24".utf8))
        + cdpElement(9, Array("Lab".utf8))

    static func cdp(_ packet: [UInt8]) throws(DecodeError) -> [String] {
        let announcement = try decode(packet) { reader throws(DecodeError) in
            try DeviceAnnouncement(parsing: &reader, form: .cdp)
        }
        return announcement.statements.map { "\($0.subject.word)=\($0.value)" }
    }

    @Test("CDP")
    func cdpPacket() throws {
        let expected = [
            "name=Switch", "capabilities=switch,igmp", "description=Software, Version 1", "model=maker S-24",
        ]
        #expect(try LinkDiscoveryTests.cdp(LinkDiscoveryTests.cdp) == expected)
        #expect(try LinkDiscoveryTests.cdp(LinkDiscoveryTests.cdp + [0, 0, 0]) == expected)
        var leaving = LinkDiscoveryTests.cdp
        leaving[1] = 0
        #expect(try LinkDiscoveryTests.cdp(leaving).isEmpty)
        for packet in [[], [3, 1, 0, 0], [2, 180, 0, 0, 0, 1, 0, 3], [2, 180, 0, 0, 0, 1, 0, 9, 0x61]] as [[UInt8]] {
            #expect(throws: DecodeError.self, "\(packet)") { try LinkDiscoveryTests.cdp(packet) }
        }
    }

    @Test("damage decodes or throws")
    func damage() {
        survivesDamage(LinkDiscoveryTests.telephone) { reader throws(DecodeError) in
            try DeviceAnnouncement(parsing: &reader, form: .lldp)
        }
        survivesDamage(LinkDiscoveryTests.cdp) { reader throws(DecodeError) in
            try DeviceAnnouncement(parsing: &reader, form: .cdp)
        }
    }
}
