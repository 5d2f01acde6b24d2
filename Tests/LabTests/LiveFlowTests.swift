import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// A flow that is allowed before and after a change of policy is not disturbed by it.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct LiveFlowTests {
    @Test func aTransferGoesOnThroughTenPushes() throws {
        let key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600, policyKeys: keys)
        defer { fleet.lab.close() }
        let (lab, agent) = (fleet.lab, fleet.agent)
        try agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true)
        let https = [PortRange(transport: .tcp, first: 443, last: 443)]
        let cloud = AllowRule(to: .name(try #require(NamePattern("cloud.camera.example"))), ports: https)
        func policy(_ generation: UInt64, _ rules: [AllowRule]) throws -> [UInt8] {
            try RefusedPolicyTests.envelope(key) {
                $0.generation = generation
                $0.baseline.unknown.allow = rules
            }
        }
        try Data(try policy(7, [cloud])).write(to: agent.state.appendingPathComponent("policy.cose"))
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        try Lab.wait(within: 20, for: "the camera to be known; \(agent.log)") {
            try lab.camera.attempt(["getent", "ahostsv4", "cloud.camera.example"]).status == 0
        }
        let transfer = try lab.camera.start(
            Peer.command(
                "sharedaddress.py",
                ["cloud.camera.example", "--server-name", "cloud.camera.example", "--seconds", "0"]
            ),
            label: "transfer"
        )
        try transfer.wait(forOutput: "\"beat\"")
        func beats() -> Int { transfer.output.split(separator: "\n").count { $0.contains("\"beat\"") } }

        for generation in 8...17 as ClosedRange<UInt64> {
            // Each allows something else besides.
            let other = AllowRule(
                to: .name(try #require(NamePattern(ByteString(utf8: "h\(generation).example")))),
                ports: https
            )
            let file = agent.path("policy-\(generation).cose")
            try Data(try policy(generation, [other, cloud])).write(to: URL(fileURLWithPath: file))
            try fleet.control(["policy", "push", file, "--wait", "20s"])
            let before = beats()
            try Lab.wait(within: 30, for: "the transfer under generation \(generation); \(transfer.output.suffix(300))")
            {
                beats() > before + 2
            }
        }
        #expect(try agent.status()?["generation"] as? Int == 17)
        #expect(!transfer.output.contains("\"lost\""), "\(transfer.output.suffix(300))")
        // The control: without the rule it ends.
        let file = agent.path("policy-18.cose")
        try Data(try policy(18, [])).write(to: URL(fileURLWithPath: file))
        try fleet.control(["policy", "push", file, "--wait", "20s"])
        try transfer.wait(forOutput: "\"lost\"", withinSeconds: 30)
    }
}
