import Fingerprinting
import NetworkTypes
import Policy
import Testing
import WireProtocol

@testable import AgentCore

/// What devices may ask servers for, on addresses that they reach by a name.
@Suite struct ServerNameTests {
    static let address: ByteString = "198.51.100.7"

    /// Cameras that may reach `*.axis.com` on 443/tcp and 443/udp, `stun.example` on all, and have a prefix too.
    static func enforcement(
        _ check: ServerNameCheck = .checked,
        mode: Allowlist.Mode = .enforce,
        generation: UInt64 = 1,
        names: [ByteString] = ["*.axis.com"]
    ) throws -> Enforcement {
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(
            try bundle(check, mode: mode, generation: generation, names: names),
            devices: SamplePolicies.devices()
        )
        try learn(&enforcement)
        return enforcement
    }

    static func bundle(
        _ check: ServerNameCheck = .checked,
        mode: Allowlist.Mode = .enforce,
        generation: UInt64 = 1,
        names: [ByteString] = ["*.axis.com"]
    ) throws -> PolicyBundle {
        var cameras = Allowlist(name: "cameras")
        cameras.mode = mode
        cameras.dns.serverNames = check
        cameras.allow = try names.map { name in
            AllowRule(
                to: .name(try #require(NamePattern(name))),
                ports: [SamplePolicies.tcp(443), SamplePolicies.udp(443)]
            )
        }
        cameras.allow += [
            AllowRule(to: .name(try #require(NamePattern("stun.example"))), ports: []),
            AllowRule(to: .prefix(try SamplePolicies.prefix("203.0.113.0/24")), ports: [SamplePolicies.tcp(443)]),
        ]
        var bundle = PolicyBundle()
        bundle.generation = generation
        bundle.allowlists = [cameras]
        return bundle
    }

    /// The camera learns the address for a name of the wildcard, and another for the name with all ports.
    static func learn(_ enforcement: inout Enforcement) throws {
        for (name, addresses) in [
            ("cloud.axis.com", [address, "2001:db8::7", "203.0.113.9"]), ("stun.example", ["198.51.100.8"]),
        ] as [(ByteString, [ByteString])] {
            _ = enforcement.learn(
                device: SamplePolicies.camera,
                name: try SamplePolicies.name(name),
                addresses: try addresses.map { try #require(IPAddress($0)) },
                seconds: 300,
                nowMilliseconds: 0
            )
        }
    }

    static func sighting(
        _ name: ServerNameSighting.Name,
        device: MACAddress = SamplePolicies.camera,
        from client: ByteString = "192.0.2.7",
        to server: ByteString = address,
        transport: TransportProtocol = .tcp,
        ports: (UInt16, UInt16) = (50_000, 443)
    ) throws -> ServerNameSighting {
        ServerNameSighting(
            device: device,
            client: try #require(IPAddress(client)),
            server: try #require(IPAddress(server)),
            transport: transport,
            clientPort: ports.0,
            serverPort: ports.1,
            name: name
        )
    }

    /// All that a batch leads to.
    static func judge(
        _ enforcement: inout Enforcement,
        _ sightings: [ServerNameSighting],
        nowMilliseconds: UInt64
    ) -> (refused: [DroppedPacket], commands: ByteString) {
        let refused = sightings.compactMap { enforcement.judge($0, nowMilliseconds: nowMilliseconds) }
        return (refused, enforcement.takeCuts(nowMilliseconds: nowMilliseconds))
    }

    private enum Outcome: Equatable {
        /// Let through, under one of the counters, or none.
        case passes(WritableKeyPath<ServerNameCounters, UInt64>?)
        case refused(ByteString)
    }

    @Test("the rule's names and no others; what names none passes, unless names are required")
    func verdicts() throws {
        let cases: [(what: String, sighting: ServerNameSighting, checked: Outcome, required: Outcome)] = [
            ("a name of the rule", try Self.sighting(.named("cloud.axis.com")), .passes(\.allowed), .passes(\.allowed)),
            ("in capitals", try Self.sighting(.named("CLOUD.Axis.COM")), .passes(\.allowed), .passes(\.allowed)),
            ("another", try Self.sighting(.named("evil.example")), .refused("evil.example"), .refused("evil.example")),
            ("the wildcard's own", try Self.sighting(.named("axis.com")), .refused("axis.com"), .refused("axis.com")),
            (
                "looks alike", try Self.sighting(.named("evilaxis.com")), .refused("evilaxis.com"),
                .refused("evilaxis.com")
            ),
            ("no name at all", try Self.sighting(.named("a b\n")), .refused("a b\n"), .refused("a b\n")),
            ("QUIC", try Self.sighting(.named("x.y"), transport: .udp), .refused("x.y"), .refused("x.y")),
            ("IPv6", try Self.sighting(.named("x.y"), to: "2001:db8::7"), .refused("x.y"), .refused("x.y")),
            ("nothing", try Self.sighting(.absent), .passes(\.absent), .refused("")),
            ("its address", try Self.sighting(.named(Self.address)), .passes(\.absent), .refused("")),
            ("another address", try Self.sighting(.named("192.0.2.1")), .refused("192.0.2.1"), .refused("192.0.2.1")),
            ("unread", try Self.sighting(.unread), .passes(\.unread), .refused("")),
            (
                "allowed on other ports only",
                try Self.sighting(.named("cloud.axis.com"), to: "198.51.100.8", ports: (1, 8443)),
                .refused("cloud.axis.com"), .refused("cloud.axis.com")
            ),
            (
                "any port", try Self.sighting(.named("stun.example"), to: "198.51.100.8", ports: (1, 8443)),
                .passes(\.allowed), .passes(\.allowed)
            ),
            ("a prefix has it", try Self.sighting(.named("x.y"), to: "203.0.113.9"), .passes(nil), .passes(nil)),
            ("not learned", try Self.sighting(.named("x.y"), to: "198.51.100.9"), .passes(nil), .passes(nil)),
            ("not that port", try Self.sighting(.named("x.y"), ports: (1, 444)), .passes(nil), .passes(nil)),
            (
                "learned by another device", try Self.sighting(.named("x.y"), device: SamplePolicies.sensor),
                .passes(nil), .passes(nil)
            ),
            ("not its address", try Self.sighting(.named("x.y"), from: "192.0.2.99"), .passes(nil), .passes(nil)),
        ]
        for item in cases {
            for (check, expected) in [
                (ServerNameCheck.checked, item.checked), (.required, item.required), (.unchecked, .passes(nil)),
            ] {
                var enforcement = try Self.enforcement(check)
                let epoch = enforcement.epoch
                let judgement = Self.judge(&enforcement, [item.sighting], nowMilliseconds: 1000)
                var counters = ServerNameCounters()
                switch expected {
                case .passes(let counter):
                    #expect(judgement.refused.isEmpty && judgement.commands.isEmpty, "\(item.what), \(check)")
                    #expect(enforcement.epoch == epoch)
                    if let counter { counters[keyPath: counter] = 1 }
                    #expect(enforcement.serverNames == counters, "\(item.what), \(check)")
                case .refused(let name):
                    let packet = judgement.refused.first
                    #expect(packet?.destinationName == name && packet?.prefix.reason == .serverName, "\(item.what)")
                    #expect(packet?.prefix.wasDropped == true && packet?.prefix.policy == "cameras")
                    #expect(packet?.port == item.sighting.serverPort && packet?.device == SamplePolicies.camera)
                    #expect(enforcement.epoch != epoch && enforcement.serverNames.refused == 1)
                    #expect(judgement.commands.text.contains("add element inet gatehouse cut"), "\(item.what)")
                }
            }
        }
    }

    @Test("monitor mode reports, and cuts nothing")
    func monitors() throws {
        var enforcement = try Self.enforcement(mode: .monitor)
        let judgement = Self.judge(&enforcement, [try Self.sighting(.named("x.y"))], nowMilliseconds: 1000)
        #expect(judgement.refused.map(\.prefix.wasDropped) == [false] && judgement.commands.isEmpty)
        #expect(!enforcement.desired.text.contains("@cut4"))
    }

    @Test("a flood of flows turns the epoch a few times a second, and costs the device the address")
    func flood() throws {
        var enforcement = try Self.enforcement()
        let first = enforcement.epoch
        let all = try (0..<1000).map { try Self.sighting(.named("x\($0).y"), ports: (UInt16(1000 + $0), 443)) }
        let judgement = Self.judge(&enforcement, all, nowMilliseconds: 1000)
        let commands = judgement.commands.text.split(separator: "\n")
        #expect(enforcement.epoch == ConnectionMark.epoch(after: first))
        #expect(commands.count { $0.contains(" cut4 ") } == EnforcementLimits.cutsPerDevice)
        #expect(
            commands.contains(
                "delete element inet gatehouse names4 { ac:cc:8e:01:02:03 . \(Self.address) . tcp . 443 }"
            )
        )
        #expect(enforcement.serverNames.closedAddresses == 1)
        // The address is closed: the kernel refuses the rest, for another reason.
        #expect(judgement.refused.count == EnforcementLimits.cutsPerDevice + 1)
        #expect(
            enforcement.learnedName(device: SamplePolicies.camera, address: try #require(IPAddress(Self.address)))
                == nil
        )
        #expect(
            enforcement.learnedName(device: SamplePolicies.camera, address: try #require(IPAddress("2001:db8::7")))
                != nil
        )

        // Too soon for another turn: it comes with a later tick.
        let other = try Self.sighting(.named("x.y"), to: "198.51.100.8", ports: (7, 443))
        let second = enforcement.epoch
        #expect(Self.judge(&enforcement, [other], nowMilliseconds: 1100).refused.count == 1)
        #expect(enforcement.epoch == second && enforcement.serverNames.deferredTurns == 1)
        #expect(!enforcement.tick(nowMilliseconds: 1200).text.contains("flush chain"))
        #expect(enforcement.tick(nowMilliseconds: 1300).text.contains("flush chain inet gatehouse established"))
        #expect(enforcement.epoch == ConnectionMark.epoch(after: second))
        #expect(!enforcement.tick(nowMilliseconds: 1400).text.contains("flush chain"))
    }

    @Test("cut flows outlive a reload, and end with time, with another policy, or when another name is asked")
    func lives() throws {
        var enforcement = try Self.enforcement()
        let element = "ac:cc:8e:01:02:03 . 198.51.100.7 . tcp . 50000 . 443"
        let asked = try Self.sighting(.named("evil.example"))
        let cut = Self.judge(&enforcement, [asked], nowMilliseconds: 1000).commands.text
        #expect(cut.contains("add element inet gatehouse cut4 { \(element) timeout 300s }"))
        #expect(enforcement.load(nowMilliseconds: 61_000).text.contains("cut4 { \(element) timeout 240s }"))
        var flow = DroppedPacket(
            device: SamplePolicies.camera,
            destination: asked.server,
            transport: .tcp,
            port: 443,
            prefix: ViolationPrefix(wasDropped: true, reason: .serverName)
        )
        flow.sourcePort = 50_000
        #expect(enforcement.cutName(of: flow) == "evil.example")
        // Once more on the same ports: it is in the set, and judged again.
        let again = Self.judge(&enforcement, [asked], nowMilliseconds: 2000)
        #expect(!again.commands.text.contains("cut4") && again.commands.text.contains("flush chain"))

        var timed = enforcement
        _ = timed.tick(nowMilliseconds: 302_000)
        #expect(
            timed.cutName(of: flow) == ""
                && !timed.load(nowMilliseconds: 302_000).text.contains("element inet gatehouse cut4")
        )
        var other = enforcement
        other.adopt(try Self.bundle(generation: 2), devices: SamplePolicies.devices())
        #expect(other.load(nowMilliseconds: 3000).text.contains("element inet gatehouse cut4"))
        other.adopt(
            try Self.bundle(generation: 3, names: ["*.axis.com", "evil.example"]),
            devices: SamplePolicies.devices()
        )
        #expect(!other.load(nowMilliseconds: 3000).text.contains("element inet gatehouse cut4"))
        var held = enforcement
        var both = try Self.bundle(generation: 2)
        both.allowlists.append(try #require(try Self.bundle(names: ["evil.example"]).allowlists.first))
        both.allowlists[1].name = "others"
        held.adopt(both, devices: SamplePolicies.devices())
        var device = SamplePolicies.devices()[0]
        device.policy = "others"
        #expect(held.hold(device).text.contains("delete element inet gatehouse cut4 { \(element) }"))
        let allowed = try Self.sighting(.named("cloud.axis.com"))
        let lifted = Self.judge(&enforcement, [allowed], nowMilliseconds: 3000)
        #expect(lifted.commands.text.hasSuffix("delete element inet gatehouse cut4 { \(element) }\n"))
        #expect(enforcement.cutName(of: flow) == "")
    }

    @Test("names that are sums of their own, one a name; nothing of it is a scan")
    func violations() throws {
        var ledger = ViolationLedger()
        var scans = ScanDetector(destinations: 2)
        var enforcement = try Self.enforcement()
        for name in ["a.example", "b.example", "a.example"] as [ByteString] {
            let judgement = Self.judge(&enforcement, [try Self.sighting(.named(name))], nowMilliseconds: 1000)
            for packet in judgement.refused { ledger.add(packet, wallMilliseconds: 5) }
        }
        let reports = ledger.drain()
        #expect(reports.map(\.destinationName) == ["a.example", "b.example"] && reports.map(\.count) == [2, 1])
        #expect(reports.allSatisfy { $0.reason == "server-name" && $0.policy == "cameras" && $0.wasDropped })
        for last in 1..<40 {
            let packet = DroppedPacket(
                device: SamplePolicies.camera,
                destination: try #require(IPAddress("198.51.100.\(last)")),
                transport: .tcp,
                port: 443,
                prefix: ViolationPrefix(wasDropped: true, reason: .serverName, policy: "cameras")
            )
            #expect(scans.take(packet, monotonicMilliseconds: 1) == nil)
        }
    }
}
