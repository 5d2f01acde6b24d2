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
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
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
                ($0["summary"] as? String ?? "").contains("- names4 \(element)")
            }
        }
    }

    private static let camera = "ac:cc:8e:01:02:03"
    private static let infected = "3c:ef:8c:01:02:03"

    @Test("a quarantined device that another hand lets out is back at once, and told as drift")
    func quarantineIsNotEndedByHand() throws {
        let enforced = try EnforcedFleet { $0.baseline.unknown.allow = [.to("192.0.2.80", .tcp(443))] }
        defer { enforced.lab.close() }
        _ = try enforced.lab.startInfected()
        try enforced.waitUntilHeld(Self.infected, LabAddress.infected)
        let scan = try enforced.lab.startScan()
        try Lab.wait(within: 30, for: "quarantine; \(enforced.agent.log)") { try enforced.isQuarantined(Self.infected) }
        try scan.stop()
        try enforced.lab.gateway.shell("nft 'delete element inet gatehouse quarantined { \(Self.infected) }'")
        try Lab.wait(within: 30, for: "it to be back; \(enforced.agent.log)") {
            try enforced.isQuarantined(Self.infected)
        }
        try Lab.wait(within: 20, for: "the incident; \(enforced.agent.log)") {
            try enforced.incidents("drift").contains {
                $0.contains("- quarantined \(Self.infected)")
            }
        }
    }

    /// What another hand does, and what tells of it.
    private static let tampering: [(name: String, script: String, words: String)] = [
        (
            "a rule deleted by hand",
            """
            handle=$(nft -a list chain inet gatehouse policy_unknown | sed -n 's/.*goto refuse_not-allowed_unknown # handle //p')
            nft delete rule inet gatehouse policy_unknown handle $handle
            """,
            "- chain policy_unknown: goto refuse_not-allowed_unknown"
        ),
        (
            "a rule put before the others", "nft insert rule inet gatehouse from_device accept comment '\"mine\"'",
            "+ chain from_device: accept comment \"mine\""
        ),
        (
            "an element taken out",
            "nft 'delete element inet gatehouse bound4 { \(camera) . \(LabAddress.camera) }'",
            "- set bound4: element \(camera) . \(LabAddress.camera)"
        ),
        (
            "an element put in", "nft 'add element inet gatehouse bound4 { \(camera) . 192.168.50.250 }'",
            "+ set bound4: element \(camera) . 192.168.50.250"
        ),
        (
            "an address opened for a time",
            "nft 'add element inet gatehouse names4 { \(camera) . \(LabAddress.tracker) . tcp . 443 timeout 1h }'",
            "+ names4 \(camera) . \(LabAddress.tracker) . tcp . 443"
        ),
        (
            "an address opened for good",
            "nft 'add element inet gatehouse names4 { \(camera) . \(LabAddress.tracker) . tcp . 443 }'",
            "+ names4 \(camera) . \(LabAddress.tracker) . tcp . 443"
        ),
        (
            "a device put into quarantine",
            "nft 'add element inet gatehouse quarantined { \(camera) timeout 1h }'", "+ quarantined \(camera)"
        ),
        ("a table flushed", "nft flush table inet gatehouse", "- chain accept_flow: accept"),
        ("a table deleted", "nft delete table inet gatehouse", "table inet gatehouse is not in the kernel"),
        ("nft flush ruleset by another program", "nft flush ruleset", "table inet gatehouse is not in the kernel"),
    ]

    @Test("what another hand changes is put right and told as tampering, and verify says what it was")
    func tampering() throws {
        let name = try #require(NamePattern("cloud.camera.example"))
        let enforced = try EnforcedFleet {
            $0.baseline.unknown.allow = [
                .to("192.0.2.80", .tcp(443)),
                AllowRule(to: .name(name), ports: [PortRange(transport: .tcp, first: 443, last: 443)]),
            ]
        }
        defer { enforced.lab.close() }
        let (lab, agent) = (enforced.lab, enforced.agent)
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try enforced.waitUntilHeld(Self.camera, LabAddress.camera)
        // Without the lab's translation of addresses, once that is flushed, its internet must know the way back.
        try lab.internet.shell("ip route add 192.168.50.0/24 via \(LabAddress.uplink)")
        func reaches(_ address: String) throws -> Bool {
            let connect = "import socket; socket.create_connection(('\(address)', 443), 2)"
            return try lab.camera.attempt(["/usr/bin/python3", "-c", connect]).status == 0
        }
        func drifts() throws -> Int { try agent.counter("drifts.repaired") }
        func settles() throws {
            try Lab.wait(within: 30, for: "a proof; \(agent.log)") {
                try lab.gateway.attempt(agent.command("verify")).status == 0
            }
        }
        try settles()
        #expect(try reaches(LabAddress.cloud) && !reaches(LabAddress.tracker))
        for (name, script, words) in Self.tampering {
            // The agent sees it by itself,
            let before = try drifts()
            try lab.gateway.shell(script)
            try Lab.wait(within: 60, for: "\(name) to be noticed; \(agent.log)") { try drifts() > before }
            try settles()
            #expect(try reaches(LabAddress.cloud), "\(name)")
            #expect(try !reaches(LabAddress.tracker), "\(name)")
            try Lab.wait(within: 20, for: "the incident of \(name); \(agent.log)") {
                try enforced.incidents("drift").contains { $0.contains(words) }
            }
            // and whoever asks just then is told. It sleeps meanwhile, so that it cannot be first.
            var answer = (status: 0, output: "")
            for _ in 0..<5 where answer.status != 2 {
                try agent.process?.send(signal: SIGSTOP)
                try lab.gateway.shell(script)
                let verify = try lab.gateway.start(agent.command("verify"), label: "verify")
                // Whoever waits for the answer has asked.
                try Lab.wait(within: 10, for: "the question") {
                    try lab.gateway.attempt(["cat", "/proc/\(verify.pid)/wchan"]).output.contains("poll")
                }
                try agent.process?.send(signal: SIGCONT)
                answer = (try verify.wait(), verify.output)
            }
            #expect(answer.status == 2 && answer.output.hasPrefix("not proved, and put right\n"), "\(name): \(answer)")
            #expect(answer.output.contains(words), "\(name): \(answer)")
            try settles()
        }
    }
}
