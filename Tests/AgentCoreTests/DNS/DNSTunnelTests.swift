import Captures
import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import PacketParsing
import Policy
import TestSupport
import Testing
import WireProtocol

@testable import AgentCore

@Suite struct DNSTunnelTests {
    static let device = MACAddress(rawValue: 0x02_00_00_00_00_01)

    /// Asks for each name, so long after the one before; what was noticed.
    static func notice(
        _ names: [DNSName],
        _ types: [DNSRecordType],
        everyMilliseconds: UInt64,
        device: MACAddress = device
    ) -> [DNSTunnel] {
        var detector = DNSTunnelDetector(entropy: 7)
        var now: UInt64 = 1_000_000
        var noticed: [DNSTunnel] = []
        for (index, name) in names.enumerated() {
            let type = types[index % types.count]
            if case .noticed(let tunnel) = detector.take(name, type, device: device, nowMilliseconds: now) {
                noticed.append(tunnel)
            }
            now += everyMilliseconds
        }
        return noticed
    }

    /// The data in labels of at most `length` bytes, below a domain.
    static func name(_ data: [UInt8], labelLength length: Int, below domain: ByteString) -> DNSName {
        var labels: [ByteString] = []
        var start = 0
        while start < data.count {
            labels.append(ByteString(Array(data[start..<min(start + length, data.count)])))
            start += length
        }
        return DNSName(labels: labels + domain.split(0x2E)) ?? .root
    }

    static let hexadecimal = Array("0123456789abcdef".utf8)
    /// iodine 0.7, src/base32.c, base64.c and base128.c.
    static let base32 = Array("abcdefghijklmnopqrstuvwxyz012345".utf8)
    static let base64 = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789+".utf8)
    static let base128 = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8) + (188...253)

    struct Tunnel: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var alphabet: [UInt8]
        /// Characters of data in a name, and most in a label.
        var length: ClosedRange<Int>
        var labelLength: Int
        var domain: ByteString
        var types: [DNSRecordType]
        var everyMilliseconds: UInt64
    }

    private static let null = DNSRecordType(rawValue: 10)
    static let tunnels: [Tunnel] = [
        // doc/proto_00000502.txt: pings of the user's number and 4 bytes, in lazy mode each 4 s.
        Tunnel(
            testDescription: "iodine at rest",
            alphabet: base32,
            length: 8...8,
            labelLength: 57,
            domain: "t.example.com",
            types: [null],
            everyMilliseconds: 4000
        ),
        Tunnel(
            testDescription: "iodine, PRIVATE",
            alphabet: base32,
            length: 8...8,
            labelLength: 57,
            domain: "t.example.com",
            types: [DNSRecordType(rawValue: 65399)],
            everyMilliseconds: 4000
        ),
        Tunnel(
            testDescription: "iodine, base32 in A",
            alphabet: base32,
            length: 150...230,
            labelLength: 57,
            domain: "t.example.com",
            types: [.a],
            everyMilliseconds: 200
        ),
        Tunnel(
            testDescription: "iodine, base64 in CNAME",
            alphabet: base64,
            length: 150...230,
            labelLength: 57,
            domain: "t.example.co.uk",
            types: [.cname],
            everyMilliseconds: 200
        ),
        Tunnel(
            testDescription: "iodine, base128 in TXT",
            alphabet: base128,
            length: 150...230,
            labelLength: 57,
            domain: "x.io",
            types: [.txt],
            everyMilliseconds: 200
        ),
        // doc/protocol.md of dnscat2: MSG packets of nine bytes at least, in hexadecimal, one a second.
        Tunnel(
            testDescription: "dnscat2 at rest",
            alphabet: hexadecimal,
            length: 18...18,
            labelLength: 62,
            domain: "example.com",
            types: [.txt, .cname, .mx],
            everyMilliseconds: 1000
        ),
        Tunnel(
            testDescription: "dnscat2 at rest, in A",
            alphabet: hexadecimal,
            length: 18...34,
            labelLength: 62,
            domain: "dnscat.example.com",
            types: [.a],
            everyMilliseconds: 1000
        ),
        Tunnel(
            testDescription: "dnscat2 with a file",
            alphabet: hexadecimal,
            length: 200...220,
            labelLength: 62,
            domain: "example.com",
            types: [.txt, .cname, .mx],
            everyMilliseconds: 100
        ),
    ]

    @Test(arguments: tunnels) func tunnelIsNoticedWithinTwoMinutesAndOnceAnHour(tunnel: Tunnel) throws {
        var random = SeededGenerator(seed: 42)
        let count = Int(120_000 / tunnel.everyMilliseconds)
        let names = (0..<count).map { _ in
            let length = Int.random(in: tunnel.length, using: &random)
            let data = (0..<length).map { _ in
                tunnel.alphabet[Int.random(in: 0..<tunnel.alphabet.count, using: &random)]
            }
            return Self.name(data, labelLength: tunnel.labelLength, below: tunnel.domain)
        }
        let noticed = Self.notice(names, tunnel.types, everyMilliseconds: tunnel.everyMilliseconds)
        try #require(noticed.count == 1)
        #expect(tunnel.domain.hasSuffix(noticed[0].parent) && noticed[0].names > 5)
        #expect(noticed[0].milliseconds < 60_000 && noticed[0].example.bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        print("DNSTunnelTests: \(tunnel.testDescription): \(noticed[0].summary.text)")
    }

    /// Names as programs ask for them, a dozen of each a minute.
    static let honest: [[ByteString]] = [
        (1...40).map { ByteString(utf8: "rr\($0 % 8)---sn-h5qzen\($0)s.googlevideo.com") },
        (1...40).map { ByteString(utf8: "ipv4-c\($0)-ams001-ix.1.oca.nflxvideo.net") },
        (1...60).map { ByteString(utf8: "ec2-52-23-194-\($0).compute-1.amazonaws.com") },
        (1...30).map { ByteString(utf8: "e\(6000 + $0).dscx.akamaiedge.net") },
        (1...60).map { ByteString(utf8: "\($0).113.0.203.in-addr.arpa") },
        (0...59).map {
            ByteString(
                utf8: "\($0 % 10).a.\($0 / 10).0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
            )
        },
        (1...60).map { ByteString(utf8: "\($0).113.0.203.zen.spamhaus.org") },
        (1...19).map { ByteString(utf8: "_ipp\($0)._tcp.office.example.com") },
        [
            "b._dns-sd._udp.0.113.0.203.in-addr.arpa", "lb._dns-sd._udp.0.113.0.203.in-addr.arpa",
            "d3bxy9euw4e147.cloudfront.net", "d2lkq9euw4e1b7.cloudfront.net", "dfm7z2cqpwxa1.cloudfront.net",
            "a2k8xh3mzq4pjt-ats.iot.us-east-1.amazonaws.com", "device-metrics-us-2.amazon.com",
            "a1x9k2q4z7b3c5-ats.iot.eu-west-1.amazonaws.com", "0.pool.ntp.org", "1.pool.ntp.org",
            "time-ios.apple.com", "connectivitycheck.gstatic.com", "mqtt.eu-central-1.prod.device-telemetry.example",
            "550e8400-e29b-41d4-a716-446655440000.iot-cloud.example.com", "gsp-ssl.ls.apple.com",
            "v10.events.data.microsoft.com", "settings-win.data.microsoft.com", "3.tlu.dl.delivery.mp.microsoft.com",
        ],
    ]

    @Test(arguments: honest) func honestNamesAreNot(texts: [ByteString]) {
        let names = (0..<10).flatMap { _ in texts.map { DNSName(labels: $0.split(0x2E)) ?? .root } }
        for types: [DNSRecordType] in [[.a, .aaaa, .https], [.txt]] {
            let noticed = Self.notice(names, types, everyMilliseconds: 1000)
            #expect(noticed.isEmpty, "\(noticed.map { $0.summary.text })")
        }
    }

    @Test(.enabled(if: CaptureData.isPresent, "needs GATEHOUSE_DATA")) func realDevicesAreNotTakenForTunnels() throws {
        var questions = 0
        for path in CaptureData.captures {
            let file = try CaptureData.bytes(path)
            var reader = CaptureFileReader()
            var detector = DNSTunnelDetector(entropy: 7)
            try? reader.feed(file.span) { frame, bytes in
                var reader = ByteReader(bytes)
                guard (try? LinkHeader(parsing: &reader, linkType: frame.linkType)) != nil,
                    let ip = try? IPHeader(parsing: &reader), let udp = try? UDPHeader(parsing: &reader),
                    udp.destinationPort == 53, let message = try? DNSMessage(parsing: &reader),
                    let question = message.questions.first
                else { return }
                questions += 1
                let verdict = detector.take(
                    question.name,
                    question.type,
                    device: MACAddress(rawValue: ip.source.low & 0xFFFF_FFFF_FFFF),
                    nowMilliseconds: frame.timeNanoseconds / 1_000_000
                )
                if case .noticed(let tunnel) = verdict { Issue.record("\(path): \(tunnel.summary.text)") }
            }
        }
        print("DNSTunnelTests: \(questions) questions of captures")
        #expect(questions > 100)
    }

    @Test func devicesAreCountedApartAndTheirManyNamesHaveALimit() {
        var detector = DNSTunnelDetector(entropy: 7)
        var random = SeededGenerator(seed: 1)
        func data() -> [UInt8] { (0..<20).map { _ in Self.hexadecimal[Int.random(in: 0..<16, using: &random)] } }
        // Two devices, 30 names each: neither is enough.
        for index in 0..<60 {
            let device = MACAddress(rawValue: UInt64(index % 2 + 1))
            let name = Self.name(data(), labelLength: 62, below: "example.com")
            if case .none = detector.take(name, .a, device: device, nowMilliseconds: 1) { continue }
            Issue.record("noticed after \(index)")
        }
        // A device that asks below ever new domains drives out its own, not the other's.
        for index in 0..<1000 {
            let name = Self.name(data(), labelLength: 62, below: ByteString(utf8: "d\(index).org"))
            _ = detector.take(name, .a, device: MACAddress(rawValue: 1), nowMilliseconds: 2)
        }
        #expect(detector.evictedCount == UInt64(1001 - DNSLimits.tunnelParentsPerDevice))
        var isNoticed = false
        for _ in 0..<20 {
            let name = Self.name(data(), labelLength: 62, below: "example.com")
            if case .noticed = detector.take(name, .a, device: MACAddress(rawValue: 2), nowMilliseconds: 3) {
                isNoticed = true
            }
        }
        #expect(isNoticed)
    }

    @Test(arguments: [
        ("a.example.com", "example.com"), ("a.b.example.com", "example.com"), ("a.example.co.uk", "example.co.uk"),
        ("example.co.uk", nil), ("a.x.io", "x.io"), ("com", nil), ("a.com", nil), ("a.b.xyz.de", "xyz.de"),
    ])
    func parentIsWhatSomebodyMayHaveRegistered(text: String, parent: String?) {
        let name = DNSProxyBench.name(ByteString(utf8: text))
        let start = DNSTunnelDetector.parentStart(name.wireBytes)
        #expect(start.map { name.suffix(from: $0).byteString.text } == parent)
    }

    @Test func rootAndNamesOfOddBytesDoNotStopIt() {
        var detector = DNSTunnelDetector(entropy: 7)
        let names =
            [DNSName.root]
            + [[[0xFF]], [[0x2E], [0], [0x80]]].compactMap { (labels: [[UInt8]]) in
                DNSName(labels: labels.map { ByteString($0) })
            }
        #expect(names.count == 3)
        for name in names {
            guard case .none = detector.take(name, .a, device: Self.device, nowMilliseconds: 1) else {
                Issue.record("\(name)")
                return
            }
        }
    }

    @Test func proxySaysSoBesideItsAnswerAndTheAgentReportsAndCounts() throws {
        var bench = DNSProxyBench()
        var random = SeededGenerator(seed: 5)
        var suspicions: [DNSTunnel?] = []
        for _ in 0..<100 {
            let data = (0..<18).map { _ in Self.hexadecimal[Int.random(in: 0..<16, using: &random)] }
            let name = Self.name(data, labelLength: 62, below: "evil.example").byteString
            let actions = bench.ask(DNSProxyBench.question(name, .txt))
            #expect(try bench.replied(Array(actions.prefix(1))).flags.responseCode == .nameError)
            for case .suspect(DNSProxyBench.device, let tunnel) in actions.dropFirst() { suspicions.append(tunnel) }
            bench.now += 500
        }
        #expect(suspicions.first??.parent == "evil.example" && suspicions.dropFirst().allSatisfy { $0 == nil })
        #expect(suspicions.count > 50 && bench.proxy.counters.queries == 100 && bench.proxy.tunnelCount == 1)
        // Without a device nobody can be named.
        bench.client.device = nil
        #expect(bench.ask(DNSProxyBench.question("a.evil.example", .txt)).count == 1)
    }

    @Test(arguments: [Allowlist.Mode.enforce, .monitor]) func agentReportsAndHoldsItAgainstThePolicy(
        mode: Allowlist.Mode
    ) throws {
        let text = DeviceFloodTests.rules
        let knowledge = try KnowledgeBase(
            opening: ArrayByteStore(try KnowledgeBuilder.build(texts: [(file: "rules.yaml", text: text)]))
        )
        var agent = Agent(settings: AgentSettings(), knowledge: knowledge)
        let now = AgentTime(wallMilliseconds: 1_000_000, monotonicMilliseconds: 1000)
        _ = agent.admit(DeviceKey(Self.device), interface: "br0", now: now)
        var bundle = PolicyBundle()
        bundle.baseline.unknown.mode = mode
        let limit = ViolationResponse(quarantineAfter: 3, withinSeconds: 60, forSeconds: 600)
        bundle.baseline.unknown.onViolation = limit
        _ = agent.adopt(bundle)
        let tunnel = DNSTunnel(
            parent: "evil.example",
            example: "00ff.evil.example",
            names: 41,
            encoded: 40,
            bytes: 800,
            milliseconds: 41_000
        )
        let first = agent.suspect(Self.device, tunnel: tunnel, now: now)
        guard first.count == 1, case .report(.critical, .incident(let incident)) = first[0] else {
            Issue.record("\(first)")
            return
        }
        #expect(incident.kind == "dns-tunnel" && incident.device == DeviceKey(Self.device).byteString)
        #expect(incident.count == 41 && incident.summary.text.contains("below evil.example carry data: 41 different"))
        #expect(agent.suspect(Self.device, tunnel: nil, now: now) == [])
        let third = agent.suspect(Self.device, tunnel: nil, now: now)
        #expect(third.contains(.quarantine(Self.device, seconds: 600)) == (mode == .enforce), "\(third)")
        if mode == .enforce { #expect(agent.suspect(Self.device, tunnel: tunnel, now: now) == []) }
        #expect(agent.suspect(MACAddress(rawValue: 99), tunnel: tunnel, now: now) == [])
    }
}
