import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// What another hand takes out of the kernel's sets is put back, and told.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests"),
    .timeLimit(.minutes(5))
)
struct DriftTests {
    @Test func aLearnedAddressThatIsTakenOutComesBackAndIsToldAsDrift() throws {
        let key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600, credits: 50, policyKeys: keys)
        defer { fleet.lab.close() }
        let (lab, agent) = (fleet.lab, fleet.agent)
        try agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true)
        let cloud = AllowRule(
            to: .name(try #require(NamePattern("cloud.camera.example"))),
            ports: [PortRange(transport: .tcp, first: 443, last: 443)]
        )
        let policy = try RefusedPolicyTests.envelope(key) { $0.baseline.unknown.allow = [cloud] }
        try Data(policy).write(to: agent.state.appendingPathComponent("policy.cose"))
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        let element = "ac:cc:8e:01:02:03 . \(LabAddress.cloud) . tcp . 443"
        func isThere() throws -> Bool {
            try lab.gateway.run(["nft", "list", "set", "inet", "gatehouse", "names4"]).contains(element)
        }
        try Lab.wait(within: 20, for: "the camera's answer to be in the kernel; \(agent.log)") {
            _ = try lab.camera.attempt(["getent", "ahostsv4", "cloud.camera.example"])
            return try isThere()
        }
        // nft fails where there is nothing to delete: it was there, and is gone until the agent sees it.
        try lab.gateway.run(["nft", "delete element inet gatehouse names4 { \(element) }"])
        try Lab.wait(within: 20, for: "the address to come back; \(agent.log)", until: isThere)
        try Lab.wait(within: 20, for: "the incident; \(agent.log)") {
            try fleet.list(["incident", "list"]).contains {
                ($0["summary"] as? String ?? "").contains("learned addresses were taken out of the sets: 1")
            }
        }
    }
}
