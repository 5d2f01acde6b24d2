import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Discovery protocols to signals")
struct DiscoveryTests {
    /// What a frame said, the maker of the interface left out: `kind value`.
    static func signals(_ frames: [[UInt8]]) -> [String] {
        SignalExtractorTests.extract(frames).sightings.flatMap(\.signals)
            .filter { $0.kind != .macBlock }.map { "\($0.kind.name) \($0.value)" }
    }

    /// TCP from the camera, of which the ports say who is the server.
    static func segment(from source: Int, to destination: Int, _ text: String) -> [UInt8] {
        FrameBuilder.ethernet(
            from: SignalExtractorTests.camera,
            to: SignalExtractorTests.router,
            FrameBuilder.ip(
                from: "192.0.2.7",
                to: "192.0.2.9",
                transport: 6,
                FrameBuilder.tcp(from: source, to: destination, Array(text.utf8))
            )
        )
    }

    @Test(
        "an SSH server is at port 22, or at the lower one",
        arguments: [
            (22, 50000, "ssh.server x_1"), (50000, 22, "ssh.client x_1"), (2222, 50000, "ssh.server x_1"),
            (50000, 2222, "ssh.client x_1"), (22, 10, "ssh.server x_1"), (10, 22, "ssh.client x_1"),
        ]
    )
    func secureShell(_ source: Int, _ destination: Int, _ said: String) {
        let frame = DiscoveryTests.segment(from: source, to: destination, "SSH-2.0-x_1\r\n")
        #expect(DiscoveryTests.signals([frame]) == [said])
    }

    static let sip: [(message: String, said: [String])] = [
        (
            "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060\r\nUser-Agent: Yealink SIP-T46S\r\n\r\n",
            ["sip.userAgent Yealink SIP-T46S"]
        ),
        // What a proxy passes on.
        ("INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP p\r\nv: SIP/2.0/UDP q\r\nUser-Agent: Phone\r\n\r\n", []),
        ("INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP p, SIP/2.0/UDP q\r\nUser-Agent: Phone\r\n\r\n", []),
        ("SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\nServer: Asterisk\r\n\r\n", ["sip.server Asterisk"]),
        (
            "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nContact: <sip:7@192.0.2.7:5060>\r\nUser-Agent: Phone\r\n\r\n",
            ["sip.userAgent Phone"]
        ),
        ("SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nContact: <sip:7@192.0.2.70>\r\nUser-Agent: Phone\r\n\r\n", []),
        ("SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\nUser-Agent: Phone\r\n\r\n", []),
        ("NOTIFY * HTTP/1.1\r\nNT: a\r\nServer: b\r\n\r\n", []),
    ]

    @Test("SIP: what the sender itself made", arguments: sip.indices)
    func sessionInitiation(_ index: Int) {
        let (message, said) = DiscoveryTests.sip[index]
        let ports = (5060, 5060)
        let frame = SignalExtractorTests.udp(to: "192.0.2.1", ports: ports, Array(message.utf8))
        #expect(DiscoveryTests.signals([frame]) == said)
    }

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        Hexadecimal.decode(ByteString(hexadecimal.utf8.filter { $0 != 0x20 })) ?? []
    }

    static func ipv6(
        from source: ByteString,
        to destination: ByteString,
        transport: UInt8,
        hopLimit: UInt8 = 255,
        mac: ByteString = SignalExtractorTests.camera,
        _ payload: [UInt8]
    ) -> [UInt8] {
        let packet = FrameBuilder.ip(
            from: source,
            to: destination,
            transport: transport,
            timeToLive: hopLimit,
            payload
        )
        return FrameBuilder.ethernet(from: mac, to: SignalExtractorTests.router, type: 0x86DD, packet)
    }

    @Test("LLMNR: answers with the sender's address, not questions, not of others")
    func localNames() {
        // RFC 4795 §2.1: an answer for "pc" with one A record.
        func answer(_ flags: String, _ address: String) -> [UInt8] {
            DiscoveryTests.bytes(
                "0001 \(flags) 0001 0001 00000000 02706300 0001 0001 02706300 0001 0001 0000001e 0004 \(address)"
            )
        }
        func said(_ payload: [UInt8], _ ports: (Int, Int) = (5355, 50000)) -> [String] {
            DiscoveryTests.signals([SignalExtractorTests.udp(to: "192.0.2.9", ports: ports, payload)])
        }
        #expect(said(answer("8000", "c0000207")) == ["llmnr.name pc"])
        #expect(said(answer("8000", "c0000208")).isEmpty)
        #expect(said(answer("0000", "c0000207")).isEmpty)
        #expect(said(answer("8000", "c0000207"), (50000, 5355)).isEmpty)
    }

    @Test("DNS: a server's name for its own address, not what it says of others")
    func ownNames() {
        func answer(_ name: String, _ flags: String = "8180") -> [UInt8] {
            var labels: [UInt8] = []
            for label in name.split(separator: ".") { labels += [UInt8(label.utf8.count)] + Array(label.utf8) }
            let record = DiscoveryTests.bytes("00 000c 0001 0000001e 0007 05 667269747a 00")
            return DiscoveryTests.bytes("0001 \(flags) 0000 0001 00000000") + labels + record
        }
        func said(_ payload: [UInt8], from source: ByteString = "192.0.2.7") -> [String] {
            let frame = SignalExtractorTests.udp(source, to: "192.0.2.9", ports: (53, 50000), payload)
            return DiscoveryTests.signals([frame])
        }
        #expect(said(answer("7.2.0.192.IN-ADDR.arpa")) == ["dns.ownName fritz"])
        #expect(said(answer("8.2.0.192.in-addr.arpa")).isEmpty)
        #expect(said(answer("7.2.0.192.in-addr.arpa", "0100")).isEmpty)
        let reverse = "7.0.0.0." + String(repeating: "0.", count: 20) + "8.b.d.0.1.0.0.2.ip6.arpa"
        let datagram = FrameBuilder.udp(from: 53, to: 50000, answer(reverse))
        let frame = DiscoveryTests.ipv6(from: "fe80::7", to: "fe80::1", transport: 17, datagram)
        #expect(DiscoveryTests.signals([frame]).isEmpty, "another address than the sender's")
        let own = "7.0.0.0." + String(repeating: "0.", count: 24) + "0.8.e.f.ip6.arpa"
        let ownDatagram = FrameBuilder.udp(from: 53, to: 50000, answer(own))
        let ownFrame = DiscoveryTests.ipv6(from: "fe80::7", to: "fe80::1", transport: 17, ownDatagram)
        #expect(DiscoveryTests.signals([ownFrame]) == ["dns.ownName fritz"])
    }

    @Test("NetBIOS: a node's own names")
    func netbios() {
        var status = DiscoveryTests.bytes("1234 8400 0000 0001 0000 0000 20") + Array("CK".utf8)
        status += [UInt8](repeating: 0x41, count: 30) + DiscoveryTests.bytes("00 0021 0001 00000000 0037 03")
        status += Array("NAS            ".utf8) + [0x20, 4, 0]
        status += Array("OFFICE         ".utf8) + [0, 0x84, 0]
        status += Array("OFFICE         ".utf8) + [0x1C, 0x84, 0]
        let frame = SignalExtractorTests.udp(to: "192.0.2.9", ports: (137, 137), status)
        #expect(DiscoveryTests.signals([frame]) == ["netbios.name NAS", "netbios.service 20", "netbios.service 1c"])
    }

    @Test("neighbour advertisements prove an address, router advertisements a router; only with hop limit 255")
    func neighbors() {
        let advertisement = DiscoveryTests.bytes("8800000060000000 20010db8000000000000000000000007 0201 accc8e010203")
        func sightings(_ payload: [UInt8], hopLimit: UInt8 = 255, mac: ByteString = SignalExtractorTests.camera)
            -> [Sighting]
        {
            let frame = DiscoveryTests.ipv6(
                from: "2001:db8::7",
                to: "2001:db8::1",
                transport: 58,
                hopLimit: hopLimit,
                mac: mac,
                payload
            )
            return SignalExtractorTests.extract([frame]).sightings
        }
        #expect(sightings(advertisement).map(\.address) == [IPAddress("2001:db8::7" as ByteString)])
        #expect(sightings(advertisement, hopLimit: 254).isEmpty, "came through a router")
        #expect(sightings(advertisement, mac: "ac:cc:8e:09:09:09").allSatisfy { $0.address == nil }, "a proxy")
        let router = DiscoveryTests.bytes("86000000 40000708 0000000000000000")
        #expect(sightings(router).flatMap(\.signals).contains(Signal(.ndpRole, "router")))
        #expect(sightings(router, hopLimit: 1).isEmpty)
        let known = IPPrefix("2001:db8:1::/64" as ByteString)
        let frame = DiscoveryTests.ipv6(from: "2001:db8::7", to: "2001:db8::1", transport: 58, advertisement)
        let foreign = SignalExtractorTests.extract([frame], onLink: .prefixes(known.map { [$0] } ?? []))
        #expect(foreign.sightings.map(\.address) == [nil], "an address outside of the link's prefixes is not taken")
    }

    static let solicit = bytes(
        "01 78244b 0001 000a 0002 00000009 11223344 0006 0004 0017 0027 000f 0006 0004 63616d31"
            + "0010 000e 00000137 0008 4d53465420352e30 0011 0004 0000118b 0027 000b 00 0963616d2d6c6f626279 0070 0003 612f62"
    )
    static let solicitSignals = [
        "dhcpv6.duid 2:9", "dhcpv6.optionRequest 23,39", "dhcpv6.userClass cam1", "dhcpv6.vendorClass 311:MSFT 5.0",
        "dhcpv6.vendorOptions 4491", "dhcpv6.fqdn cam-lobby", "dhcpv6.mudURL a/b",
    ]

    @Test("DHCPv6: the client's options; what a server sends says nothing")
    func dhcpv6() {
        func said(_ payload: [UInt8]) -> [String] {
            let datagram = FrameBuilder.udp(from: 546, to: 547, payload)
            return DiscoveryTests.signals([
                DiscoveryTests.ipv6(from: "fe80::1", to: "ff02::1:2", transport: 17, hopLimit: 1, datagram)
            ])
        }
        #expect(said(DiscoveryTests.solicit) == DiscoveryTests.solicitSignals)
        #expect(said([2] + DiscoveryTests.solicit.dropFirst()).isEmpty)
    }

    @Test("DHCPv6 by a relay is the client's")
    func relayedDHCPv6() {
        let head = "0c00 20010db8000000000000000000000001 fe80000000000000ba27ebfffeb853c8 0009"
        let payload =
            DiscoveryTests.bytes(head) + FrameBuilder.word(DiscoveryTests.solicit.count) + DiscoveryTests.solicit
        let datagram = FrameBuilder.udp(from: 547, to: 547, payload)
        let frame = DiscoveryTests.ipv6(from: "2001:db8::9", to: "2001:db8::1", transport: 17, hopLimit: 64, datagram)
        let sightings = SignalExtractorTests.extract([frame]).sightings
        #expect(sightings.map(\.device.description) == ["b8:27:eb:b8:53:c8"])
        #expect(sightings.first?.address == nil)
        #expect(sightings.flatMap(\.signals).contains(Signal(.dhcpv6MUDURL, "a/b")))
    }

    static func udp(from source: Int, to destination: Int, _ payload: [UInt8]) -> [UInt8] {
        SignalExtractorTests.udp(to: "192.0.2.9", ports: (source, destination), payload)
    }

    static func scrambled(_ text: String) -> [UInt8] {
        var key: UInt8 = 171
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            key ^= byte
            bytes.append(key)
        }
        return bytes
    }

    static let sysinfo =
        #"{"system":{"get_sysinfo":{"err_code":0,"sw_ver":"1.2.5 Build","type":"IOT.SMARTPLUGSWITCH","model":"HS110(EU)"}}}"#
    static let kasaSignals = [
        "tplink.discovery firmware=1.2.5 Build", "tplink.discovery type=IOT.SMARTPLUGSWITCH",
        "tplink.discovery model=HS110(EU)",
    ]

    static let vendors: [(what: String, frame: [UInt8], said: [String])] = [
        ("a plug answers", udp(from: 9999, to: 50000, scrambled(sysinfo)), kasaSignals),
        ("the same sent to a plug", udp(from: 50000, to: 9999, scrambled(sysinfo)), []),
        ("who looks for plugs", udp(from: 9999, to: 9999, scrambled(#"{"system":{"get_sysinfo":{}}}"#)), []),
        (
            "Tapo",
            udp(
                from: 20002,
                to: 50000,
                Array(#"xxxx{"result":{"device_type":"SMART.TAPOPLUG","device_model":"P100"}}"#.utf8)
            ),
            ["tplink.discovery type=SMART.TAPOPLUG", "tplink.discovery model=P100"]
        ),
        (
            "DHDiscover",
            udp(
                from: 37810,
                to: 50000,
                Array(#"{"params":{"deviceInfo":{"DeviceClass":"IPC","DeviceType":"IPC-X1","Vendor":"V"}}}"#.utf8)
            ),
            ["dahua.discovery type=IPC", "dahua.discovery model=IPC-X1", "dahua.discovery vendor=V"]
        ),
        (
            "who looks for Dahua",
            udp(from: 37810, to: 37810, Array(#"{"method":"DHDiscover.search","params":{"mac":"","uni":1}}"#.utf8)), []
        ),
        (
            "SADP",
            udp(
                from: 37020,
                to: 37020,
                Array(
                    "<ProbeMatch><DeviceDescription>DS-1</DeviceDescription><SoftwareVersion>V5</SoftwareVersion>".utf8
                )
            ),
            ["hikvision.discovery model=DS-1", "hikvision.discovery firmware=V5"]
        ),
        (
            "who looks for Hikvision", udp(from: 37020, to: 37020, Array("<Probe><Types>inquiry</Types></Probe>".utf8)),
            []
        ),
        (
            "Tuya",
            udp(from: 40000, to: 6666, [0, 0, 0x55, 0xAA] + Array(#"{"productKey":"k","version":"3.1"}"#.utf8)),
            ["tuya.discovery product=k", "tuya.discovery version=3.1"]
        ),
        ("Tuya, encrypted", udp(from: 40000, to: 6667, bytes("000055aa 1234")), ["tuya.discovery type=frame-55aa"]),
        ("Tuya 3.5", udp(from: 40000, to: 6667, bytes("00006699 1234")), ["tuya.discovery type=frame-6699"]),
        ("not Tuya", udp(from: 40000, to: 6667, bytes("00005566 1234")), []),
        ("Tuya's port as a source", udp(from: 6667, to: 40000, bytes("000055aa 1234")), []),
        (
            "MNDP", udp(from: 5678, to: 5678, bytes("00000001 0005 0001 6e 000c 0002 5242")),
            ["mikrotik.discovery name=n", "mikrotik.discovery model=RB"]
        ),
        ("who looks for MikroTik", udp(from: 5678, to: 5678, bytes("00000000")), []),
        (
            "Ubiquiti", udp(from: 10001, to: 50000, bytes("01000008 0c 0002 4e35 14 0001 4d")),
            ["ubiquiti.discovery product=N5", "ubiquiti.discovery model=M"]
        ),
        ("who looks for Ubiquiti", udp(from: 50000, to: 10001, bytes("01000000")), []),
        ("LIFX", udp(from: 56700, to: 56700, lifx(33, "01000000 16000000 00000000")), ["lifx.discovery product=1/22"]),
        ("a LIFX service", udp(from: 56700, to: 56700, lifx(3, "01 7cdd0000")), ["lifx.discovery type=service"]),
        ("who looks for LIFX", udp(from: 56700, to: 56700, lifx(2, "")), []),
    ]

    /// A header of the LIFX protocol with its size, and what follows.
    static func lifx(_ type: UInt8, _ payload: String) -> [UInt8] {
        let rest = bytes(payload)
        return [UInt8(36 + rest.count), 0, 0, 0x14] + [UInt8](repeating: 0, count: 28) + [type, 0, 0, 0] + rest
    }

    @Test("announcements of vendors count, and only those", arguments: vendors.indices)
    func announcements(_ index: Int) {
        let (what, frame, said) = DiscoveryTests.vendors[index]
        #expect(DiscoveryTests.signals([frame]) == said, "\(what)")
    }

    @Test("LLDP and CDP, once each")
    func linkDiscovery() {
        let unit: [UInt8] = [2, 2, 7, 0x61, 4, 2, 7, 0x31, 6, 2, 0, 120, 10, 1, 0x6E, 14, 4, 0, 4, 0, 4, 0, 0]
        let lldp = FrameBuilder.ethernet(from: SignalExtractorTests.camera, to: "01:80:c2:00:00:0e", type: 0x88CC, unit)
        let said = ["lldp.chassis a", "lldp.systemName n", "lldp.capabilities bridge"]
        #expect(DiscoveryTests.signals([lldp, lldp]) == said)
        let packet = DeviceAnnouncement.cdpPrefix + [2, 180, 0, 0, 0, 6, 0, 7, 0x73, 0x2D, 0x31]
        let cdp = FrameBuilder.ethernet(
            from: SignalExtractorTests.camera,
            to: "01:00:0c:cc:cc:cc",
            type: packet.count,
            packet
        )
        #expect(DiscoveryTests.signals([cdp, cdp]) == ["cdp.platform s-1"])
    }
}
