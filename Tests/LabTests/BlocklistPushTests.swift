import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// Blocklists from a publisher's server through the real collector and an operator's key to a real agent, whose device finds
/// a name refused that it had used a moment before.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct BlocklistPushTests {
    private static let port = 9443
    private static let blocked = "cloud.camera.example"

    private let key: Ed25519SigningKey
    private let fleet: LabFleet
    private var agent: LabAgent { fleet.agent }
    private var lab: Lab { fleet.lab }

    init() throws {
        let key = try Ed25519SigningKey.generate()
        self.key = key
        let keys = [Hexadecimal.encode(key.publicKey).text]
        fleet = try LabFleet(certificateLifetimeSeconds: 3600, credits: 50, policyKeys: keys)
        try Data(try key.pem().bytes).write(to: URL(fileURLWithPath: fleet.agent.path("key.pem")))
        try fleet.agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true)
    }

    /// Cameras may reach all of `camera.example`, but for what is on the list `malware`.
    private func pushPolicy() throws {
        let wildcard = try #require(NamePattern("*.camera.example"))
        let envelope = try RefusedPolicyTests.envelope(key) { bundle in
            bundle.baseline.unknown.allow = [
                AllowRule(to: .name(wildcard), ports: [PortRange(transport: .tcp, first: 443, last: 443)])
            ]
            bundle.baseline.unknown.dns.blocklists = ["malware"]
        }
        try Data(envelope).write(to: URL(fileURLWithPath: agent.path("policy.cose")))
        try fleet.control(["policy", "push", agent.path("policy.cose"), "--wait", "20s"])
    }

    /// What the publisher serves from now on. A file that is no newer by the second is not fetched again.
    private func publish(_ names: [String]) throws {
        let file = URL(fileURLWithPath: agent.path("lists/malware.txt"))
        let before = (try? file.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(names.map { "0.0.0.0 \($0)\n" }.joined().utf8).write(to: file)
        let date = before.map { $0.addingTimeInterval(2) } ?? Date().addingTimeInterval(-3600)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
    }

    /// A server with a certificate of its own authority, which the collector is told.
    private func startPublisher() throws {
        let now = Int64(Date().timeIntervalSince1970)
        let authority = try CertificateAuthority.create(commonName: "Lists", nowSeconds: now, lifetimeSeconds: 86_400)
        let serverKey = try PrivateKey.generate()
        let leaf = try authority.issueServer(
            key: serverKey,
            commonName: "lists",
            dnsNames: [],
            ipAddresses: [try #require(IPAddress(ByteString(utf8: LabAddress.central)))],
            nowSeconds: now,
            lifetimeSeconds: 86_400
        )
        for (name, text) in [
            ("lists.pem", try CertificateChain(leaf: leaf).pem()), ("lists.key", try serverKey.pem()),
            ("lists-ca.pem", try authority.certificate.pem()),
        ] {
            try Data(text.bytes).write(to: URL(fileURLWithPath: agent.path(name)))
        }
        let server = try lab.central.start(
            Peer.command(
                "listserver.py",
                [
                    LabAddress.central, "\(Self.port)", agent.path("lists.pem"), agent.path("lists.key"),
                    agent.path("lists"),
                ]
            ),
            label: "lists"
        )
        try server.wait(forOutput: "serving")
        try fleet.restartCollector {
            let file = URL(fileURLWithPath: agent.path("collector.yaml"))
            let text = """
                blocklists:
                  every: 10s
                  authorities: \(agent.path("lists-ca.pem"))
                  sources:
                    - name: malware
                      url: https://\(LabAddress.central):\(Self.port)/malware.txt
                      format: hosts

                """
            try (try Data(contentsOf: file) + Data(text.utf8)).write(to: file)
        }
    }

    private func candidate() throws -> [String: Any] {
        let text = try fleet.control(["blocklist", "status", "-o", "json"])
        let status = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        return (status["lists"] as? [[String: Any]])?.first ?? [:]
    }

    private func isAnswered() throws -> Bool {
        try lab.camera.attempt(["getent", "ahostsv4", Self.blocked]).status == 0
    }

    private func used() throws -> [String: Any] { try agent.status()?["blocklist"] as? [String: Any] ?? [:] }

    private func summaries() throws -> [String] {
        try fleet.list(["incident", "list"]).compactMap { $0["summary"] as? String }
    }

    /// A compiled file of so many hashes, each a step above the one before: no list has to be read and hashed for it.
    private static func file(hashes: Int) -> [UInt8] {
        func integer(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }
        var contents = [UInt8](repeating: 7, count: 16) + integer(1, 4)
        contents += Array("malware".utf8) + [UInt8](repeating: 0, count: 32 - 7)
        contents += integer(UInt64(hashes), 4) + integer(0, 4)
        contents.reserveCapacity(contents.count + 8 * hashes)
        for index in 1...UInt64(hashes) { contents += integer(index * (UInt64.max / UInt64(hashes + 1)), 8) }
        let head: [UInt8] = [0x89, 0x47, 0x48, 0x42, 0x0D, 0x0A, 0x1A, 0x0A] + integer(1, 4)
        return head + integer(UInt64(48 + contents.count), 4) + Cryptography.sha256(contents) + contents
    }

    /// A million names, in eight megabytes: many parts, and a connection that ends in the middle of them.
    @Test func aLongFileComesWholeThoughTheCollectorIsRestarted() throws {
        defer { lab.close() }
        try agent.start()
        try Lab.wait(within: 60, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        let bytes = Self.file(hashes: 1_000_000)
        #expect(bytes.count > 8_000_000)
        try Data(bytes).write(to: URL(fileURLWithPath: agent.path("long.bin")))
        let sign = [
            "blocklist", "sign", agent.path("long.bin"), "--key", agent.path("key.pem"), "--version", "1", "-o",
            agent.path("long.signed"),
        ]
        let signed = try fleet.attemptControl(sign, withinSeconds: 120)
        #expect(signed.status == 0, "\(signed)")
        let pushed = try fleet.attemptControl(["blocklist", "push", agent.path("long.signed")], withinSeconds: 120)
        #expect(pushed.status == 0, "\(pushed)")
        // Wherever it is by then, it is begun anew on the next connection.
        try fleet.restartCollector()
        try Lab.wait(within: 120, for: "the file; \(agent.log)") { try used()["version"] as? Int == 1 }
        #expect((try used()["lists"] as? [String: Int]) == ["malware": 1_000_000])
        #expect(try used()["hash"] as? String == Hexadecimal.encode(Cryptography.sha256(bytes)).text)
        try Lab.wait(within: 60, for: "the collector to hear of it; \(agent.log)") {
            try fleet.gateway()["blocklistVersion"] as? Int == 1
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: agent.state.path)
        #expect(names.filter { $0.hasPrefix("blocklist") } == ["blocklist.signed"])
    }

    /// Somebody else's file, which would let the name through again.
    private func pushAStrangersFile() throws {
        try fleet.control(["policy", "keygen", agent.path("stranger.pem")])
        try fleet.control([
            "blocklist", "sign", agent.path("one.bin"), "--key", agent.path("stranger.pem"), "--version", "9", "-o",
            agent.path("bad.signed"),
        ])
        try fleet.control(["blocklist", "push", agent.path("bad.signed")])
        try Lab.wait(within: 30, for: "the refusal; \(agent.log)") {
            try summaries().contains { $0.contains("(unknown-key)") }
        }
    }

    @Test func aNameIsRefusedSecondsAfterAnOperatorSigned() throws {
        defer { lab.close() }
        try publish(["evil.example", "other.example"])
        try startPublisher()
        try agent.start()
        try Lab.wait(within: 60, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        try pushPolicy()
        // The gateway has no list yet, and says so.
        try Lab.wait(within: 30, for: "the report of the list that is not there; \(agent.log)") {
            try summaries().contains { $0.contains("names the blocklist malware, which this gateway does not have") }
        }
        #expect(try lab.gateway.run(agent.command("status")).contains("blocklist   malware  not there"))
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try Lab.wait(within: 30, for: "the camera's name server; \(agent.log)") { try isAnswered() }

        // The first file: fetched, looked at, signed and pushed by hand.
        try Lab.wait(within: 30, for: "the download") { try candidate()["candidateNames"] as? Int == 2 }
        let update = ["blocklist", "update", "--key", agent.path("key.pem"), "--wait", "20s", "--max-change"]
        let early = try fleet.attemptControl(update + ["20%"])
        #expect(early.status == 2 && early.output.contains("no blocklists are in force yet"), "\(early)")
        try fleet.control(["blocklist", "fetch", "-o", agent.path("one.bin")])
        try fleet.control([
            "blocklist", "sign", agent.path("one.bin"), "--key", agent.path("key.pem"), "-o", agent.path("one.signed"),
        ])
        let first = try fleet.attemptControl(["blocklist", "push", agent.path("one.signed"), "--wait", "20s"])
        #expect(first.status == 0, "\(first) \(agent.log)")
        #expect(try used()["version"] as? Int == 1)
        #expect((try used()["lists"] as? [String: Int]) == ["malware": 2])
        #expect(try fleet.gateway()["blocklistVersion"] as? Int == 1)
        #expect(try isAnswered())
        // A flow that lives, to what is not on the list yet.
        let flow = try lab.camera.start(
            Peer.command("sharedaddress.py", [Self.blocked, "--server-name", Self.blocked, "--seconds", "0"]),
            label: "flow"
        )
        try flow.wait(forOutput: "\"beat\"")

        // The publisher adds the name. What is too much for a script is for a person; then it is not.
        try publish(["evil.example", "other.example", Self.blocked])
        try Lab.wait(within: 60, for: "the next download") { try candidate()["added"] as? Int == 1 }
        let refused = try fleet.attemptControl(update + ["20%"])
        #expect(refused.status == 2 && refused.output.contains("1 added and 0 removed of 2 names"), "\(refused)")
        #expect(try used()["version"] as? Int == 1)
        let taken = try fleet.attemptControl(update + ["60%"])
        #expect(taken.status == 0, "\(taken) \(agent.log)")
        // In use everywhere when the command ends, so from here on the name does not exist.
        #expect(try !isAnswered(), "\(agent.log)")
        try flow.wait(forOutput: "\"lost\"", withinSeconds: 30)
        for set in ["names4", "names6"] {
            let elements = try lab.gateway.run(["nft", "list", "set", "inet", "gatehouse", set])
            #expect(!elements.contains(LabAddress.cloud) && !elements.contains("2001:db8:2::80"), "\(elements)")
        }
        #expect(agent.process?.isRunning == true, "it is the same process")
        let again = try fleet.attemptControl(update + ["60%"])
        #expect(again.status == 0 && again.output.contains("nothing has changed"), "\(again)")

        try pushAStrangersFile()
        #expect(try used()["version"] as? Int == 2)
        #expect(try !isAnswered())
        // Nor does the collector's word that it is in force make it the ground of the next.
        let misled = try fleet.attemptControl(update + ["60%"])
        #expect(misled.status == 2 && misled.output.contains("not one of this key"), "\(misled)")

        // A restart keeps the file.
        try agent.kill()
        try agent.start()
        try Lab.wait(within: 30, for: "the agent again; \(agent.log)") { try agent.isConnected() }
        #expect(try used()["version"] as? Int == 2)
        #expect(try !isAnswered())
    }
}
