import Foundation
import Lab
import NetworkTypes
import TLS
import TestSupport

/// A collector at the lab's centre and one enrolled gateway, all of it the real programs.
final class LabFleet {
    private static let password = "correct-horse-battery-staple"

    let lab: Lab
    let agent: LabAgent
    private(set) var collector: LabProcess

    /// Small credits, so that the agent always waits for an acknowledgement.
    init(certificateLifetimeSeconds: Int, credits: Int = 3, policyKeys: [String] = []) throws {
        lab = try Lab.start()
        agent = try LabAgent(lab)
        let agent = agent
        let lab = lab
        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: agent.path(name)))
        }
        let address = LabAddress.central
        try write(
            """
            stateDirectory: \(agent.path("collector"))
            agentListener: { address: "\(address)", port: 7443 }
            httpsListener: { address: "\(address)", port: 8443, names: [\(address)] }
            certificateLifetime: \(certificateLifetimeSeconds)s
            limits: { credits: \(credits) }

            """,
            to: "collector.yaml"
        )
        let program = [Programs.path("gatehouse-collector")]
        let configuration = ["--config", agent.path("collector.yaml")]
        let said = try lab.central.run(program + ["init"] + configuration)
        try write(LabFleet.word(after: "one-time password:", in: said), to: "one-time-password")
        try write(LabFleet.password, to: "new-password")
        let collector = try lab.central.start(program + ["serve"] + configuration, label: "collector")
        self.collector = collector
        try Lab.wait(within: 30, for: "the collector to listen; its output: \(collector.output)") {
            let sockets = try lab.central.run(["ss", "-Hltn"])
            return sockets.contains(":7443") && sockets.contains(":8443")
        }
        try control([
            "login", "--collector", "https://\(address):8443", "--ca-sha256",
            LabFleet.word(after: "CA SHA-256:", in: said), "--user", "admin", "--password-file",
            agent.path("one-time-password"), "--new-password-file", agent.path("new-password"),
        ])
        try agent.configure(host: address, policyKeys: policyKeys)
        try enrol()
    }

    /// A fleet whose gateway trusts `key.pem` in the lab's directory.
    static func signing() throws -> LabFleet {
        let key = try Ed25519SigningKey.generate()
        let fleet = try LabFleet(
            certificateLifetimeSeconds: 3600,
            policyKeys: [Hexadecimal.encode(key.publicKey).text]
        )
        try Data(try key.pem().bytes).write(to: URL(fileURLWithPath: fleet.agent.path("key.pem")))
        return fleet
    }

    /// Ends the collector, does something to what it keeps, and starts it again.
    func restartCollector(_ meanwhile: () throws -> Void = {}) throws {
        try collector.send(signal: SIGTERM)
        try collector.wait()
        try meanwhile()
        collector = try lab.central.start(
            [Programs.path("gatehouse-collector"), "serve", "--config", agent.path("collector.yaml")],
            label: "collector-again"
        )
        try Lab.wait(within: 30, for: "the collector to listen; its output: \(collector.output)") {
            let sockets = try lab.central.run(["ss", "-Hltn"])
            return sockets.contains(":7443") && sockets.contains(":8443")
        }
    }

    /// Alters the collector's database behind its back.
    func alter(_ statement: String) throws {
        try restartCollector {
            let program =
                "import sqlite3,sys; c = sqlite3.connect(sys.argv[1]); n = c.execute(sys.argv[2]).rowcount; "
                + "c.commit(); sys.exit(n != 1)"
            try lab.central.run([
                "/usr/bin/python3", "-c", program, agent.path("collector/gatehouse.sqlite"), statement,
            ])
        }
    }

    /// Enrols the agent with a token of its own.
    func enrol() throws {
        let token = try control(["token", "create", "--site", "lab"]).split(whereSeparator: \.isWhitespace)
            .first { $0.hasPrefix("gh1.") }
        try Data((token ?? "").utf8).write(to: URL(fileURLWithPath: agent.path("token")))
        try lab.gateway.run(agent.command("enroll", ["--token-file", agent.path("token")]))
    }

    private static func word(after label: String, in text: String) throws -> String {
        guard let range = text.range(of: label, options: .caseInsensitive),
            let word = text[range.upperBound...].split(whereSeparator: \.isWhitespace).first
        else { throw LabError("no \"\(label)\" in: \(text)") }
        return String(word)
    }

    /// Runs `gatehousectl`.
    @discardableResult
    func control(_ arguments: [String]) throws -> String {
        let result = try attemptControl(arguments)
        // 2 says that something listed is not as it should be: it is listed all the same.
        guard result.status == 0 || result.status == 2 else {
            throw LabError("gatehousectl \(arguments.joined(separator: " ")): \(result.output)")
        }
        return result.output
    }

    /// Runs `gatehousectl`, however it ends.
    func attemptControl(_ arguments: [String], withinSeconds: Double = 30) throws -> (status: Int, output: String) {
        try lab.central.attempt(
            [Programs.path("gatehousectl")] + arguments,
            environment: ["GATEHOUSE_PROFILE": agent.path("profile")],
            withinSeconds: withinSeconds
        )
    }

    /// The items of a listing.
    func list(_ arguments: [String]) throws -> [[String: Any]] {
        let text = try control(arguments + ["-o", "json"])
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        if let page = value as? [String: Any], let items = page["items"] as? [[String: Any]] { return items }
        return value as? [[String: Any]] ?? []
    }

    /// The one gateway.
    func gateway() throws -> [String: Any] { try list(["gateway", "list"]).first ?? [:] }

    /// What the audit log says of renewals, newest first.
    func renewals() throws -> [[String: Any]] {
        try list(["audit", "list"]).filter { $0["action"] as? String == "gateway.renew" }
    }

    /// Serial numbers of all certificates of gateways that the audit log names, newest first.
    func keptSerials() throws -> [String] {
        try list(["audit", "list"]).filter {
            ["gateway.renew", "gateway.enrol"].contains($0["action"] as? String ?? "")
        }.compactMap { ($0["detail"] as? String)?.split(separator: " ").last.map(String.init) }
    }

    func events(kind: String) throws -> [[String: Any]] {
        try list(["incident", "list"]).filter { $0["kind"] as? String == kind }
    }

    /// A figure of `/metrics`.
    func metric(_ name: String) throws -> Int {
        let text = try lab.central.run(["curl", "-sS", "--insecure", "https://\(LabAddress.central):8443/metrics"])
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
    }
}
