import Foundation
import KnowledgeBuilder
import Lab
import NetworkTypes
import TLS
import TestSupport
import Testing

/// From what a camera did before any policy was in force to a policy that lets it go on, and nothing else.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct FlowTests {
    private static let rules = """
        - rule: axis
          when: { dhcp.vendorClass: { prefix: "AXIS," } }
          says: { class: ip-camera, vendor: Axis }
          weight: 0.95
          source: https://example.com/
          examples: ["AXIS,Network Camera"]
          counterexamples: ["MSFT 5.0"]

        """

    private static func flows(_ agent: LabAgent) throws -> [[String: Any]] {
        let text = try agent.lab.gateway.run(agent.command("flows", ["-o", "json"]))
        return try text.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }

    private static func isReached(_ lab: Lab, _ name: String) throws -> Bool {
        let client = Peer.command(
            "cloudclient.py",
            [name, "--ca", lab.authorityFile.path, "--once", "--patience-milliseconds", "3000"]
        )
        return try lab.camera.attempt(client).status == 0
    }

    /// A fleet whose agent knows cameras, connected; `policyKey` is what it trusts.
    private static func start() throws -> (fleet: LabFleet, policyKey: String) {
        let key = try Ed25519SigningKey.generate()
        let policyKey = Hexadecimal.encode(key.publicKey).text
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600, policyKeys: [policyKey])
        let agent = fleet.agent
        try Data(try key.pem().bytes).write(to: URL(fileURLWithPath: agent.path("key.pem")))
        let knowledge = try KnowledgeBuilder.build(texts: [
            ("rules.yaml", Self.rules), ("vendors.yaml", "vendors:\n  - { name: Axis, register: [\"axis *\"] }\n"),
        ])
        try Data(knowledge).write(to: URL(fileURLWithPath: agent.path("knowledge.bin")))
        try agent.configure(host: LabAddress.central, policyKeys: [policyKey], enforces: true)
        try connect(agent)
        // The lab translates IPv4 addresses only: without a policy the kernel tracks no connection over IPv6.
        try fleet.lab.camera.shell("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
        return (fleet, policyKey)
    }

    private static func connect(_ agent: LabAgent) throws {
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
    }

    /// Signs a policy and waits until the gateway has proved it.
    private static func enforce(_ file: String, _ fleet: LabFleet) throws {
        let agent = fleet.agent
        try fleet.control(["policy", "sign", file, "--key", agent.path("key.pem"), "-o", agent.path("policy.cose")])
        try fleet.control(["policy", "push", agent.path("policy.cose")])
        try Lab.wait(within: 30, for: "the policy; \(agent.log)") {
            let status = try agent.status() ?? [:]
            return status["proved"] as? Bool == true && status["generation"] as? Int ?? 0 > 0
        }
    }

    @Test func aPolicyLearnedFromThemLetsTheCameraGoOn() throws {
        let (fleet, _) = try Self.start()
        defer { fleet.lab.close() }
        let agent = fleet.agent
        // No policy is in force: another resolver answers, and the camera goes where it likes.
        let camera = try fleet.lab.startCamera()
        try camera.programs["cloud"]?.wait(forOutput: "\"beat\"")
        let cloud: ([String: Any]) -> Bool = {
            $0["destination"] as? String == "cloud.camera.example" && $0["port"] as? Int == 443
                && $0["transport"] as? String == "tcp" && $0["class"] as? String == "ip-camera"
                && $0["vendor"] as? String == "Axis" && $0["direction"] as? String == "internet"
        }
        try Lab.wait(within: 20, for: "the flow to the cloud; \(agent.log)") {
            try Self.flows(agent).contains(where: cloud)
        }
        let table = try fleet.lab.gateway.run(agent.command("flows"))
        #expect(table.contains("cloud.camera.example") && table.contains("443/tcp"), "\(table)")

        // A restart keeps them.
        try agent.process?.stop()
        try camera.programs["cloud"]?.stop()
        try Self.connect(agent)
        #expect(try Self.flows(agent).contains(where: cloud))

        let recorded = try fleet.lab.gateway.run(agent.command("flows", ["-o", "json"]))
        try Data(recorded.utf8).write(to: URL(fileURLWithPath: agent.path("flows.json")))
        let learned = agent.path("learned.yaml")
        try fleet.control([
            "policy", "learn", agent.path("flows.json"), "--all", "--wildcard-names", "0", "-o", learned,
        ])
        let plan = try fleet.control(["policy", "plan", learned, "--flows", agent.path("flows.json")])
        #expect(plan.contains("nothing would be lost"), "\(plan)")
        try Self.enforce(learned, fleet)
        try Lab.wait(within: 20, for: "the cloud under the learned policy; \(agent.log)") {
            try Self.isReached(fleet.lab, "cloud.camera.example")
        }
        #expect(try Self.isReached(fleet.lab, "tracker.example") == false)
        // What is refused is no flow, what is let pass is, and has the name that the agent's own resolver was asked.
        try Lab.wait(within: 20, for: "the later flow; \(agent.log)") {
            try Self.flows(agent).contains { cloud($0) && ($0["count"] as? Int ?? 0) > 1 }
        }
        #expect(try !Self.flows(agent).contains { $0["destination"] as? String == "tracker.example" })
    }

    private static let policy = """
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: cameras
        match: { class: ip-camera, minimumConfidence: 0.7 }
        allow:
          - { to: cloud.camera.example, ports: [443/tcp] }

        """

    @Test func theyAreReportedWhereTheConfigurationSaysSoAndNowhereElse() throws {
        let (fleet, policyKey) = try Self.start()
        defer { fleet.lab.close() }
        let agent = fleet.agent
        try Data(Self.policy.utf8).write(to: URL(fileURLWithPath: agent.path("cameras.yaml")))
        try Self.enforce(agent.path("cameras.yaml"), fleet)
        _ = try fleet.lab.startCamera()
        try Lab.wait(within: 60, for: "the cloud; \(agent.log)") {
            try Self.isReached(fleet.lab, "cloud.camera.example")
        }
        func isCloud(_ flow: [String: Any]) -> Bool { flow["destination"] as? String == "cloud.camera.example" }
        try Lab.wait(within: 20, for: "the flow to the cloud; \(agent.log)") {
            try Self.flows(agent).contains(where: isCloud)
        }
        let flow = try #require(try Self.flows(agent).first(where: isCloud))
        let device = try #require(flow["device"] as? String)
        let gateway = try #require(try fleet.gateway()["id"] as? String)
        func shown() throws -> [String: Any] {
            let text = try fleet.control(["gateway", "show", gateway, "-o", "json"])
            return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        }
        func reported() throws -> [[String: Any]] {
            try fleet.control(["device", "flows", device, "-o", "json"]).split(separator: "\n").map {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
            }
        }
        // The flows are there at the agent's start, and its first figures at the collector say so: had they been for the
        // collector, they would have been in the same breath.
        try agent.process?.stop()
        try Self.connect(agent)
        let start = try #require(try agent.status()?["counters"] as? [String: Any])
        #expect(start["flows"] as? Int ?? 0 > 0)
        try Lab.wait(within: 90, for: "the agent's figures; \(agent.log)") {
            let told = (try shown()["counters"] as? [String: Any])?["flows"] as? Int ?? 0
            return try told > 0 && agent.counter("spool.reports") == 0
        }
        #expect(try reported().isEmpty && shown()["reportsFlows"] as? Bool == false)
        #expect(try fleet.control(["device", "flows", device]).contains("does not report them"))

        try agent.process?.stop()
        try agent.configure(
            host: LabAddress.central,
            policyKeys: [policyKey],
            enforces: true,
            more: "reports: { flows: true }"
        )
        try Self.connect(agent)
        try Lab.wait(within: 90, for: "the flow at the collector; \(agent.log)") {
            try reported().contains(where: isCloud)
        }
        #expect(try shown()["reportsFlows"] as? Bool == true)
        let told = try #require(try reported().first(where: isCloud))
        for member in ["device", "class", "vendor", "direction", "address", "transport"] {
            #expect(told[member] as? String == flow[member] as? String, "\(member)")
        }
        #expect(told["first"] as? UInt64 == flow["first"] as? UInt64 && told["port"] as? Int == 443)
        #expect(try fleet.control(["device", "flows", device]).contains("443/tcp"))
        let learned = agent.path("learned.yaml")
        try fleet.control([
            "policy", "learn", "--from-collector", "--site", "lab", "--all", "--wildcard-names", "0", "-o", learned,
        ])
        let yaml = try String(contentsOfFile: learned, encoding: .utf8)
        #expect(yaml.contains("cloud.camera.example"), "\(yaml)")
        #expect(try fleet.attemptControl(["policy", "validate", learned]).status == 0)
        let plan = try fleet.attemptControl(["policy", "plan", learned, "--from-collector"])
        #expect(plan.status == 0 && plan.output.contains("nothing would be lost"), "\(plan.output)")
    }
}
