import CollectorTestSupport
import Foundation
import Storage
import TestSupport
import Testing

/// `backup` and `restore` of the program itself.
@Suite struct BackupTests {
    /// The agent's side of a connection that was let in or refused.
    private func connect(_ collector: CollectorProcess, bootEpoch: UInt64) async throws -> AgentByHand.Transcript {
        var agent = AgentByHand()
        agent.addHello(bootEpoch: bootEpoch, instance: UInt8(bootEpoch))
        let program = try await agent.connect(
            to: collector.agentPort,
            as: "gate",
            authority: "authority.pem",
            in: collector.directory
        )
        try await program.wait(for: "an answer") { try !AgentByHand.Transcript(program).messages.isEmpty }
        defer { program.send(15) }
        return try AgentByHand.Transcript(program)
    }

    @Test func aRestoredCollectorKnowsItsGatewaysAndTheyKnowIt() async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            let pin = try await hand.fetchAuthority()
            let bearer = try await hand.logIn()
            let id = try await hand.enrolGateway("gate", as: bearer)
            #expect(try await connect(collector, bootEpoch: 1).welcome != nil)
            let open = try await hand.makeToken(as: bearer)

            // While it serves.
            let backup = collector.file("collector.backup")
            let made = try await collector.run(["backup", backup.path])
            #expect(made.status == 0, "\(made)")
            #expect(backup.permissions == 0o600)
            let later = try await hand.makeToken(as: bearer)
            let again = try await collector.run(["backup", backup.path])
            #expect(again.status == 1)
            #expect(
                again.errors == "gatehouse-collector: \(backup.path) is there already; a backup is never overwritten\n"
            )

            let live = try await collector.run(["restore", backup.path])
            #expect(live.status == 1 && live.errors.contains("holds a collector already"), "\(live)")
            await collector.kill()
            let dead = try await collector.run(["restore", backup.path])
            #expect(dead.status == 1 && dead.errors.contains("holds a collector already"), "\(dead)")

            try FileManager.default.moveItem(at: collector.state, to: collector.file("lost"))
            let restored = try await collector.run(["restore", backup.path])
            #expect(restored.status == 0, "\(restored)")
            #expect(restored.output.contains("1 open enrolment tokens are revoked"))
            #expect(collector.state.permissions == 0o700)
            for name in ["authority.key", "authority.crt", "gatehouse.sqlite"] {
                #expect(collector.state.appending(path: name).permissions == 0o600, "\(name)")
            }
            let database = try Data(contentsOf: collector.database)
            #expect(database.range(of: Data("PRIVATE KEY".utf8)) == nil, "the key stayed in the database")

            try await collector.serve()
            #expect(try await hand.fetchAuthority() == pin)
            let gateway = try await hand.api("GET", "/api/v1/gateways/\(id)", as: bearer)
            #expect(gateway.status == 200)
            #expect(try await connect(collector, bootEpoch: 2).welcome != nil, "the old certificate is not taken")
            for (token, words) in [(open, "it was revoked"), (later, "no such token")] {
                let answer = try await hand.enrol(secret: token.secret, file: "gate.csr")
                #expect(answer.status == 401 && answer.text.contains(words), "\(answer.text)")
            }
            #expect(try await hand.audit("collector.backup", as: bearer).count == 1)
            #expect(try await hand.audit("collector.restore", as: bearer).count == 1)
            try await collector.stop()
            let store = try SQLiteStore(path: collector.database.path)
            let audit = try await store.verifyAudit()
            #expect(audit.firstBroken == nil && audit.checkedCount > 5)
            await store.close()
        }
    }

    @Test func whatIsNoBackupIsRefusedAndLeavesNothing() async throws {
        try await TemporaryDirectory.with { directory in
            let collector = try CollectorProcess(in: directory)
            try await collector.initialise()
            let good = collector.file("good")
            #expect(try await collector.run(["backup", good.path]).status == 0)
            try FileManager.default.copyItem(at: collector.database, to: collector.file("database"))
            try FileManager.default.moveItem(at: collector.state, to: collector.file("lost"))
            try collector.file("text").write(String(repeating: "no backup\n", count: 1000))
            try collector.file("empty").write("")
            let whole = try Data(contentsOf: good)
            try whole.prefix(whole.count / 2).write(to: collector.file("half"))
            for (name, words) in [
                ("none", "is not there"), ("text", "is damaged"), ("empty", "is no backup of a collector"),
                ("half", "is damaged"), ("database", "is no backup of a collector"),
            ] {
                let outcome = try await collector.run(["restore", collector.file(name).path])
                #expect(outcome.status == 65, "\(name): \(outcome)")
                #expect(outcome.errors.hasPrefix("gatehouse-collector: \(collector.file(name).path) \(words)"))
                #expect(outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome)")
                let left = (try? FileManager.default.contentsOfDirectory(atPath: collector.state.path)) ?? []
                #expect(left.filter { $0 != "lock" } == [], "\(name)")
            }
            #expect(try await collector.run(["restore", good.path]).status == 0)
        }
    }

    @Test func thereIsNothingToBackUpBeforeInit() async throws {
        try await TemporaryDirectory.with { directory in
            let collector = try CollectorProcess(in: directory)
            let file = collector.file("backup")
            let outcome = try await collector.run(["backup", file.path])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains("run gatehouse-collector init first"))
            try await collector.initialise()
            let elsewhere = try await collector.run(["backup", collector.file("none/backup").path])
            #expect(elsewhere.status == 1 && elsewhere.errors.contains("No such file or directory"))
            try collector.state.appending(path: "authority.key").write("no key")
            #expect(try await collector.run(["backup", file.path]).status == 65)
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }
}
