import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// Policies that must reach something, pushed through the real collector to the real agent and the real kernel: what
/// answers lets them stay, what does not puts the old one back, whatever happens to the agent meanwhile.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct SafeChangeTests {
    private let fleet: LabFleet
    private let key: Ed25519SigningKey
    private var agent: LabAgent { fleet.agent }
    private var lab: Lab { fleet.lab }

    /// What is answered in the lab's internet, and a port at which nobody listens.
    private static let answered = "192.0.2.80:443"
    private static let refusing = "192.0.2.80:9"

    init() throws {
        key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        fleet = try LabFleet(certificateLifetimeSeconds: 3600, policyKeys: keys)
        try fleet.agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true, confirmWithin: "4s")
    }

    // MARK: What is pushed

    /// Devices may reach the broker, and what `names` and `addresses` add to that.
    private func policy(
        _ generation: UInt64,
        mustReach: [String],
        names: [String] = [],
        addresses: [String] = []
    ) throws -> String {
        let envelope = try RefusedPolicyTests.envelope(key) { bundle in
            bundle.generation = generation
            bundle.baseline.mustReach = mustReach.compactMap { text in
                let parts = text.split(separator: ":")
                guard let address = IPAddress(ByteString(utf8: String(parts[0]))), let port = UInt16(parts[1]) else {
                    return nil
                }
                return ReachProbe(address: address, port: port)
            }
            func allow(_ text: String, _ port: UInt16) {
                let to: AllowRule.Destination? =
                    IPAddress(ByteString(utf8: text)).map { .prefix(IPPrefix(host: $0)) }
                    ?? NamePattern(ByteString(utf8: text)).map { .name($0) }
                guard let to else { return }
                let range = PortRange(transport: .tcp, first: port, last: port)
                bundle.baseline.unknown.allow.append(AllowRule(to: to, ports: [range]))
            }
            allow(LabAddress.broker, 8883)
            for text in names + addresses { allow(text, 443) }
        }
        let file = agent.path("policy-\(generation).cose")
        try Data(envelope).write(to: URL(fileURLWithPath: file))
        return file
    }

    // MARK: What is seen

    /// The generation that the kernel's table names; 0 where there is no table.
    private func kernelGeneration() throws -> Int {
        let listing = try lab.gateway.attempt(["nft", "list", "table", "inet", "gatehouse"])
        guard listing.status == 0 else { return 0 }
        guard let range = listing.output.range(of: "policy generation ") else { return -1 }
        return Int(listing.output[range.upperBound...].prefix { $0.isNumber }) ?? -1
    }

    private func onTrial() throws -> Int {
        (try agent.status()?["trial"] as? [String: Any])?["generation"] as? Int ?? 0
    }

    private func generation() throws -> Int { try agent.status()?["generation"] as? Int ?? -1 }

    private func waitForTrial(_ generation: Int) throws {
        try Lab.wait(within: 20, for: "generation \(generation) on trial; \(agent.log)") { try onTrial() == generation }
        #expect(try kernelGeneration() == generation)
    }

    private func waitForRollBack(_ count: Int) throws {
        try Lab.wait(within: 20, for: "roll-back \(count); \(agent.log)") {
            try agent.counter("policies.rolledBack") == count
        }
        #expect(try onTrial() == 0)
    }

    private func rollBacks() throws -> [String] {
        try fleet.list(["incident", "list"]).filter {
            ($0["fields"] as? [String: Any])?["kind"] as? String == "rollback"
        }.compactMap { $0["summary"] as? String }
    }

    private func policyStatus() throws -> String { "\(try fleet.list(["policy", "status"]).first ?? [:])" }

    /// Whether the camera gets a connection.
    private func reaches(_ address: String, _ port: Int = 443) throws -> Bool {
        let program = "import socket; socket.create_connection(('\(address)', \(port)), 2)"
        return try lab.camera.attempt(["/usr/bin/python3", "-c", program]).status == 0
    }

    private func start() throws {
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
    }

    // MARK: -

    @Test func whatAnswersLetsAPolicyStayAndWhatDoesNotPutsTheOldOneBack() throws {
        defer { lab.close() }
        try start()
        _ = try lab.lease(lab.camera, hostname: "cam", vendorClass: "udhcp 1.27.2")
        try Lab.wait(within: 20, for: "the camera; \(agent.log)") { try agent.counter("devices") >= 1 }

        // The very first one must go again without a trace.
        try fleet.control(["policy", "push", try policy(6, mustReach: [Self.refusing])])
        try waitForTrial(6)
        try waitForRollBack(1)
        #expect(try kernelGeneration() == 0 && (try generation()) == 0)
        #expect(try reaches(LabAddress.tracker), "without a policy nothing is held")

        // All is answered: confirmed at once, and proved.
        let cloud = "cloud.camera.example"
        let good = try policy(7, mustReach: [Self.answered, "192.0.2.83:8883"], names: [cloud])
        let proved = try fleet.control(["policy", "push", good, "--wait", "20s"])
        #expect(proved.contains(": proved"), "\(proved)")
        #expect(try generation() == 7 && (try kernelGeneration()) == 7)
        #expect(try fleet.list(["policy", "status"]).first?["pushToProofMilliseconds"] as? Int ?? 9999 < 2000)
        let asked = try lab.camera.run(["getent", "ahostsv4", cloud])
        #expect(asked.contains(LabAddress.cloud))
        #expect(try reaches(LabAddress.cloud) && (try !reaches(LabAddress.tracker)))

        // What neither the old nor the new one allows is knocked at all the time: no moment may be without rules.
        let knocking = try lab.camera.start(
            [
                "/usr/bin/python3", "-u", "-c",
                """
                import socket, time
                print('knocking')
                while True:
                    time.sleep(0.02)  # more often would be a flood
                    try:
                        socket.create_connection(('192.0.2.81', 443), 0.5)
                        print('through')
                    except OSError:
                        pass
                """,
            ],
            label: "knocking"
        )
        try knocking.wait(forOutput: "knocking")

        // One of the two does not answer.
        let bad = try policy(8, mustReach: [Self.answered, Self.refusing], addresses: [LabAddress.tracker])
        try fleet.control(["policy", "push", bad])
        try waitForTrial(8)
        let shown = try lab.gateway.run(agent.command("status"))
        #expect(shown.contains("policy      generation 8 on trial, "), "\(shown)")
        #expect(shown.contains(" s left, waits for \(Self.refusing) (mustReach); else generation 7"), "\(shown)")
        #expect(try generation() == 7, "the confirmed one")
        #expect(try reaches(LabAddress.broker, 8883), "what both allow")
        #expect(try reaches(LabAddress.tracker) && (try !reaches(LabAddress.cloud)), "the new one is in force")
        try waitForRollBack(2)
        #expect(try kernelGeneration() == 7 && (try generation()) == 7)
        // The camera goes on with the address it was told under the old policy, without asking again.
        #expect(try reaches(LabAddress.cloud) && (try reaches(LabAddress.broker, 8883)))
        #expect(try !reaches(LabAddress.tracker))
        try Lab.wait(within: 20, for: "the refusal; \(agent.log)") {
            let status = try policyStatus()
            return status.contains("unreachable") && status.contains("\(Self.refusing) (mustReach) was not reached for")
        }
        try Lab.wait(within: 20, for: "the incident") { try rollBacks().first?.contains(Self.refusing) == true }
        let verified = try lab.gateway.attempt(agent.command("verify"))
        #expect(verified.status == 0, "\(verified.output)")

        // The collector offers it at the next connection, and it is left alone.
        try fleet.restartCollector()
        try Lab.wait(within: 60, for: "the offer; \(agent.log)") { agent.log.contains("is left alone") }
        #expect(try onTrial() == 0 && (try kernelGeneration()) == 7)
        #expect(try agent.counter("policies.rolledBack") == 2)

        // The operator pushes the same file anew: it is tried again, and the operator is told.
        let again = try fleet.attemptControl(["policy", "push", bad, "--wait", "20s"])
        #expect(again.status == 1 && again.output.contains(": refused"), "\(again)")
        #expect(again.output.contains("unreachable") && again.output.contains(Self.refusing), "\(again)")
        #expect(try agent.counter("policies.rolledBack") == 3)

        // And with somebody at that port it stays.
        let server = try lab.internet.start(
            ["/usr/bin/python3", "-m", "http.server", "9", "--bind", LabAddress.cloud],
            label: "nine"
        )
        try Lab.wait(within: 10, for: "the server") { try lab.internet.run(["ss", "-Hltn"]).contains(":9 ") }
        let stays = try fleet.control(["policy", "push", bad, "--wait", "20s"])
        #expect(stays.contains(": proved"), "\(stays)")
        #expect(try generation() == 8 && (try kernelGeneration()) == 8)
        #expect(server.isRunning && knocking.isRunning)
        #expect(!knocking.output.contains("through"), "\(knocking.output)")
    }

    @Test func anAgentThatEndsDuringATrialComesBackWithTheOldPolicy() throws {
        defer { lab.close() }
        try start()
        try fleet.control(["policy", "push", try policy(7, mustReach: []), "--wait", "20s"])

        // As by a power cut, but that the kernel goes on with the new one.
        try fleet.control(["policy", "push", try policy(8, mustReach: [Self.refusing])])
        try waitForTrial(8)
        try agent.kill()
        #expect(try kernelGeneration() == 8)
        try start()
        #expect(try generation() == 7 && (try kernelGeneration()) == 7)
        try Lab.wait(within: 20, for: "the refusal; \(agent.log)") {
            try policyStatus().contains("interrupted")
        }
        try Lab.wait(within: 20, for: "the incident") { try rollBacks().count == 1 }
        try Lab.wait(within: 20, for: "the offer; \(agent.log)") { agent.log.contains("is left alone") }
        #expect(try onTrial() == 0)
        var kept = try FileManager.default.contentsOfDirectory(atPath: agent.state.path)
        #expect(kept.filter { $0.hasPrefix("policy") }.sorted() == ["policy.cose", "policy.tried"])

        // A newer one takes the place of one on trial, and is all that is left.
        try fleet.control(["policy", "push", try policy(9, mustReach: [Self.refusing])])
        try waitForTrial(9)
        let newer = try fleet.control(["policy", "push", try policy(10, mustReach: [Self.answered]), "--wait", "20s"])
        #expect(newer.contains(": proved"), "\(newer)")
        #expect(try generation() == 10 && (try kernelGeneration()) == 10 && (try onTrial()) == 0)
        #expect(try agent.counter("policies.rolledBack") == 1)

        // An agent that is asked to end leaves the old one behind, and tries the new one again when it is back.
        try fleet.control(["policy", "push", try policy(11, mustReach: [Self.refusing])])
        try waitForTrial(11)
        try agent.process?.stop()
        #expect(try kernelGeneration() == 10)
        kept = try FileManager.default.contentsOfDirectory(atPath: agent.state.path)
        #expect(kept.filter { $0.hasPrefix("policy") } == ["policy.cose"])
        try start()
        try waitForTrial(11)
        try waitForRollBack(1)
        #expect(try kernelGeneration() == 10)
    }

    /// The connection that brought the policy lives on, but no new one can be made: it would be the last policy to come.
    @Test func aCollectorThatCannotBeReachedAnewPutsTheOldOneBack() throws {
        defer { lab.close() }
        try start()
        try fleet.control(["policy", "push", try policy(7, mustReach: []), "--wait", "20s"])
        try lab.gateway.shell(
            """
            nft 'add table inet lab_test'
            nft 'add chain inet lab_test out { type filter hook output priority 0; }'
            nft 'add rule inet lab_test out tcp dport 7443 ct state new reject with tcp reset'
            """
        )
        let next = try policy(8, mustReach: [Self.answered])
        let refused = try fleet.attemptControl(["policy", "push", next, "--wait", "20s"])
        #expect(refused.status == 1 && refused.output.contains("unreachable"), "\(refused)")
        let words = "\(LabAddress.central):7443 (the collector) was not reached for"
        #expect(refused.output.contains(words) && refused.output.contains("Connection refused"), "\(refused)")
        #expect(try kernelGeneration() == 7 && (try generation()) == 7)
        #expect(try agent.counter("uplink.disconnects") == 0, "the connection lived on")

        try lab.gateway.run(["nft", "delete", "table", "inet", "lab_test"])
        let proved = try fleet.control(["policy", "push", next, "--wait", "20s"])
        #expect(proved.contains(": proved"), "\(proved)")
        #expect(try kernelGeneration() == 8)

        // The disk loses it: the kernel keeps its rules meanwhile, and the collector brings it once more.
        try agent.kill()
        let file = agent.state.appendingPathComponent("policy.cose")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
        try start()
        #expect(agent.log.contains("the policy on disk is damaged"), "\(agent.log)")
        try Lab.wait(within: 20, for: "the policy; \(agent.log)") { try generation() == 8 }
        #expect(try kernelGeneration() == 8)
    }
}
