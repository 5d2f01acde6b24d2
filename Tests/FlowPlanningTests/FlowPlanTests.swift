import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import Testing

@testable import FlowPlanning

@Suite("Flows replayed against a policy")
struct FlowPlanTests {
    private static func bundle(_ yaml: String) throws -> PolicyBundle {
        var documents = PolicyDocuments()
        try documents.add(Array(yaml.utf8), file: "policy.yaml")
        return documents.bundle(generation: 1, issuedAtSeconds: 1)
    }

    private static let policy = """
        apiVersion: gatehouse/v1
        kind: Baseline
        block: [198.51.100.0/24]
        unknown: { mode: enforce, dns: { answerOnly: any } }
        ---
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: cameras
        match: { class: ip-camera, vendor: axis }
        mode: enforce
        allow:
          - { to: "*.axis.com", ports: [443/tcp] }
          - { to: 203.0.113.0/24, ports: [554/tcp, icmp] }
          - { to: gateway, ports: [ntp] }
          - { to: local.axis.com, ports: [80/tcp] }
        ---
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: watched
        match: { class: thermostat }
        mode: monitor
        allow: []
        dns: { answerOnly: any }

        """

    private static let rows: [(flow: RecordedFlow, outcome: FlowVerdict.Outcome)] = [
        (Flows.flow("a.axis.com"), .allowed(rule: 1)), (Flows.flow("a.axis.com", 80), .lost(.notAllowed)),
        (Flows.flow("axis.com"), .lost(.notAllowed)), (Flows.flow("203.0.113.9", 554), .allowed(rule: 2)),
        (Flows.flow("203.0.113.9", 8, .icmp), .allowed(rule: 2)), (Flows.flow("203.0.114.9", 554), .lost(.notAllowed)),
        // An address is allowed, but the device asks for it by a name that it is not told.
        (Flows.flow("stream.other.com", 554, at: "203.0.113.9"), .lost(.nameNotAnswered)),
        // The name is answered, but not with an address of the local network.
        (Flows.flow("local.axis.com", 80, at: "10.1.1.1"), .lost(.notPublic)),
        (Flows.flow("a.axis.com", at: "198.51.100.7"), .lost(.blocked)),
        (Flows.flow("a.axis.com", 853), .lost(.encryptedDNS)), (Flows.flow("dns.google"), .lost(.encryptedDNS)),
        (Flows.flow("8.8.8.8", 53, .udp), .always), (Flows.flow("8.8.8.8", 53), .always),
        (Flows.flow("203.0.113.9", 0, .gre), .lost(.otherProtocol)),
        (Flows.flow("gateway", 123, .udp), .allowed(rule: 3)),
        (Flows.flow("gateway", 123), .lost(.notAllowed)), (Flows.flow("gateway", 53, .udp), .always),
        (Flows.flow("gateway", 5_353, .udp), .always), (Flows.flow("gateway", 8, .icmp), .always),
        (Flows.flow("gateway", 80), .lost(.notAllowed)),
        (Flows.flow("a.axis.com", of: Flows.facts(2, .ipCamera, "Bosch")), .lost(.notAllowed)),
        (Flows.flow("a.axis.com", of: Flows.facts(2, confidence: 600)), .lost(.notAllowed)),
        (Flows.flow("a.example.com", of: Flows.facts(3, .thermostat)), .watched(.notAllowed)),
        (Flows.flow("a.example.com", 853, of: Flows.facts(3, .thermostat)), .watched(.encryptedDNS)),
        // Monitor mode lets pass what the baseline blocks and the resolver refuses no more than enforce mode does.
        (Flows.flow("a.example.com", of: Flows.facts(3, .thermostat), at: "198.51.100.7"), .lost(.blocked)),
        (Flows.flow("dns.google", of: Flows.facts(3, .thermostat)), .lost(.encryptedDNS)),
    ]

    @Test("each flow has its verdict and its reason", arguments: rows.indices)
    func verdicts(_ index: Int) throws {
        let (flow, outcome) = Self.rows[index]
        let verdict = try Self.bundle(Self.policy).verdict(on: flow)
        #expect(verdict.outcome == outcome, "\(flow.destination) \(flow.service)")
    }

    @Test("losses name the allowlist; who has nothing left is told; beside another policy only differences are")
    func plan() throws {
        let bundle = try Self.bundle(Self.policy)
        let flows = [
            Flows.flow("a.axis.com"), Flows.flow("b.example.com"), Flows.flow("8.8.8.8", 53, .udp),
            Flows.flow("c.example.com", of: Flows.facts(2, .ipCamera, "Bosch")),
            Flows.flow("8.8.8.8", 53, .udp, of: Flows.facts(4, .plc)),
        ]
        let plan = FlowPlan(flows, bundle: bundle)
        #expect(plan.flowCount == 5 && plan.deviceCount == 3)
        #expect(plan.losses.map(\.flow.destination) == ["b.example.com", "c.example.com"])
        #expect(plan.losses.map(\.verdict.allowlist) == ["cameras", "unknown"])
        #expect(plan.cutOff == ["mac:ac:cc:8e:00:00:02"])
        let same = FlowPlan(flows, bundle: bundle, against: bundle)
        #expect(same.losses.isEmpty && same.gains.isEmpty && same.cutOff.isEmpty && same.watched.isEmpty)
        var wider = bundle
        wider.allowlists[0].allow[0] = AllowRule(
            to: .name(NamePattern(name: try #require(DomainName("example.com")), isWildcard: true)),
            ports: []
        )
        let change = FlowPlan(flows, bundle: wider, against: bundle)
        #expect(change.losses.map(\.flow.destination) == ["a.axis.com"])
        #expect(change.gains.map(\.flow.destination) == ["b.example.com"])
    }

    @Test("what the agent prints is read")
    func reading() throws {
        let line = """
            {"device":"mac:ac:cc:8e:01:02:03","site":"lab","class":"ip-camera","vendor":"Axis","model":null,"confidence":\
            {"class":0.98,"vendor":0.7,"model":0},"direction":"internet","destination":"cloud.example","address":\
            "203.0.113.6","transport":"tcp","port":443,"count":2,"first":10,"last":50,"later":true}
            """
        let flows = try RecordedFlow.read(Array("\n\(line)\r\n\n\(line)".utf8))
        #expect(flows.count == 2 && flows[0] == flows[1])
        #expect(flows[0].name?.byteString == "cloud.example" && flows[0].service == "443/tcp" && flows[0].count == 2)
        #expect(flows[0].device.classConfidence == 980 && flows[0].device.vendorConfidence == 700)
        #expect(flows[0].device.site == "lab" && flows[0].device.model.isEmpty)
        #expect(flows[0].firstMilliseconds == 10 && flows[0].lastMilliseconds == 50)
        for (old, new) in [
            ("ip-camera", "spaceship"), ("mac:ac", "mic:ac"), ("\"tcp\"", "\"xyz\""), (":443", ":65536"),
            (":443", ":-1"), ("\"last\":50", "\"last\":9"), ("cloud.example", "*.example"), ("0.98", "1.5"),
            ("internet", "moon"), ("203.0.113.6", "203.0.113.256"), ("\"count\":2,", ""), ("{\"device\"", "{device"),
        ] {
            #expect(throws: FlowFileError.self, "\(new)") {
                try RecordedFlow.read(Array(line.replacing(old, with: new).utf8))
            }
        }
    }
}
