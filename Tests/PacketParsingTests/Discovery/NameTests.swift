import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("NetBIOS names, DHCPv6, neighbour discovery")
struct NameTests {
    static let source = IPAddress(v4: 0xC000_0207)

    /// RFC 1002 §4.1: sixteen bytes, each as two letters, in a label of 32; then the root.
    static func encoded(_ text: String, _ suffix: UInt8) -> [UInt8] {
        var padded = Array(text.utf8)
        while padded.count < 15 { padded.append(0x20) }
        var letters: [UInt8] = [32]
        for byte in padded + [suffix] { letters += [0x41 + byte >> 4, 0x41 + byte & 0xF] }
        return letters + [0]
    }

    static func names(_ packet: [UInt8], isDatagram: Bool = false) throws(DecodeError) -> [String] {
        let names = try decode(packet) { reader throws(DecodeError) in
            isDatagram
                ? try NetBIOSNames(parsingDatagram: &reader, source: source)
                : try NetBIOSNames(parsingNameService: &reader, source: source)
        }
        return names.names.map { "\($0.text) \($0.suffix) \($0.isGroup)" }
    }

    /// RFC 1002 §4.2.2: a registration; flags 0x2910 are operation 5, recursion desired, broadcast.
    static func registration(flags: String = "2910", address: String = "c0000207", group: String = "0000") -> [UInt8] {
        bytes("1234 \(flags) 0001 0000 0000 0001") + encoded("OFFICE-PC", 0)
            + bytes("0020 0001 c00c 0020 0001 000493e0 0006")
            + bytes(group + address)
    }

    @Test("registrations and refreshes of one's own names")
    func registrations() throws {
        for flags in ["2910", "4010", "4810", "7910"] {
            #expect(try NameTests.names(NameTests.registration(flags: flags)) == ["OFFICE-PC 0 false"])
        }
        #expect(try NameTests.names(NameTests.registration(group: "8000")) == ["OFFICE-PC 0 true"])
        #expect(try NameTests.names(NameTests.registration(address: "c0000208")).isEmpty, "for another")
        #expect(try NameTests.names(NameTests.registration(flags: "3010")).isEmpty, "a release")
        #expect(
            try NameTests.names(bytes("1234 0110 0001 0000 0000 0000") + NameTests.encoded("X", 0)).isEmpty,
            "a question"
        )
    }

    /// RFC 1002 §4.2.18: three names of sixteen bytes with their flags, then statistics.
    static let status: [UInt8] = {
        var packet = bytes("1234 8400 0000 0001 0000 0000") + encoded("*", 0) + bytes("0021 0001 00000000 0065 03")
        packet += Array("NAS            ".utf8) + bytes("00 0400")
        packet += Array("NAS            ".utf8) + bytes("20 0400")
        packet += Array("WORKGROUP      ".utf8) + bytes("00 8400")
        return packet + [UInt8](repeating: 0, count: 46)
    }()

    @Test("node status and positive answers")
    func answers() throws {
        #expect(try NameTests.names(NameTests.status) == ["NAS 0 false", "NAS 32 false", "WORKGROUP 0 true"])
        let positive =
            bytes("1234 8500 0000 0001 0000 0000") + NameTests.encoded("NAS", 0x20)
            + bytes("0020 0001 000493e0 000c 6000 c0000208 6000 c0000207")
        #expect(try NameTests.names(positive) == ["NAS 32 false"])
        var negative = positive
        negative[3] = 3
        #expect(try NameTests.names(negative).isEmpty)
    }

    static let datagram = bytes("11 02 0001 c0000207 008a 00bb 0000") + encoded("OFFICE-PC", 0) + encoded("G", 0x1D)

    @Test("datagrams name their sender")
    func datagrams() throws {
        #expect(try NameTests.names(NameTests.datagram, isDatagram: true) == ["OFFICE-PC 0 false"])
        var forwarded = NameTests.datagram
        forwarded[7] = 8
        #expect(try NameTests.names(forwarded, isDatagram: true).isEmpty)
        #expect(try NameTests.names([0x13] + NameTests.datagram.dropFirst(), isDatagram: true).isEmpty)
    }

    /// RFC 8415 §8 and its options, as a client sends them.
    static let solicit =
        bytes(
            "01 78244b 0001000e 00010001 1e627d1b b827ebb853c8 0006 0006 0017 0018 0027 0010 000e 00000137 0008 4d53465420352e30"
        )
        + bytes("0027 0005 00 0363616d 0070 0003 612f62")

    static func dhcpv6(_ message: [UInt8]) throws(DecodeError) -> DHCPv6Message {
        try decode(message) { reader throws(DecodeError) in try DHCPv6Message(parsing: &reader) }
    }

    @Test("DHCPv6 from a client")
    func client() throws {
        let message = try NameTests.dhcpv6(NameTests.solicit)
        #expect(message.type == 1 && !message.isRelayed && message.relayedClient == nil)
        #expect(message.options.map(\.type) == [1, 6, 16, 39, 112])
        let url = try #require(message.options.last)
        #expect(url.text(in: ByteReader(NameTests.solicit.span)) == "a/b" && url.count == 3)
    }

    static func relayed(_ options: String = "", peer: String = "fe80000000000000ba27ebfffeb853c8") -> [UInt8] {
        bytes("0c 00 20010db8000000000000000000000001 \(peer) \(options) 0009") + FrameBuilder.word(solicit.count)
            + solicit
    }

    @Test("DHCPv6 by relays: the client by its address or by option 79 (RFC 6939)")
    func relay() throws {
        let message = try NameTests.dhcpv6(NameTests.relayed())
        #expect(message.type == 1 && message.isRelayed)
        #expect(message.relayedClient == MACAddress("b8:27:eb:b8:53:c8" as ByteString))
        let told = try NameTests.dhcpv6(NameTests.relayed("004f 0008 0001 accc8e010203"))
        #expect(told.relayedClient == MACAddress("ac:cc:8e:01:02:03" as ByteString))
        let hidden = try NameTests.dhcpv6(NameTests.relayed(peer: "fe800000000000001122334455667788"))
        #expect(hidden.isRelayed && hidden.relayedClient == nil)
        #expect(throws: DecodeError.self) { try NameTests.dhcpv6(Array(NameTests.relayed().prefix(34))) }
        var deep = NameTests.solicit
        for _ in 0...DHCPv6Message.maximumRelays {
            deep = Array(NameTests.relayed().prefix(34)) + [0, 9] + FrameBuilder.word(deep.count) + deep
        }
        #expect { try NameTests.dhcpv6(deep) } throws: { ($0 as? DecodeError)?.reason == .limitExceeded }
    }

    static func neighbor(_ message: [UInt8]) throws(DecodeError) -> NeighborMessage {
        try decode(message) { reader throws(DecodeError) in try NeighborMessage(parsing: &reader) }
    }

    /// RFC 4861 §4.4 with the target's hardware address.
    static let advertisement =
        bytes("88 00 0000 60000000 20010db8000000000000000000000007 02 01 accc8e010203")

    @Test("neighbour and router advertisements")
    func neighbors() throws {
        let neighbor = try NameTests.neighbor(NameTests.advertisement)
        #expect(neighbor.advertisedAddress == IPAddress("2001:db8::7" as ByteString))
        #expect(neighbor.hardwareAddress == MACAddress("ac:cc:8e:01:02:03" as ByteString) && !neighbor.isDefaultRouter)
        // RFC 4861 §4.2 with a prefix option, and with no lifetime.
        let prefix = bytes("0304 40c0") + [UInt8](repeating: 0, count: 28)
        let router = try NameTests.neighbor(bytes("86 00 0000 40 00 0708 00000000 00000000 0101 accc8e010203") + prefix)
        #expect(router.isDefaultRouter && router.hardwareAddress != nil && router.advertisedAddress == nil)
        #expect(try !NameTests.neighbor(bytes("86 00 0000 40 00 0000 00000000 00000000")).isDefaultRouter)
        // A solicitation claims nothing; what it looks for belongs to another.
        let solicitation = bytes("87 00 0000 00000000 20010db8000000000000000000000008 0101 accc8e010203")
        #expect(try NameTests.neighbor(solicitation).advertisedAddress == nil)
        for message in [
            "80 00 0000", "88 01 0000", "88 00 0000 60000000 2001", "85 00 0000 00000000 01 00",
            "85 00 0000 00000000 01 02",
        ] {
            #expect(throws: DecodeError.self, "\(message)") { try NameTests.neighbor(bytes(message)) }
        }
    }

    @Test("damage decodes or throws")
    func damage() {
        for packet in [NameTests.registration(), NameTests.status] {
            survivesDamage(packet) { reader throws(DecodeError) in
                try NetBIOSNames(parsingNameService: &reader, source: NameTests.source)
            }
        }
        survivesDamage(NameTests.datagram) { reader throws(DecodeError) in
            try NetBIOSNames(parsingDatagram: &reader, source: NameTests.source)
        }
        for message in [NameTests.solicit, NameTests.relayed("004f 0008 0001 accc8e010203")] {
            survivesDamage(message) { reader throws(DecodeError) in try DHCPv6Message(parsing: &reader) }
        }
        survivesDamage(NameTests.advertisement) { reader throws(DecodeError) in try NeighborMessage(parsing: &reader) }
    }
}
