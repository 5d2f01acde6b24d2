import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import TestSupport
import Testing

/// `policy keygen|validate|sign|push|status|show|list`.
@Suite struct PolicyCommandTests {
    private static let cameras = """
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: cameras
        match: { class: ip-camera, vendor: [axis], minimumConfidence: 0.7 }
        allow:
          - { to: "*.axis.com", ports: [443/tcp] }
          - { to: gateway, ports: [ntp] }

        """

    /// Runs a command without a collector, in a directory that has `policy.yaml`.
    private func run(_ policy: String, _ arguments: [String]) async throws -> Programs.Outcome {
        try await TemporaryDirectory.with { directory in
            try directory.appending(path: "policy.yaml").write(policy)
            return try await Programs.run(
                Programs.path("gatehousectl"),
                arguments,
                in: directory,
                input: Data(policy.utf8),
                environment: ["GATEHOUSE_PROFILE": directory.appending(path: "none").path]
            )
        }
    }

    @Test func keysAreMadeOnceAndForTheirOwner() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "key")
            func keygen() async throws -> Programs.Outcome {
                // A umask that lets everybody read.
                let command = "umask 000; exec \(Programs.path("gatehousectl")) policy keygen \(file.path)"
                return try await Programs.run("sh", ["-c", command], in: directory)
            }
            let made = try await keygen()
            #expect(made.status == 0, "\(made)")
            #expect(file.permissions == 0o600)
            let pem = try file.text()
            #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
            let base64 = pem.split(separator: "\n")[1]
            #expect(!made.output.contains(base64) && !made.errors.contains(base64))
            let publicKey = try directory.appending(path: "key.pub").text()
            #expect(publicKey.wholeMatch(of: #/[0-9a-f]{64}\n/#) != nil)
            #expect(made.output.contains("keep it; the collector never needs it"))
            // Somebody else's program reads it, and gets the same public key from it.
            let printed = try await Programs.run("openssl", ["pkey", "-in", "key", "-noout", "-text"], in: directory)
            let digits = printed.output.components(separatedBy: "pub:").last?.filter(\.isHexDigit)
            #expect(digits == publicKey.trimmingCharacters(in: .newlines), "\(printed)")

            let again = try await keygen()
            #expect(again.status == 1)
            #expect(again.errors == "gatehousectl: \(file.path): is there already; a key is never overwritten\n")
            try FileManager.default.removeItem(at: file)
            #expect(try await keygen().errors.contains("key.pub: is there already; a key is never overwritten"))
            #expect(try directory.appending(path: "key.pub").text() == publicKey)
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }

    @Test(arguments: [
        (cameras + "colour: blue\n", [], "policy.yaml:8: unknown key \"colour\"; known here: "),
        (cameras.replacing("vendor:", with: "vendr:"), [], "policy.yaml:4: unknown key \"vendr\" in match"),
        (cameras.replacing("443/tcp", with: "99999/tcp"), [], "policy.yaml:6: "),
        (cameras.replacing("v1", with: "v9"), [], "policy.yaml:1: apiVersion: \"gatehouse/v9\" is not gatehouse/v1"),
        (cameras.replacing("cameras", with: "unknown"), [], "policy.yaml:1: allowlist unknown: the name is kept"),
        (
            "apiVersion: gatehouse/v1\nkind: Baseline\nblock:\n  - 192.0.2.0/24\n  - 10.0.0.0/8\n",
            ["--protect", "10.1.2.3"],
            "policy.yaml:5: block 10.0.0.0/8 would cut the gateway off from 10.1.2.3 (protected on the command line); "
                + "leave these addresses out of block"
        ),
        (
            "apiVersion: gatehouse/v1\nkind: Baseline\nblock: [0.0.0.0/0]\n", [],
            "policy.yaml:3: block 0.0.0.0/0 would cut the gateway off from everything; "
        ),
        (
            cameras
                + "---\napiVersion: gatehouse/v1\nkind: Baseline\nprotect: [203.0.113.7]\nblock: [203.0.113.0/24]\n",
            [], "policy.yaml:12: block 203.0.113.0/24 would cut the gateway off from 203.0.113.7 (protected by this"
        ),
        ("kind: [\n", [], "policy.yaml:2: "),
        ("", [], "policy.yaml:1: holds no policy; write a document of kind Allowlist"),
        ("# later\n", [], "policy.yaml:1: "),
    ])
    func validateSaysFileAndLine(_ policy: String, _ more: [String], _ expected: String) async throws {
        let outcome = try await run(policy, ["policy", "validate", "policy.yaml"] + more)
        #expect(outcome.status == 65, "\(outcome)")
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("gatehousectl: \(expected)"), "\(outcome.errors)")
        let signed = try await run(policy, ["policy", "sign", "policy.yaml", "--key", "key", "-o", "out"] + more)
        #expect(signed.status == 65)
    }

    @Test func validatePassesWhatIsGoodAndWarnsOfWhatIsHardlyMeant() async throws {
        let good = try await run(Self.cameras, ["policy", "validate", "policy.yaml"])
        #expect(good.status == 0 && good.output == "good\n" && good.errors == "")
        let piped = try await run(Self.cameras, ["policy", "validate", "-"])
        #expect(piped.status == 0)
        let wide = Self.cameras.replacing("\"*.axis.com\"", with: "0.0.0.0/0")
        let warned = try await run(wide, ["policy", "validate", "policy.yaml"])
        #expect(warned.status == 0)
        #expect(
            warned.errors.hasPrefix("gatehousectl: policy.yaml:6: allowlist cameras, rule 1: 0.0.0.0/0 allows every")
        )
        let missing = try await run("", ["policy", "validate", "none.yaml"])
        #expect(missing.status == 65 && missing.errors == "gatehousectl: none.yaml: No such file or directory\n")
        for arguments in [["policy", "validate"], ["policy", "validate", "policy.yaml", "--protect", "x"]] {
            #expect(try await run(Self.cameras, arguments).status == 64)
        }
    }

    @Test func aPolicyThatCutsOffTheProfilesCollectorIsRefused() async throws {
        try await CollectorProcess.serving { collector in
            try await collector.logIn()
            // As if the collector were elsewhere: 127.0.0.1 is protected whatever is said.
            let profile = collector.file("profile")
            try profile.write(try profile.text().replacing(collector.url, with: "https://198.51.100.9:8443"))
            try collector.file("policy.yaml").write(
                "apiVersion: gatehouse/v1\nkind: Baseline\nblock: [198.51.100.0/24]\n"
            )
            let refused = try await collector.refused(65, "policy", "validate", "policy.yaml")
            #expect(
                refused.hasPrefix(
                    "policy.yaml:3: block 198.51.100.0/24 would cut the gateway off from 198.51.100.9 (the"
                )
            )
        }
    }

    @Test func aSignedPolicyGoesItsWay() async throws {
        try await Control.withFleet { collector in
            let shapes = try await Control.shapes(collector)
            try collector.file("policy.yaml").write(Self.cameras)
            _ = try await collector.done("policy", "keygen", "key")
            _ = try await collector.done("policy", "keygen", "stranger")
            let signed = try await collector.done("policy", "sign", "policy.yaml", "--key", "key", "-o", "policy.cose")
            #expect(signed.hasPrefix("policy.cose: generation 1, "))
            let bytes = Array(try Data(contentsOf: collector.file("policy.cose")))
            let hash = Hexadecimal.encode(SHA256.hash(bytes)).text
            #expect(signed.contains("hash \(hash), key "))

            let status = try await collector.control(["policy", "status"])
            #expect(status.status == 2 && status.errors == "", "no policy is proved yet: \(status)")
            let pushed = try #require(try await collector.json("policy", "push", "policy.cose") as? [String: Any])
            #expect(shapes.faults(of: pushed, as: "PolicyPush") == [])
            #expect(pushed["waiting"] as? [String] == [SampleFleet.clinic.gateway, SampleFleet.dock.gateway])
            let again = try await collector.control(["policy", "push", "policy.cose", "--wait", "300ms"])
            #expect(again.status == 1 && again.errors.contains("0 of 2 gateways have proved it"), "\(again)")

            let statuses = try await collector.control(["policy", "status", hash, "-o", "json"])
            #expect(statuses.status == 2)
            let items = try JSONSerialization.jsonObject(with: Data(statuses.output.utf8)) as? [[String: Any]]
            #expect(items?.map { $0["state"] as? String } == ["waiting", "waiting"])
            for item in items ?? [] { #expect(shapes.faults(of: item, as: "PolicyStatus") == []) }
            let table = try PrintedTable(try await collector.control(["policy", "status"]).output)
            #expect(table.headings.prefix(4) == ["GATEWAY", "STATE", "PUSHED", "IN FORCE"])
            #expect(table.rows.map { $0["PUSHED"] } == ["1", "1"] && table.rows.map { $0["DESIRED"] } == ["-", "-"])

            let policies = try #require(try await collector.json("policy", "list") as? [[String: Any]])
            #expect(policies.map { $0["hash"] as? String } == [hash])
            for policy in policies { #expect(shapes.faults(of: policy, as: "Policy") == []) }
            for place in ["policy.cose", hash] {
                let shown = try await collector.done("policy", "show", place, "--key", "key.pub")
                #expect(shown.contains("# hash: \(hash)\n") && shown.contains(", verified\n"), "\(shown)")
                #expect(shown.contains("name: \"cameras\"\n") && shown.contains("\"*.axis.com\""))
                let read = try await collector.control(["policy", "validate", "-"], input: shown)
                #expect(read.status == 0, "what show prints is no policy: \(read)")
            }
            let stranger = try await collector.refused(65, "policy", "show", hash, "--key", "stranger.pub")
            #expect(stranger.hasPrefix("\(hash): "))
            #expect(try await collector.done("policy", "show", hash).contains("not verified (no --key)"))

            // The next one counts on, a lower one leaves the gateways alone.
            #expect(
                try await collector.done("policy", "sign", "policy.yaml", "--key", "key", "-o", "second.cose")
                    .hasPrefix("second.cose: generation 2, ")
            )
            #expect(try await collector.control(["policy", "push", "second.cose"]).status == 0)
            let old = try await collector.control(["policy", "push", "policy.cose"])
            #expect(old.status == 2, "\(old)")
            #expect(old.errors.contains("is left alone: its target is generation 2 already; sign a higher one"))
        }
    }

    @Test func whatIsNoPolicyIsRefusedAtBothEnds() async throws {
        try await Control.withFleet { collector in
            try collector.file("policy.yaml").write(Self.cameras)
            _ = try await collector.done("policy", "keygen", "key")
            let sign = ["policy", "sign", "policy.yaml", "--key", "key", "-o", "p.cose", "--generation"]
            for generation in ["0", "-1", "many"] {
                #expect(try await collector.control(sign + [generation]).status == 64, "\(generation)")
            }
            #expect(try await collector.control(sign + ["3", "--gateway", SampleFleet.dock.gateway]).status == 0)
            let one = try await collector.control(["policy", "push", "p.cose", "--gateway", SampleFleet.clinic.gateway])
            #expect(one.status == 2 && one.errors.contains("the policy is not meant for it"), "\(one)")
            #expect(try await collector.refused(1, "policy", "push", "p.cose", "--gateway", "none").contains("none"))

            var spoilt = try Data(contentsOf: collector.file("p.cose"))
            spoilt[spoilt.count / 2] ^= 1
            try spoilt.write(to: collector.file("spoilt"))
            try collector.file("text").write("no envelope")
            for name in ["text", "policy.yaml"] {
                #expect(
                    try await collector.refused(65, "policy", "push", name).contains("not a signed policy envelope")
                )
                #expect(try await collector.refused(65, "policy", "show", name).contains("not a signed policy"))
            }
            #expect(try await collector.control(["policy", "show", "spoilt", "--key", "key.pub"]).status == 65)
            #expect(
                try await collector.refused(65, "policy", "push", "none").contains("none: No such file or directory")
            )
            #expect(try await collector.control(["policy", "push", "p.cose", "--wait", "x"]).status == 64)
            #expect(try await collector.refused(1, "policy", "status", "00").contains("policy 00 does not exist"))
            try collector.file("bad-key").write("no key")
            let key = try await collector.refused(65, "policy", "sign", "policy.yaml", "--key", "bad-key", "-o", "x")
            #expect(key.hasPrefix("bad-key: ") && key.contains("make a key with gatehousectl policy keygen"))
        }
    }
}
