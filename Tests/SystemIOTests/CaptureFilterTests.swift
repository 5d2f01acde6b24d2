import CLinux
import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing

/// The filter, judged by the kernel that will run it.
@Suite("Capture filter", .ownThread)
struct CaptureFilterTests {
    private struct Case: CustomTestStringConvertible {
        let testDescription: String
        let passes: Bool
        let frame: [UInt8]

        init(_ passes: Bool, _ name: String, _ frame: [UInt8]) {
            testDescription = name
            self.passes = passes
            self.frame = frame
        }
    }

    private static let camera: ByteString = "ac:cc:8e:01:02:03"

    private static func packet(
        _ transport: UInt8,
        v6: Bool = false,
        tags: [Int] = [],
        fragment: Int = 0x4000,
        _ payload: [UInt8]
    ) -> [UInt8] {
        FrameBuilder.ethernet(
            from: camera,
            type: v6 ? 0x86DD : 0x0800,
            tags: tags,
            FrameBuilder.ip(
                from: v6 ? "2001:db8::1" : "192.0.2.1",
                to: v6 ? "2001:db8::2" : "192.0.2.2",
                transport: transport,
                flagsAndOffset: fragment,
                payload
            )
        )
    }

    private static func udp(_ source: Int, _ destination: Int, v6: Bool = false, tags: [Int] = []) -> [UInt8] {
        packet(17, v6: v6, tags: tags, FrameBuilder.udp(from: source, to: destination, Array("payload".utf8)))
    }

    private static func tcp(
        _ source: Int,
        _ destination: Int,
        flags: UInt8 = 0x10,
        options: [UInt8] = [],
        v6: Bool = false,
        tags: [Int] = [],
        _ payload: String = ""
    ) -> [UInt8] {
        let segment = FrameBuilder.tcp(
            from: source,
            to: destination,
            flags: flags,
            options: options,
            Array(payload.unicodeScalars.map { UInt8($0.value) })
        )
        return packet(6, v6: v6, tags: tags, segment)
    }

    private static func icmp6(_ type: UInt8) -> [UInt8] { packet(58, v6: true, [type, 0, 0, 0, 0, 0, 0, 0]) }

    private static func fragment6(_ word: Int, transport: UInt8 = 17, _ payload: [UInt8]) -> [UInt8] {
        packet(44, v6: true, [transport, 0] + FrameBuilder.word(word) + [0, 0, 0, 7] + payload)
    }

    private static let noOptions = [UInt8](repeating: 1, count: 12)

    private static let cases: [Case] = [
        Case(true, "ARP", FrameBuilder.ethernet(from: camera, type: 0x0806, [UInt8](repeating: 0, count: 28))),
        Case(true, "ARP in a VLAN", FrameBuilder.ethernet(from: camera, type: 0x0806, tags: [7], [0, 1])),
        Case(true, "LLDP", FrameBuilder.ethernet(from: camera, type: 0x88CC, [2, 7, 4])),
        Case(
            true,
            "CDP",
            FrameBuilder.ethernet(
                from: camera,
                to: "01:00:0c:cc:cc:cc",
                type: 100,
                [0xAA, 0xAA, 3, 0, 0, 0x0C, 0x20, 0x00] + [UInt8](repeating: 0, count: 60)
            )
        ),
        Case(
            false,
            "spanning tree",
            FrameBuilder.ethernet(from: camera, type: 38, [0x42, 0x42, 3] + [UInt8](repeating: 0, count: 43))
        ),
        Case(true, "DCP", FrameBuilder.ethernet(from: camera, type: 0x8892, [0xFE, 0xFF, 5, 1])),
        Case(
            true,
            "DCP Hello, tagged",
            FrameBuilder.ethernet(from: camera, type: 0x8892, tags: [0], [0xFE, 0xFC, 6, 0])
        ),
        Case(false, "cyclic data", FrameBuilder.ethernet(from: camera, type: 0x8892, [0x80, 0x00, 5, 1])),
        Case(true, "S7", tcp(102, 50_000, "\u{03}\u{00}")), Case(true, "BACnet", udp(47_808, 47_808)),
        Case(false, "EAPOL", FrameBuilder.ethernet(from: camera, type: 0x888E, [1, 0, 0, 0])),
        Case(true, "DHCP request", udp(68, 67)), Case(true, "DHCP answer", udp(67, 68)),
        Case(true, "mDNS", udp(5353, 5353)), Case(true, "mDNS over IPv6", udp(5353, 5353, v6: true)),
        Case(true, "SSDP", udp(50_000, 1900)), Case(true, "SSDP answer", udp(1900, 50_000)),
        Case(true, "WS-Discovery", udp(50_000, 3702)), Case(true, "DNS question", udp(50_000, 53)),
        Case(true, "DNS in a VLAN", udp(50_000, 53, tags: [42])),
        Case(false, "DNS in two VLANs", udp(50_000, 53, tags: [42, 43])),
        Case(true, "DNS over IPv6 in a VLAN", udp(50_000, 53, v6: true, tags: [42])),
        Case(true, "LLMNR", udp(50_000, 5355)), Case(true, "NetBIOS", udp(137, 137)),
        Case(false, "media", udp(50_000, 6970)), Case(false, "media over IPv6", udp(50_000, 6970, v6: true)),
        Case(
            true,
            "QUIC Initial",
            packet(17, FrameBuilder.udp(from: 50_000, to: 443, [0xC3] + [UInt8](repeating: 0, count: 40)))
        ),
        Case(
            false,
            "QUIC data",
            packet(17, FrameBuilder.udp(from: 443, to: 50_000, [0x43] + [UInt8](repeating: 0, count: 40)))
        ),
        Case(true, "SYN", tcp(50_000, 8_000, flags: 0x02)), Case(true, "SYN-ACK", tcp(8_000, 50_000, flags: 0x12)),
        Case(true, "SYN over IPv6", tcp(50_000, 8_000, flags: 0x02, v6: true)),
        Case(true, "SYN in a VLAN", tcp(50_000, 8_000, flags: 0x02, tags: [4094])),
        Case(false, "ACK", tcp(50_000, 80)), Case(false, "RST", tcp(50_000, 80, flags: 0x04)),
        Case(false, "FIN", tcp(50_000, 443, flags: 0x11)),
        Case(false, "ACK padded to 60 bytes", tcp(50_000, 80) + [UInt8](repeating: 0x16, count: 6)),
        Case(false, "ACK padded, to a slow port", tcp(50_000, 23) + [UInt8](repeating: 0, count: 6)),
        Case(true, "ClientHello", tcp(50_000, 443, "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}")),
        Case(true, "ClientHello, TCP options", tcp(50_000, 443, options: noOptions, "\u{16}\u{03}\u{01}\u{02}\u{00}")),
        Case(true, "ClientHello on any port", tcp(50_000, 4_443, v6: true, "\u{16}\u{03}\u{01}\u{02}\u{00}")),
        Case(false, "application data", tcp(50_000, 443, flags: 0x18, "\u{17}\u{03}\u{03}\u{02}\u{00}")),
        Case(true, "rest of a ClientHello", tcp(50_000, 443, flags: 0x18, "\u{00}\u{2B}\u{00}\u{03}")),
        Case(true, "first byte of a ClientHello alone", tcp(50_000, 443, flags: 0x18, "\u{16}")),
        Case(false, "middle of an upload", tcp(50_000, 443, flags: 0x10, "\u{00}\u{2B}\u{00}\u{03}")),
        Case(false, "end of a download", tcp(443, 50_000, flags: 0x18, "\u{00}\u{2B}\u{00}\u{03}")),
        Case(false, "long end of an upload", tcp(50_000, 443, flags: 0x18, String(repeating: "a", count: 1_400))),
        Case(true, "HTTP request", tcp(50_000, 80, flags: 0x18, "GET / HTTP/1.1\r\n")),
        Case(true, "HTTP answer, odd port", tcp(8_089, 50_000, flags: 0x18, "HTTP/1.1 200 OK\r\n")),
        Case(true, "RTSP answer", tcp(554, 50_000, flags: 0x18, "RTSP/1.0 200 OK\r\n")),
        Case(true, "SSH banner", tcp(22, 50_000, flags: 0x18, "SSH-2.0-dropbear\r\n")),
        Case(true, "SSH key exchange on any port", tcp(50_000, 2222, "\u{00}\u{00}\u{05}\u{DC}\u{07}\u{14}cookie")),
        Case(false, "SSH, another message", tcp(50_000, 2222, "\u{00}\u{00}\u{05}\u{DC}\u{07}\u{15}cookie")),
        Case(false, "SSH, too long", tcp(50_000, 2222, "\u{00}\u{00}\u{20}\u{00}\u{07}\u{14}cookie")),
        Case(true, "rest of a key exchange", tcp(50_000, 22, flags: 0x18, "\u{17}zlib")),
        Case(true, "rest of a server's key exchange", tcp(22, 50_000, flags: 0x18, "\u{17}zlib")),
        Case(false, "middle of a copy over SSH", tcp(50_000, 22, flags: 0x10, "\u{17}zlib")),
        Case(false, "end of a copy over SSH", tcp(22, 50_000, flags: 0x18, String(repeating: "a", count: 1_400))),
        Case(false, "video", tcp(554, 50_000, flags: 0x18, "$\u{00}\u{05}\u{A0}video")),
        Case(true, "MQTT CONNECT", tcp(50_000, 1883, flags: 0x18, "\u{10}\u{0C}\u{00}\u{04}MQTT")),
        Case(true, "Telnet, one byte", tcp(50_000, 23, flags: 0x18, "r")),
        Case(false, "one byte elsewhere", tcp(50_000, 9_999, flags: 0x18, "r")),
        Case(true, "neighbour solicitation", icmp6(135)), Case(true, "router solicitation", icmp6(133)),
        Case(true, "neighbour advertisement", icmp6(136)), Case(false, "redirect", icmp6(137)),
        Case(false, "echo over IPv6", icmp6(128)), Case(false, "echo", packet(1, [8, 0, 0, 0])),
        Case(true, "first fragment", packet(17, fragment: 0x2000, FrameBuilder.udp(from: 1, to: 53, [1]))),
        Case(true, "later fragment", packet(17, fragment: 0x2001, FrameBuilder.udp(from: 1, to: 9, [1]))),
        Case(true, "last of 16 KiB", packet(17, fragment: 0x07FF, FrameBuilder.udp(from: 1, to: 53, [1]))),
        Case(false, "beyond 16 KiB", packet(17, fragment: 0x0800, FrameBuilder.udp(from: 1, to: 53, [1]))),
        Case(false, "later fragment of TCP", packet(6, fragment: 0x2001, FrameBuilder.udp(from: 1, to: 53, [1]))),
        Case(true, "first fragment, IPv6", fragment6(0x0001, FrameBuilder.udp(from: 1, to: 53, [1]))),
        Case(false, "first fragment of media, IPv6", fragment6(0x0001, FrameBuilder.udp(from: 1, to: 9, [1]))),
        Case(true, "later fragment, IPv6", fragment6(0x0008, FrameBuilder.udp(from: 1, to: 9, [1]))),
        Case(false, "beyond 16 KiB, IPv6", fragment6(0x4000, FrameBuilder.udp(from: 1, to: 53, [1]))),
        Case(
            false,
            "later fragment of TCP, IPv6",
            fragment6(0x0009, transport: 6, FrameBuilder.udp(from: 1, to: 53, [1]))
        ),
    ]

    @Test("truth table", arguments: cases)
    private func truth(_ item: Case) throws {
        let filter = try KernelFilter(try #require(CaptureFilter().program()))
        #expect(filter.passes(item.frame) == item.passes)
    }

    @Test("no prefix of any frame stops the kernel's program from answering")
    func prefixes() throws {
        let filter = try KernelFilter(try #require(CaptureFilter().program()))
        for item in Self.cases {
            for length in 14..<item.frame.count {
                _ = filter.passes(Array(item.frame[0..<length]))
            }
            #expect(filter.passes(item.frame) == item.passes, "\(item.testDescription) after its prefixes")
        }
    }

    @Test("handshakes and all others are two parts of the whole", arguments: cases)
    private func parts(_ item: Case) throws {
        var choice = CaptureFilter()
        choice.content = .handshakes
        let handshakes = try KernelFilter(try #require(choice.program()))
        choice.content = .others
        let others = try KernelFilter(try #require(choice.program()))
        let isHandshake = item.testDescription.contains("ClientHello") || item.testDescription == "QUIC Initial"
        #expect(handshakes.passes(item.frame) == isHandshake)
        #expect(others.passes(item.frame) == (item.passes && !isHandshake))
    }

    @Test("of a ClientHello in joined segments more is captured")
    func longHandshake() throws {
        let filter = try KernelFilter(try #require(CaptureFilter().program()))
        let hello = Self.tcp(50_000, 443, "\u{16}\u{03}\u{01}" + String(repeating: "a", count: 20_000))
        #expect(filter.captured(hello) == Int(CaptureFilter.handshakeSnapBytes))
    }

    @Test("a frame longer than the limit is cut to it")
    func snapLength() throws {
        let filter = try KernelFilter(try #require(CaptureFilter().program()))
        let long = Self.packet(17, FrameBuilder.udp(from: 68, to: 67, [UInt8](repeating: 0, count: 3_000)))
        #expect(filter.captured(long) == Int(CaptureFilter.snapBytes))
    }

    @Test("lists that no program can hold are refused")
    func tooLong() {
        var filter = CaptureFilter()
        filter.udpPorts = Array(1...2_000)
        #expect(filter.program() == nil)
    }

    /// The same choice for untagged IPv4, in tcpdump's words.
    private static func expression(_ filter: CaptureFilter) -> String {
        let udp = filter.udpPorts.map { "udp port \($0)" }.joined(separator: " or ")
        let slow =
            (filter.slowPorts.map { "tcp port \($0)" } + filter.answerPorts.map { "tcp src port \($0)" })
            .joined(separator: " or ")
        let offset = "((tcp[12] & 0xf0) >> 2)"
        let length = "(ip[2:2] - ((ip[0] & 0xf) << 2) - \(offset))"
        let starts = filter.tcpStarts.map { "tcp[\(offset):4] = \($0)" }.joined(separator: " or ")
        let tls = filter.tlsPorts.map { "tcp dst port \($0)" }.joined(separator: " or ")
        let rest =
            "(\(tls)) and tcp[13] & 8 != 0 and \(length) < 1400 and (\(length) < 2 or tcp[\(offset)] < 0x14 or tcp[\(offset)] > 0x17)"
        let ssh = filter.sshPorts.map { "tcp port \($0)" }.joined(separator: " or ")
        let exchangeRest = "(\(ssh)) and tcp[13] & 8 != 0 and \(length) < 1400"
        let exchange = "(tcp[\(offset):4] < 8192 and tcp[\(offset) + 5] = 20)"
        let quic = "(udp port 443 and udp[8] & 0x80 != 0)"
        let payload =
            "(\(length) > 0 and ((\(slow)) or (\(rest)) or (\(exchangeRest)) or \(exchange) or tcp[\(offset):2] = 0x1603 or \(starts)))"
        let later = "(ip[6:2] & 0x1fff != 0 and ip[6:2] & 0x1fff < 0x800 and ip[9] = 17)"
        return
            "arp or (ip and \(later)) or (ip and (ip[6:2] & 0x1fff = 0) and (\(udp) or \(quic) or (tcp and (tcp[13] & 2 != 0 or \(payload)))))"
    }

    @Test(
        "agrees with a program that tcpdump made, on random frames",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tcpdump"), "needs tcpdump")
    )
    func tcpdump() throws {
        let choice = CaptureFilter()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tcpdump")
        // Without an interface to open, the link type must be said.
        process.arguments = ["-y", "EN10MB", "-ddd", Self.expression(choice)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = output.split(separator: "\n").dropFirst()
        let theirs = try KernelFilter(
            try lines.map { line in
                let words = line.split(separator: " ").compactMap { UInt32($0) }
                try #require(words.count == 4)
                return sock_filter(code: UInt16(words[0]), jt: UInt8(words[1]), jf: UInt8(words[2]), k: words[3])
            }
        )
        let ours = try KernelFilter(try #require(choice.program()))
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let ports =
            choice.udpPorts + choice.slowPorts + choice.answerPorts + choice.tlsPorts + choice.sshPorts + [
                80, 554, 1234, 50_000,
            ]
        let payloads = [
            "", "G", "GET ", "HTTP/1.0", "\u{16}\u{03}\u{01}\u{01}", "\u{17}\u{03}\u{03}\u{01}", "\u{13}abc",
            "\u{18}abc", "\u{00}\u{00}\u{05}\u{DC}\u{07}\u{14}", "\u{00}\u{00}\u{05}\u{DC}\u{07}\u{15}",
        ]
        var passed = 0
        for _ in 0..<20_000 {
            let isUDP = Bool.random(using: &random)
            let source = Int(ports.randomElement(using: &random) ?? 0)
            let destination = Int(ports.randomElement(using: &random) ?? 0)
            let text = payloads.randomElement(using: &random) ?? ""
            var payload = Array(text.unicodeScalars.map { UInt8($0.value) })
            payload += (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            let fragment = [0, 0x4000, 0x2000, 0x2001, 0x0FFF].randomElement(using: &random) ?? 0
            let segment =
                isUDP
                ? FrameBuilder.udp(from: source, to: destination, payload)
                : FrameBuilder.tcp(
                    from: source,
                    to: destination,
                    flags: UInt8.random(in: 0...0x3F, using: &random),
                    options: [UInt8](repeating: 1, count: 4 * Int.random(in: 0...10, using: &random)),
                    payload
                )
            var frame = Self.packet(isUDP ? 17 : 6, fragment: fragment, segment)
            // Now and then a byte of the headers is any other.
            if Int.random(in: 0..<4, using: &random) == 0 {
                frame[Int.random(in: 14..<34, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // Four bytes behind the packet, as a padded frame has them: loads past the end differ otherwise, since
            // tcpdump's program reads words of other lengths than ours.
            frame += [0, 0, 0, 0]
            let verdict = ours.passes(frame)
            if verdict { passed += 1 }
            #expect(verdict == theirs.passes(frame), "seed \(seed): \(frame)")
        }
        #expect(passed > 1_000 && passed < 19_000)
    }
}
