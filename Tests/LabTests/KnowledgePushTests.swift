import Foundation
import KnowledgeBuilder
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// Knowledge files pushed through the real collector to the real agent, which names a real device by them.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct KnowledgePushTests {
    /// Knowledge by which the lab's mDNS peer is of this model. The filler makes the file as long as a real one, of
    /// several parts.
    private static func knowledge(model: String, filler: Int = 3000) throws -> [UInt8] {
        var rules = """
            - rule: shelly-service
              when: { mdns.service: "_shelly._tcp" }
              says: { class: sensor, vendor: Shelly, model: "\(model)" }
              weight: 0.9
              source: https://example.com/
              examples: ["_shelly._tcp"]
              counterexamples: ["_http._tcp"]

            """
        for index in 0..<filler {
            rules += """
                - rule: filler-\(index)
                  when: { mdns.service: "_filler-\(index)-abcdefghijklmnopqrstuvwxyz._tcp" }
                  says: { class: sensor }
                  weight: 0.5
                  source: https://example.com/
                  examples: ["_filler-\(index)-abcdefghijklmnopqrstuvwxyz._tcp"]
                  counterexamples: ["_http._tcp"]

                """
        }
        return try KnowledgeBuilder.build(texts: [
            ("rules.yaml", rules), ("vendors.yaml", "vendors:\n  - { name: Shelly, register: [\"shelly *\"] }\n"),
        ])
    }

    private let fleet: LabFleet
    private var agent: LabAgent { fleet.agent }

    init() throws {
        let lab = try LabFleet.signing()
        fleet = lab
    }

    private func build(_ name: String, model: String) throws -> [UInt8] {
        let bytes = try Self.knowledge(model: model)
        try Data(bytes).write(to: URL(fileURLWithPath: agent.path(name)))
        return bytes
    }

    private func sign(_ name: String, version: String, key: String = "key.pem", more: [String] = []) throws -> String {
        let signed = agent.path("\(name).signed")
        try fleet.control(
            ["knowledge", "sign", agent.path(name), "--key", agent.path(key), "--version", version, "-o", signed] + more
        )
        return signed
    }

    private func used() throws -> [String: Any] { try agent.status()?["knowledge"] as? [String: Any] ?? [:] }

    private func version() throws -> Int { try used()["version"] as? Int ?? -1 }

    /// The model by which the agent names the peer; nil while it has no name.
    private func model() throws -> String? {
        let devices = try agent.status()?["devices"] as? [[String: Any]] ?? []
        return devices.compactMap { $0["model"] as? String }.first
    }

    private func refusals() throws -> [String] {
        try fleet.list(["incident", "list"]).compactMap { $0["summary"] as? String }.filter {
            $0.hasPrefix("knowledge ")
        }
    }

    @Test func aPushNamesDevicesAnewAndWhatIsWrongIsRefused() throws {
        defer { fleet.lab.close() }
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        // One announcement only: the name has to come from what the agent remembers of it.
        _ = try fleet.lab.lease(fleet.lab.camera, hostname: "thing", vendorClass: "udhcp 1.27.2")
        let peer = try fleet.lab.camera.start(Peer.command("mdns.py", ["--every", "9999"]), label: "mdns")
        try peer.wait(forOutput: "announcing")
        try Lab.wait(within: 20, for: "the device; \(agent.log)") { try agent.counter("devices") >= 1 }
        Thread.sleep(forTimeInterval: 1)
        #expect(try model() == nil)
        #expect(try version() == 0)

        let first = try build("first.bin", model: "One")
        #expect(first.count > 200_000, "of several parts")
        let pushed = try sign("first.bin", version: "auto")
        let begin = Date()
        try fleet.control(["knowledge", "push", pushed, "--wait", "20s"])
        try Lab.wait(within: 20, for: "the device's name; \(agent.log)") { try model() == "One" }
        #expect(Date().timeIntervalSince(begin) < 10)
        #expect(try version() == 1)
        #expect(try used()["hash"] as? String == Hexadecimal.encode(Cryptography.sha256(first)).text)
        let gateway = try fleet.gateway()
        #expect(gateway["knowledgeVersion"] as? Int == 1, "\(gateway)")
        let shown = try fleet.lab.gateway.run(agent.command("status"))
        #expect(shown.contains("knowledge   version 1, \(agent.state.path)/knowledge.signed, SHA-256 "), "\(shown)")
        // The collector shows the device's new name too.
        try Lab.wait(within: 20, for: "the collector to have it") {
            try fleet.list(["device", "list"]).contains { $0["model"] as? String == "One" }
        }
        #expect(try refusals().isEmpty)

        // A restart keeps it, and nothing is fetched again.
        try Lab.wait(within: 20, for: "the agent to write down what it knows") {
            let known = try? Data(contentsOf: agent.state.appendingPathComponent("devices"))
            return known?.range(of: Data("model=One".utf8)) != nil
        }
        try agent.kill()
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect again; \(agent.log)") { try agent.isConnected() }
        #expect(try version() == 1)
        #expect(try model() == "One")

        // Signed by somebody else; a policy's signature under it.
        _ = try build("second.bin", model: "Two")
        try fleet.control(["policy", "keygen", agent.path("stranger.pem")])
        try fleet.control(["knowledge", "push", try sign("second.bin", version: "2", key: "stranger.pem")])
        try Lab.wait(within: 20, for: "the refusal; \(agent.log)") {
            try refusals().contains { $0.contains("(unknown-key)") }
        }
        #expect(try version() == 1)

        // The good one is taken; what is older is refused, at the collector already, and comes back by a grant.
        try fleet.control(["knowledge", "push", try sign("second.bin", version: "3"), "--wait", "20s"])
        try Lab.wait(within: 20, for: "the second name; \(agent.log)") { try model() == "Two" }
        #expect(throws: LabError.self) { try fleet.control(["knowledge", "push", pushed]) }
        let back = try sign("first.bin", version: "1", more: ["--rollback-from", "3"])
        try fleet.control(["knowledge", "push", back, "--wait", "20s"])
        try Lab.wait(within: 20, for: "the first name again; \(agent.log)") { try model() == "One" }
        #expect(try version() == 1)
        let names = try FileManager.default.contentsOfDirectory(atPath: agent.state.path)
        #expect(names.filter { $0.hasPrefix("knowledge") } == ["knowledge.signed"])
    }

    /// A collector that was broken into: the file in its database is another one than was signed.
    @Test func aDamagedFileIsRefusedAndTheOldOneStays() throws {
        defer { fleet.lab.close() }
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        _ = try build("first.bin", model: "One")
        try fleet.control(["knowledge", "push", try sign("first.bin", version: "1"), "--wait", "20s"])
        try agent.kill()
        _ = try build("second.bin", model: "Two")
        try fleet.control(["knowledge", "push", try sign("second.bin", version: "2")])
        try fleet.alter(
            "UPDATE signed_files SET file = CAST(substr(file, 1, 100000) || x'FF' || substr(file, 100002) AS BLOB) "
                + "WHERE id = (SELECT max(id) FROM signed_files)"
        )
        try agent.start()
        try Lab.wait(within: 30, for: "the refusal; \(agent.log)") {
            try refusals().contains { $0.contains("(damaged)") }
        }
        #expect(try version() == 1)
        // It is not fetched again on the next connection, and said once.
        let fetched = try agent.counter("knowledge.refused")
        try fleet.restartCollector()
        try Lab.wait(within: 60, for: "the agent to connect again; \(agent.log)") { try agent.isConnected() }
        Thread.sleep(forTimeInterval: 2)
        #expect(try agent.counter("knowledge.refused") == fetched)
        #expect(try refusals().count == 1)
        // What the disk damages is not used at the next start: the file of the configuration is, and the same version may
        // come once more.
        try agent.kill()
        let file = agent.state.appendingPathComponent("knowledge.signed")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        #expect(try version() == 0)
        #expect(agent.log.contains("is not used"), "\(agent.log)")
    }
}
