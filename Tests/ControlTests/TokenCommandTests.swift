import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import TestSupport
import Testing
import WireProtocol

/// `token create|list|revoke`.
@Suite struct TokenCommandTests {
    @Test func createPrintsTheTokenAndNothingElse() async throws {
        try await Control.withFleet { collector in
            _ = try await collector.done("policy", "keygen", collector.file("key").path)
            let outcome = try await collector.control([
                "token", "create", "--site", "warehouse-1", "--label", "gate", "--expires", "90s", "--policy-key",
                collector.file("key.pub").path,
            ])
            #expect(outcome.status == 0)
            #expect(outcome.output.wholeMatch(of: #/gh1\.[A-Za-z0-9_-]+\n/#) != nil, "\(outcome)")
            let token = try EnrolmentToken(text: ByteString(utf8: outcome.output))
            #expect(token.host == "127.0.0.1" && Int(token.port) == collector.httpsPort)
            let pin = Hexadecimal.encode(token.authoritySHA256).text
            #expect(pin == (try await collector.beginning("CA SHA-256")))
            let publicKey = try collector.file("key.pub").text().trimmingCharacters(in: .newlines)
            #expect(token.policyKeys.map { Hexadecimal.encode($0).text } == [publicKey])

            let id = String(token.secret.text.prefix(16))
            let tokens = try #require(try await collector.json("token", "list") as? [[String: Any]])
            let entry = try #require(tokens.first { $0["id"] as? String == id })
            #expect(entry["state"] as? String == "open" && entry["label"] as? String == "gate")
            #expect(entry["createdBy"] as? String == "admin")
            let everything = String(decoding: try JSONSerialization.data(withJSONObject: tokens), as: UTF8.self)
            #expect(!everything.contains(token.secret.text.dropFirst(17)), "a listing has the secret")
            // What is said beside it, the secret is not in.
            #expect(outcome.errors.hasPrefix("gatehousectl: token \(id) for site warehouse-1, good once until "))
            #expect(!outcome.errors.contains(token.secret.text.dropFirst(17)))
        }
    }

    @Test func listShowsEveryState() async throws {
        try await Control.withFleet { collector in
            let shapes = try await Control.shapes(collector)
            _ = try await collector.control(["token", "create", "--site", "a", "--expires", "1s"])
            let second = try await collector.control(["token", "create", "--site", "b", "--enrol-at", "10.0.0.1:99"])
            let moved = try EnrolmentToken(text: ByteString(utf8: second.output))
            #expect(moved.host == "10.0.0.1" && moved.port == 99)
            #expect(second.errors.contains("no --policy-key: the gateway takes policies only if"))
            let id = String(moved.secret.text.prefix(16))
            #expect(try await collector.done("token", "revoke", id) == "token \(id) is revoked\n")
            #expect(try await collector.done("token", "revoke", id) == "token \(id) is revoked\n")
            try await Task.sleep(for: .milliseconds(1100))

            let tokens = try #require(try await collector.json("token", "list") as? [[String: Any]])
            for token in tokens { #expect(shapes.faults(of: token, as: "EnrolmentToken") == []) }
            let states = Set(tokens.compactMap { $0["state"] as? String })
            #expect(states == ["expired", "revoked", "used"])
            let table = try PrintedTable(try await collector.done("token", "list"))
            #expect(table.headings == ["ID", "STATE", "SITE", "LABEL", "EXPIRES", "BY", "GATEWAY"])
            let used = try #require(table.rows.first { $0["GATEWAY"] == SampleFleet.dock.gateway })
            #expect(used["STATE"] == "used" && used["SITE"] == "warehouse-1" && used["LABEL"] == "warehouse dock")

            let conflict = try await collector.refused(1, "token", "revoke", try #require(used["ID"]))
            #expect(conflict.contains("was redeemed by gateway dock-00000001; ban the gateway instead"))
            #expect(try await collector.refused(1, "token", "revoke", "0000000000000000").contains("does not exist"))
        }
    }

    @Test func whatIsWrongIsSaidBeforeAnythingIsMade() async throws {
        try await Control.withFleet { collector in
            let before = try await collector.done("token", "list")
            try collector.file("no.pub").write("no key\n")
            let cases: [([String], Int32, String)] = [
                (["token", "create"], 64, "--site"),
                (["token", "create", "--site", "s", "--expires", "soon"], 64, "soon"),
                (["token", "create", "--site", "s", "--expires", "0s"], 64, "0s"),
                (["token", "create", "--site", "s", "--policy-key", "no.pub"], 65, "no.pub: not a public key of 64"),
                (["token", "create", "--site", "s", "--policy-key", "none"], 65, "none: No such file"),
                (["token", "create", "--site", ""], 65, "the site is empty; name a site"),
                (["token", "create", "--site", String(repeating: "s", count: 65)], 65, "longer than 64 bytes"),
                (["token", "create", "--site", "s", "--expires", "31d"], 65, "use 1 to 2592000"),
                (["token", "list", "-o", "yaml"], 64, "yaml"), (["token", "bogus"], 64, "bogus"),
            ]
            for (arguments, status, words) in cases {
                let outcome = try await collector.control(arguments)
                #expect(outcome.status == status, "\(arguments): \(outcome)")
                #expect(outcome.errors.contains(words), "\(arguments): \(outcome)")
                #expect(outcome.output == "")
            }
            #expect(try await collector.done("token", "list") == before)
        }
    }
}
