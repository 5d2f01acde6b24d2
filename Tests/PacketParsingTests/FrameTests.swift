import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Frames")
struct FrameTests {
    static func link(_ bytes: [UInt8], _ type: LinkType) throws(DecodeError) -> (LinkHeader, rest: Int) {
        var reader = ByteReader(bytes.span)
        let header = try LinkHeader(parsing: &reader, linkType: type)
        return (header, reader.remaining)
    }

    @Test("Ethernet, tagged once, twice, and too often")
    func ethernet() throws {
        let device: ByteString = "ac:cc:8e:01:02:03"
        for tags in [[], [5], [100, 5], [1, 2, 3]] {
            let (header, rest) = try FrameTests.link(
                FrameBuilder.ethernet(from: device, tags: tags, [1, 2]),
                .ethernet
            )
            #expect(header.source == MACAddress(device) && header.destination == .broadcast)
            #expect(header.etherType == .ipv4 && rest == 2)
            #expect(header.vlan == UInt16(tags.first ?? 0))
        }
        #expect(throws: DecodeError.self) {
            try FrameTests.link(FrameBuilder.ethernet(from: device, tags: [1, 2, 3, 4], []), .ethernet)
        }
    }

    @Test("802.3 with and without SNAP")
    func lengths() throws {
        let device: ByteString = "ac:cc:8e:01:02:03"
        let snap = bytes("aaaa03000000 0806 01")
        #expect(try FrameTests.link(FrameBuilder.ethernet(from: device, type: 9, snap), .ethernet).0.etherType == .arp)
        let spanningTree = bytes("424203")
        #expect(
            try FrameTests.link(FrameBuilder.ethernet(from: device, type: 3, spanningTree), .ethernet).0.etherType
                == .none
        )
    }

    @Test("Linux cooked captures and raw IP")
    func cooked() throws {
        let first = bytes("0000 0001 0006 accc8e010203 0000 0800 45")
        let (header, rest) = try FrameTests.link(first, .linuxCooked)
        #expect(header.source == MACAddress("ac:cc:8e:01:02:03") && header.etherType == .ipv4 && rest == 1)
        let second = bytes("86dd 0000 00000003 0001 00 06 accc8e010203 0000 60")
        let (other, left) = try FrameTests.link(second, .linuxCookedV2)
        #expect(other.source == MACAddress("ac:cc:8e:01:02:03") && other.etherType == .ipv6 && left == 1)
        #expect(try FrameTests.link([0x60], .rawIP).0.etherType == .ipv6)
        #expect(try FrameTests.link([0x45], .rawIP).0.source == nil)
        #expect(throws: DecodeError.self) { try FrameTests.link([0x45], LinkType(rawValue: 147)) }
    }

    /// IEEE 802.11-2020 §9.3.2.1 and table 9-30: the addresses' places by direction.
    static let wireless: [(header: String, source: String?, destination: String?)] = [
        ("0800 0000 010000000001 020000000002 030000000003 0000", "02:00:00:00:00:02", "01:00:00:00:00:01"),
        ("0801 0000 010000000001 020000000002 030000000003 0000", "02:00:00:00:00:02", "03:00:00:00:00:03"),
        ("0802 0000 010000000001 020000000002 030000000003 0000", "03:00:00:00:00:03", "01:00:00:00:00:01"),
        (
            "0803 0000 010000000001 020000000002 030000000003 0000 040000000004", "04:00:00:00:00:04",
            "03:00:00:00:00:03"
        ),
        ("8801 0000 010000000001 020000000002 030000000003 0000 0600", "02:00:00:00:00:02", "03:00:00:00:00:03"),
        (
            "8881 0000 010000000001 020000000002 030000000003 0000 0600 00000000", "02:00:00:00:00:02",
            "03:00:00:00:00:03"
        ),
        // A-MSDU, a later fragment.
        ("8801 0000 010000000001 020000000002 030000000003 0000 8600", nil, "03:00:00:00:00:03"),
        ("0801 0000 010000000001 020000000002 030000000003 0100", nil, "03:00:00:00:00:03"),
        // Encrypted, without data, a beacon, another version.
        ("0841", nil, nil), ("4801", nil, nil), ("8000", nil, nil), ("0901", nil, nil),
    ]

    @Test("802.11 data frames, alone and behind radiotap", arguments: wireless.indices)
    func wirelessFrames(_ index: Int) throws {
        let (header, source, destination) = FrameTests.wireless[index]
        let frame = bytes(header) + bytes("aaaa03000000 0800 45")
        // Radiotap with a time stamp and flags; with two words of presence and no flags; without anything.
        for radiotap in [
            "", "0000 1100 03000000 1122334455667788 10", "0000 0c00 04000080 00000000", "0000 0800 00000000",
        ] {
            let (link, rest) = try FrameTests.link(
                bytes(radiotap) + frame,
                radiotap.isEmpty ? .wireless : .wirelessRadiotap
            )
            #expect(link.source?.byteString.text == source)
            #expect(link.destination?.byteString.text == destination)
            if source != nil { #expect(link.etherType == .ipv4 && rest == 1) }
        }
        survivesDamage(bytes("0000 1100 03000000 1122334455667788 10") + frame) { reader throws(DecodeError) in
            try LinkHeader(parsing: &reader, linkType: .wirelessRadiotap)
        }
    }

    @Test("radiotap: padding behind the header, a broken checksum, lengths that lie")
    func radiotapHeaders() throws {
        let header = bytes("8801 0000 010000000001 020000000002 030000000003 0000 0600")
        let padded = bytes("0000 0900 02000000 20") + header + bytes("0000 aaaa03000000 0800 45")
        let (link, rest) = try FrameTests.link(padded, .wirelessRadiotap)
        #expect(link.etherType == .ipv4 && rest == 1)
        let broken = bytes("0000 0900 02000000 50") + header + bytes("aaaa03000000 0800 45")
        #expect(try FrameTests.link(broken, .wirelessRadiotap).0.source == nil)
        for radiotap in ["0000 0800 02000000 00", "0000 ffff 00000000", "0100 0800 00000000", "0000 0000 00000000"] {
            #expect(throws: DecodeError.self) { try FrameTests.link(bytes(radiotap) + header, .wirelessRadiotap) }
        }
    }

    @Test("IPv4 with options and fragments")
    func ipv4() throws {
        // RFC 791 §3.1; a header of 24 bytes with a router alert (RFC 2113).
        let packet = bytes("46 00 0020 0001 2000 01 11 0000 c0000201 e00000fb 94040000 1122334455667788")
        var reader = ByteReader(packet.span)
        let header = try IPHeader(parsing: &reader)
        #expect(header.source == IPAddress("192.0.2.1") && header.destination == IPAddress("224.0.0.251"))
        #expect(header.optionsLength == 4 && header.payloadLength == 8 && reader.remaining == 8)
        #expect(header.hasMoreFragments && header.isFirstFragment && header.transport == .udp)
        let later = FrameBuilder.ip(from: "192.0.2.1", to: "192.0.2.2", transport: 17, flagsAndOffset: 0x0001, [1])
        let second = try decode(later) { reader throws(DecodeError) in try IPHeader(parsing: &reader) }
        #expect(!second.isFirstFragment && second.fragmentOffset == 8)
    }

    @Test("IPv6 with extension headers")
    func ipv6() throws {
        // RFC 8200 §4: hop-by-hop of 8 bytes, destination options of 16, fragment 0, then UDP.
        let extensions = bytes("3c 00 050200000100 2c 01 0000000000000000000000000000 11 00 0001 00000007")
        let packet = FrameBuilder.ip(from: "fe80::1", to: "ff02::fb", transport: 0, extensions + [9, 9])
        var reader = ByteReader(packet.span)
        let header = try IPHeader(parsing: &reader)
        #expect(header.transport == .udp && header.optionsLength == 32 && header.payloadLength == 2)
        #expect(header.isFirstFragment && header.hasMoreFragments && reader.remaining == 2)
        let endless = FrameBuilder.ip(
            from: "fe80::1",
            to: "ff02::fb",
            transport: 0,
            [UInt8](repeating: 0, count: 8 * (IPHeader.maximumExtensionHeaders + 1))
        )
        #expect(throws: DecodeError.self) {
            try decode(endless) { reader throws(DecodeError) in try IPHeader(parsing: &reader) }
        }
    }

    static let signatures:
        [(what: String, v6: Bool, ttl: UInt8, window: Int, flags: UInt8, options: String, text: String)] = [
            (
                "Linux", false, 64, 29200, 0x02, "020405b4 0402 080a 00000001 00000000 01 030307",
                "4:64+0:0:1460:mss*20,7:mss,sok,ts,nop,ws:df,id+:0"
            ),
            (
                "Windows, seven hops away", false, 121, 8192, 0x02, "020405b4 01 030308 01 01 0402",
                "4:121+7:0:1460:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0"
            ),
            (
                "macOS", false, 64, 65535, 0x02, "020405b4 01 030306 01 01 080a 00000001 00000000 0402 0000",
                "4:64+0:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0"
            ),
            ("no options at all", false, 255, 1024, 0x02, "", "4:255+0:0:0:1024,0::df,id+:0"),
            ("a length that runs out", false, 64, 1024, 0x02, "02 08 05b4", "4:64+0:0:0:1024,0:mss:df,id+,bad:0"),
            (
                "IPv6", true, 64, 64800, 0x02, "020405a0 0402 080a 00000001 00000000 01 030307",
                "6:64+0:0:1440:mss*45,7:mss,sok,ts,nop,ws::0"
            ),
            (
                "SYN and ACK with MTU as unit", false, 64, 3000, 0x12, "020405b4",
                "4:64+0:0:1460:mtu*2,0:mss:df,id+,ack-:0"
            ),
        ]

    @Test("SYN in p0f's notation", arguments: signatures.indices)
    func signature(_ index: Int) throws {
        let row = FrameTests.signatures[index]
        let segment = FrameBuilder.tcp(
            from: 40000,
            to: 443,
            flags: row.flags,
            window: row.window,
            options: bytes(row.options)
        )
        let packet = FrameBuilder.ip(
            from: row.v6 ? "fe80::1" : "192.0.2.1",
            to: row.v6 ? "fe80::2" : "192.0.2.2",
            transport: 6,
            timeToLive: row.ttl,
            segment
        )
        var reader = ByteReader(packet.span)
        let ip = try IPHeader(parsing: &reader)
        let tcp = try TCPHeader(parsing: &reader)
        var options = try reader.window(from: tcp.optionsStart, to: tcp.optionsStart + tcp.optionsLength)
        let text = TCPSignature.text(ip: ip, tcp: tcp, options: TCPOptions(parsing: &options), payloadLength: 0)
        #expect(text.text == row.text, "\(row.what)")
    }

    @Test("ARP")
    func arp() throws {
        let request = bytes("0001 0800 06 04 0001 accc8e010203 c0000207 000000000000 c0000201")
        let message = try decode(request) { reader throws(DecodeError) in try ARPMessage(parsing: &reader) }
        #expect(message.senderMAC == MACAddress("ac:cc:8e:01:02:03") && message.senderAddress == IPAddress("192.0.2.7"))
        #expect(message.targetAddress == IPAddress("192.0.2.1") && message.operation == 1)
        survivesDamage(request) { reader throws(DecodeError) in try ARPMessage(parsing: &reader) }
    }

    @Test("prefixes and damaged bytes decode or throw")
    func damage() {
        let segment = FrameBuilder.tcp(from: 1, to: 2, options: bytes("020405b40101040a"), [1])
        for address: ByteString in ["192.0.2.1", "fe80::1"] {
            let frame = FrameBuilder.ethernet(
                from: "ac:cc:8e:01:02:03",
                type: address == "fe80::1" ? 0x86DD : 0x0800,
                tags: [1],
                FrameBuilder.ip(from: address, to: address, transport: 6, segment)
            )
            survivesDamage(frame) { reader throws(DecodeError) in
                _ = try LinkHeader(parsing: &reader, linkType: .ethernet)
                _ = try IPHeader(parsing: &reader)
                let tcp = try TCPHeader(parsing: &reader)
                var options = try reader.window(from: tcp.optionsStart, to: tcp.optionsStart + tcp.optionsLength)
                _ = TCPOptions(parsing: &options)
            }
        }
    }
}
