import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Who asks for the time and who has it; which SSH")
struct TimeAndShellTests {
    static func ntp(_ first: UInt8, ports: (Int, Int), clock: UInt8 = 9) -> [UInt8] {
        let message = [first, 2, 6, 0xEC] + [UInt8](repeating: 0, count: 36) + [UInt8](repeating: clock, count: 8)
        return SignalExtractorTests.udp(to: "192.0.2.1", ports: ports, message)
    }

    @Test("NTP: clients and servers apart, clocks left out")
    func time() {
        let frames = [
            TimeAndShellTests.ntp(0x23, ports: (50_000, 123)),
            TimeAndShellTests.ntp(0x23, ports: (50_001, 123), clock: 8),
            TimeAndShellTests.ntp(0x24, ports: (123, 50_000)), TimeAndShellTests.ntp(0x25, ports: (123, 123)),
            // A question that comes from the port, an answer that goes to it, a peer.
            TimeAndShellTests.ntp(0x1B, ports: (123, 50_000)), TimeAndShellTests.ntp(0x1C, ports: (50_000, 123)),
            TimeAndShellTests.ntp(0x19, ports: (123, 123)),
        ]
        let (sightings, counters) = SignalExtractorTests.extract(frames)
        #expect(
            SignalExtractorTests.values(sightings, .ntpClient)
                == ["version=4 stratum=2 precision=-20 leap=0 poll=6 fields=t"]
        )
        let server = "version=4 stratum=2 precision=-20"
        #expect(SignalExtractorTests.values(sightings, .ntpServer) == [server, server], "once as mode 4, once as 5")
        #expect(counters.malformed == 0)
    }

    @Test("captures of NTP", .enabled(if: CaptureData.isPresent, "GATEHOUSE_DATA holds no captures"))
    func timeCaptures() throws {
        let folder = "protocols/zeek+zeek__testing__btest__Traces__ntp__"
        let client = try Replay(try CaptureData.bytes(folder + "ntp.pcap"))
        #expect(client.values(.ntpClient).contains { $0.hasPrefix("version=4 stratum=2 precision=-22 leap=0 poll=6") })
        #expect(client.values(.ntpServer).isEmpty, "the servers are elsewhere")
        let control = try Replay(try CaptureData.bytes(folder + "ntpmode67.pcap"))
        #expect(control.values(.ntpServer).isEmpty)
    }

    /// Computed over the same captures by another program: MD5 of the lists that salesforce/hassh names.
    static let shells: [(capture: String, client: [String], server: [String])] = [
        ("reverse-ssh", ["413e646031ea5204c5ec2fe2d5b7946e"], []),
        ("ssh_kex_curve25519", ["0df0d56bb50c6b2426d8d40234bf1826"], ["a95c22bf8e9b19ed0a5dc74bb2f9c613"]),
    ]

    @Test(
        "HASSH of both sides",
        .enabled(if: CaptureData.isPresent, "GATEHOUSE_DATA holds no captures"),
        arguments: shells.indices
    )
    func shell(_ index: Int) throws {
        let (capture, client, server) = TimeAndShellTests.shells[index]
        let path = "protocols/zeek+zeek__testing__btest__Traces__ssh__\(capture).pcap"
        let replay = try Replay(try CaptureData.bytes(path))
        #expect(replay.values(.sshClientHASSH) == client)
        #expect(replay.values(.sshServerHASSH) == server)
    }

    static let exchange: [UInt8] = {
        var body: [UInt8] = [20] + [UInt8](repeating: 0xAA, count: 16)
        for list in ["k", "h", "e", "f", "m", "n", "z", "y", "", ""] {
            body += FrameBuilder.long(UInt32(list.utf8.count)) + Array(list.utf8)
        }
        body += [0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 4)
        return FrameBuilder.long(UInt32(body.count + 1)) + [4] + body
    }()

    @Test("in the banner's segment, after it, cut anywhere; the client's and the server's direction")
    func segments() {
        let banner = Array("SSH-2.0-dropbear\r\n".utf8)
        let whole = banner + TimeAndShellTests.exchange
        for place in [whole.count, banner.count] + Array(1..<whole.count) {
            var frames = [StreamTests.segment(Array(whole.prefix(place)), at: 0)]
            if place < whole.count { frames.append(StreamTests.segment(Array(whole.dropFirst(place)), at: place)) }
            // md5("k;e;m;z")
            #expect(
                StreamTests.kinds(frames) == [
                    "ssh.client dropbear", "ssh.clientHASSH 1989909a163c09d3e4f1bf173c28a570",
                ],
                "cut at \(place)"
            )
        }
        let answer = FrameBuilder.ethernet(
            from: SignalExtractorTests.camera,
            FrameBuilder.ip(
                from: "192.0.2.7",
                to: "192.0.2.9",
                transport: 6,
                FrameBuilder.tcp(from: 22, to: 50_000, whole)
            )
        )
        // md5("k;f;n;y")
        #expect(
            StreamTests.kinds([answer]) == ["ssh.server dropbear", "ssh.serverHASSH 350258e62e714f9a593572fbdf1a6bb9"]
        )
    }
}
