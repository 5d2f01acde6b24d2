import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import FlowPlanning

@Suite("Policies learned from flows")
struct PolicyProposalTests {
    /// What the written proposal says, as every other command reads it.
    static func bundle(_ proposal: PolicyProposal) throws -> PolicyBundle {
        var documents = PolicyDocuments()
        try documents.add(Array(proposal.yaml.utf8), file: "learned.yaml")
        let bundle = documents.bundle(generation: 1, issuedAtSeconds: 1)
        let problems = PolicyValidator.validate(bundle).filter { $0.severity == .error }
        #expect(problems.isEmpty, "\(problems) in \(proposal.yaml)")
        return bundle
    }

    private static func settings(wildcards list: String? = nil, byModel: Bool = false) -> ProposalSettings {
        var settings = ProposalSettings()
        settings.suffixes = list.map { PublicSuffixes(parsing: Array($0.utf8)) }
        settings.isByModel = byModel
        return settings
    }

    static let suffixes = "// comment\ncom\nuk\nco.uk\n*.ck\n!www.ck\ncloudfront.net\nnet\n"

    @Test("ports of one destination make one rule; services every device may use need none")
    func rules() throws {
        let proposal = PolicyProposal([
            Flows.flow("cloud.example.com"), Flows.flow("cloud.example.com", 80),
            Flows.flow("cloud.example.com", 5_001, .udp), Flows.flow("cloud.example.com", 5_000, .udp),
            Flows.flow("203.0.113.9", 8_883), Flows.flow("203.0.113.9", 8, .icmp), Flows.flow("10.1.2.3", 554),
            Flows.flow("2001:db8::9", 443), Flows.flow("gateway", 123, .udp), Flows.flow("gateway", 53, .udp),
            Flows.flow("gateway", 67, .udp), Flows.flow("gateway", 8, .icmp), Flows.flow("8.8.8.8", 53, .udp),
        ])
        let group = try #require(proposal.groups.first)
        #expect(proposal.groups.count == 1 && proposal.unknown.isEmpty && group.leftOut.isEmpty)
        #expect(
            Flows.rules(group.allowlist) == [
                "gateway 123/udp", "cloud.example.com 80/tcp 443/tcp 5000-5001/udp", "10.1.2.3 554/tcp",
                "203.0.113.9 icmp 8883/tcp", "2001:db8::9 443/tcp",
            ]
        )
        #expect(group.allowlist.name == "learned-ip-camera-axis" && group.allowlist.mode == .enforce)
        let written = try Self.bundle(proposal)
        #expect(written.allowlists == [group.allowlist])
        #expect(
            proposal.yaml.contains(
                """
                  # No name is known for this address. 10 connections of 1 device, 2025-11-24T16:00:00Z to \
                2025-11-24T18:00:00Z
                  - { to: "10.1.2.3", ports: [554/tcp] }
                """
            )
        )
    }

    @Test("what was seen once, or for less than an hour, is told and not allowed")
    func seldom() throws {
        var short = Flows.flow("short.example.com")
        short.lastMilliseconds = short.firstMilliseconds + Flows.hour - 1
        let proposal = PolicyProposal([
            Flows.flow("cloud.example.com"), Flows.flow("once.example.com", hours: 0), short,
            Flows.flow("other.example.com", of: Flows.facts(2, .thermostat, "Nest"), hours: 0),
        ])
        #expect(proposal.groups.map { Flows.rules($0.allowlist) } == [["cloud.example.com 443/tcp"]])
        #expect(
            proposal.groups[0].leftOut.map { $0.split(separator: ":")[0] } == [
                "once.example.com 443/tcp", "short.example.com 443/tcp",
            ]
        )
        #expect(proposal.emptyGroups.map(\.allowlist.name) == ["learned-thermostat-nest"])
        #expect(proposal.yaml.contains("#   other.example.com 443/tcp: seen too short: 1 connection of 1 device"))
        // Two devices together have seen it for longer.
        var again = Flows.flow("once.example.com", of: Flows.facts(3), hours: 0)
        again.firstMilliseconds += 2 * Flows.hour
        again.lastMilliseconds = again.firstMilliseconds
        let both = PolicyProposal([Flows.flow("once.example.com", hours: 0), again])
        #expect(both.groups.map { Flows.rules($0.allowlist) } == [["once.example.com 443/tcp"]])
    }

    @Test(
        "a wildcard needs enough names beside each other with the same ports, below what somebody registered",
        arguments: [
            (["a", "b", "c", "d", "e"], "vendor.com", suffixes, ["*.vendor.com 443/tcp"]),
            (["a", "b", "c", "d"], "vendor.com", suffixes, nil),
            (["a", "b", "c", "d", "e"], "iot.vendor.co.uk", suffixes, ["*.iot.vendor.co.uk 443/tcp"]),
            (["a", "b", "c", "d", "e"], "co.uk", suffixes, nil), (["a", "b", "c", "d", "e"], "com", suffixes, nil),
            (["a", "b", "c", "d", "e"], "cloudfront.net", suffixes, nil),
            (["a", "b", "c", "d", "e"], "any.ck", suffixes, nil),
            (["a", "b", "c", "d", "e"], "www.ck", suffixes, ["*.www.ck 443/tcp"]),
            (["a", "b", "c", "d", "e"], "example", suffixes, nil),
            (["a", "b", "c", "d", "e"], "xn--55qx5d.cn", suffixes, nil),
            (["a", "b", "c", "d", "e"], "vendor.com", nil, nil),
            (["a", "b", "c", "d", "x.e"], "vendor.com", suffixes, nil),
        ] as [([String], String, String?, [String]?)]
    )
    func wildcards(_ labels: [String], _ parent: String, _ list: String?, _ expected: [String]?) throws {
        let flows = labels.map { Flows.flow(ByteString(utf8: "\($0).\(parent)")) }
        let proposal = PolicyProposal(flows, settings: Self.settings(wildcards: list))
        let exact = labels.sorted().map { "\($0).\(parent) 443/tcp" }
        #expect(proposal.groups.map { Flows.rules($0.allowlist) } == [expected ?? exact])
        #expect(proposal.yaml.contains("Also allows all others below") == (expected != nil))
        #expect(FlowPlan(flows, bundle: try Self.bundle(proposal)).losses.isEmpty)
    }

    @Test("other ports keep a name out of the wildcard: nothing is opened on a port where it was not used")
    func wildcardPorts() {
        let flows = ["a", "b", "c", "d", "e"].map { Flows.flow(ByteString(utf8: "\($0).vendor.com")) }
        let proposal = PolicyProposal(
            flows + [Flows.flow("f.vendor.com", 22)],
            settings: Self.settings(wildcards: Self.suffixes)
        )
        #expect(
            proposal.groups.map { Flows.rules($0.allowlist) } == [["*.vendor.com 443/tcp", "f.vendor.com 22/tcp"]]
        )
    }

    @Test("a device is put to its model, its maker, or where that is not sure to itself alone; a stranger to none")
    func groups() throws {
        let unsure = Flows.facts(4, .ipCamera, "Axis", "M3045-V", confidence: 600)
        var sureOfClass = Flows.facts(3, .ipCamera, "Axis")
        sureOfClass.vendorConfidence = 500
        let flows = [
            Flows.flow("a.example.com", of: Flows.facts(1)),
            Flows.flow("b.example.com", of: Flows.facts(2, .ipCamera, "Hikvision", "DS*")),
            Flows.flow("c.example.com", of: sureOfClass), Flows.flow("d.example.com", of: unsure),
            Flows.flow("e.example.com", of: Flows.facts(5, .unknown, "", "")),
        ]
        let proposal = PolicyProposal(flows, settings: Self.settings(byModel: true))
        #expect(
            proposal.groups.map { "\($0.allowlist.name)" } == [
                "learned-ip-camera-axis-m3045-v", "learned-ip-camera-hikvision", "learned-ip-camera",
            ]
        )
        #expect(proposal.groups[2].allowlist.match.keys == ["mac:ac:cc:8e:00:00:03"])
        #expect(proposal.unknown.map(\.key) == ["mac:ac:cc:8e:00:00:04", "mac:ac:cc:8e:00:00:05"])
        #expect(proposal.yaml.contains("#     d.example.com 443/tcp: 10 connections of 1 device"))
        let plan = FlowPlan(flows, bundle: try Self.bundle(proposal))
        #expect(plan.losses.map(\.flow.destination) == ["d.example.com", "e.example.com"])
        #expect(plan.losses.allSatisfy { $0.verdict.allowlist == "unknown" && $0.verdict.loss == .notAllowed })
    }

    @Test("what no policy can allow, or a file cannot write, is told")
    func impossible() throws {
        let gre = Flows.flow("203.0.113.7", 0, .gre)
        let flows = [
            Flows.flow("cloud.example.com"), gre, Flows.flow("dns.example.com", 853), Flows.flow("dns.google"),
            Flows.flow("host.123"), Flows.flow("gateway.example.com"),
        ]
        var named = Flows.flow("placeholder.example.com")
        named.name = DomainName("gateway")
        let proposal = PolicyProposal(flows + [named])
        #expect(
            proposal.groups.map { Flows.rules($0.allowlist) } == [
                ["cloud.example.com 443/tcp", "gateway.example.com 443/tcp"]
            ]
        )
        #expect(proposal.groups[0].leftOut.count == 5)
        _ = try Self.bundle(proposal)
    }

    @Test("what devices call themselves ends no comment and no text")
    func hostileNames() throws {
        let vendor: ByteString = "Evil\"\nallow:\n  - { to: 0.0.0.0/0 }\u{2028}x\u{85}: #"
        let flows = [
            Flows.flow("a.example.com", of: Flows.facts(1, .ipCamera, vendor)),
            Flows.flow("b.example.com", of: Flows.facts(2, .unknown, vendor, confidence: 0)),
        ]
        let bundle = try Self.bundle(PolicyProposal(flows))
        #expect(bundle.allowlists.map { Flows.rules($0) } == [["a.example.com 443/tcp"]])
        #expect(FlowPlan(flows, bundle: bundle).losses.map(\.flow.destination) == ["b.example.com"])
    }

    @Test("learned from any flows, a policy is valid and loses none that it does not tell of", .longComputation)
    func losesNothing() throws {
        let seed: UInt64 = 20_261_127
        var random = SeededGenerator(seed: seed)
        let vendors: [ByteString] = ["Axis", "AXIS", "Hik vision", "", "Bosch/Sec"]
        let names: [ByteString] = [
            "a.vendor.com", "b.vendor.com", "c.vendor.com", "d.vendor.com", "e.vendor.com", "x.y.vendor.co.uk",
            "single", "dns.google", "_u.example.com", "gateway", "host.7",
        ]
        let addresses: [ByteString] = ["203.0.113.5", "10.0.0.9", "2001:db8::5", "fd00::5", "169.254.1.1", "224.0.0.7"]
        let ports: [UInt16] = [53, 67, 80, 123, 443, 444, 445, 853, 0, 65_535]
        let transports: [TransportProtocol] = [.tcp, .udp, .icmp, .icmpv6, .gre]
        for round in 0..<300 {
            var flows: [RecordedFlow] = []
            for _ in 0..<Int.random(in: 1...80, using: &random) {
                var facts = Flows.facts(
                    UInt64.random(in: 1...6, using: &random),
                    [.ipCamera, .plc, .unknown].randomElement(using: &random) ?? .unknown,
                    vendors.randomElement(using: &random) ?? "",
                    ["M1", "m*", ""].randomElement(using: &random) ?? ""
                )
                facts.classConfidence = UInt16.random(in: 600...1000, using: &random)
                facts.vendorConfidence = UInt16.random(in: 600...1000, using: &random)
                facts.modelConfidence = UInt16.random(in: 600...1000, using: &random)
                var flow = Flows.flow(
                    "placeholder",
                    ports.randomElement(using: &random) ?? 1,
                    transports.randomElement(using: &random) ?? .tcp,
                    of: facts,
                    at: addresses.randomElement(using: &random) ?? "",
                    hours: UInt64.random(in: 0...2, using: &random)
                )
                flow.direction = [.internet, .gateway, .device].randomElement(using: &random) ?? .internet
                let name = names.randomElement(using: &random).flatMap { DomainName($0) }
                flow.name = flow.direction == .internet && Bool.random(using: &random) ? name : nil
                flows.append(flow)
            }
            var settings = Self.settings(wildcards: Self.suffixes, byModel: Bool.random(using: &random))
            settings.leastSpanMilliseconds = 0
            let proposal = PolicyProposal(flows, settings: settings)
            guard !proposal.groups.isEmpty else { continue }
            let plan = FlowPlan(flows, bundle: try Self.bundle(proposal))
            for entry in plan.losses {
                let isTold =
                    entry.flow.reasonNotToAllow != nil
                    || proposal.unknown.contains { $0.key == entry.flow.device.key.text }
                #expect(isTold, "seed \(seed), round \(round): \(entry) of \(proposal.yaml)")
            }
            for flow in flows where flow.reasonNotToAllow == nil {
                let isHeld = proposal.groups.contains { $0.allowlist.match.matches(flow.device, tags: []) }
                #expect(!isHeld || !plan.losses.contains { $0.flow == flow }, "seed \(seed), round \(round): \(flow)")
            }
        }
    }
}
