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
