import Foundation
import NetworkTypes
import Policy
import TestSupport
import Testing

/// `knowledge build|check|lookup|diff`, with rules and registers of the test's own.
@Suite struct KnowledgeCommandTests {
    private static let rules = """
        - rule: hue-service
          when: { mdns.service: "_hue._tcp" }
          says: { class: hub, vendor: Philips, model: "Hue Bridge" }
          weight: 0.85
          source: https://example.com/
          examples: ["_hue._tcp"]
          counterexamples: ["_huelight._tcp"]
        - rule: hue-name
          when: { hostname: { prefix: "hue-" } }
          says: { vendor: Philips }
          weight: 0.6
          source: https://example.com/
          examples: ["hue-1"]
          counterexamples: ["huelight"]

        """

    /// Runs `body` in a directory with rules, a vendor table and registers, and a way to run `knowledge …` there.
    private func withRules(
        _ rules: String = rules,
        _ body: (URL, ([String]) async throws -> Programs.Outcome) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            for folder in ["rules", "ieee"] {
                try FileManager.default.createDirectory(
                    at: directory.appending(path: folder),
                    withIntermediateDirectories: true
                )
            }
            try directory.appending(path: "rules/rules.yaml").write(rules)
            try directory.appending(path: "rules/vendors.yaml").write(
                "vendors:\n  - { name: Philips, register: [\"philips *\"] }\n"
            )
            try directory.appending(path: "usb.ids").write("046d  Logitech, Inc.\n\t0825  Webcam C270\n")
            let register = "Registry,Assignment,Organization Name,Organization Address\n"
            for name in ["oui", "mam", "oui36", "iab"] {
                try directory.appending(path: "ieee/\(name).csv").write(register)
            }
            try directory.appending(path: "ieee/oui.csv").write(
                register + "MA-L,001788,Philips Lighting BV,Somewhere\n"
            )
            try await body(directory) { arguments in
                try await Programs.run(
                    Programs.path("gatehousectl"),
                    ["knowledge"] + arguments,
                    in: directory,
                    environment: ["GATEHOUSE_PROFILE": directory.appending(path: "none").path]
                )
            }
        }
    }

    private static let sources = ["--rules", "rules", "--ieee-data", "ieee", "--usb-ids", "usb.ids"]

    @Test func lookupNamesTheRuleAndWeighs() async throws {
        try await withRules { _, knowledge in
            let one = try await knowledge(["lookup", "mdns.service=_HUE._tcp"] + Self.sources)
            #expect(one.status == 0, "\(one)")
            #expect(one.output.contains("hue-service") && one.output.contains("0.85"), "\(one)")
            #expect(
                one.output.contains("together: class hub 0.85, vendor Philips 0.85, model Hue Bridge 0.85"),
                "\(one)"
            )

            let all = try await knowledge(
                ["lookup", "mdns.service=_hue._tcp", "hostname=hue-7", "mac=00:17:88:01:02:03", "-o", "json"]
                    + Self.sources
            )
            let answer = try JSONSerialization.jsonObject(with: Data(all.output.utf8)) as? [String: Any]
            let statements = try #require(answer?["statements"] as? [[String: Any]])
            #expect(statements.map { $0["rule"] as? String } == ["hue-service", "hue-name", nil], "\(all)")
            // 1 − 0.15 × 0.4 × 0.3
            #expect(answer?["vendorConfidence"] as? Double == 0.982, "\(all)")

            let usb = try await knowledge(["lookup", "usb.id=046d:0825"] + Self.sources)
            #expect(usb.output.contains("vendor Logitech 0.55, model Webcam C270 0.7"), "\(usb)")

            let none = try await knowledge(["lookup", "mdns.service=_other._tcp"] + Self.sources)
            #expect(none.status == 2 && none.output == "no rule knows it\n", "\(none)")
            for wrong in ["mdns.service", "=x", "mdns.servise=x", "mac=1"] {
                #expect(try await knowledge(["lookup", wrong] + Self.sources).status == 64, "\(wrong)")
            }
        }
    }

    @Test func diffTellsWhatAnUpdateBrings() async throws {
        try await withRules { directory, knowledge in
            let built = try await knowledge(["build", "-o", "old.gkb"] + Self.sources)
            #expect(built.status == 0, "\(built)")
            let changed = Self.rules.replacing("weight: 0.6", with: "weight: 0.7")
                .replacing("- rule: hue-service", with: "- rule: hue-mdns")
            try directory.appending(path: "rules/rules.yaml").write(changed)
            #expect(try await knowledge(["build", "-o", "new.gkb"] + Self.sources).status == 0)
            let difference = try await knowledge(["diff", "old.gkb", "new.gkb"])
            #expect(
                difference.output == """
                    - hue-service: mdns.service exact _hue._tcp → class hub, vendor Philips, model Hue Bridge, weight 0.850
                    + hue-mdns: mdns.service exact _hue._tcp → class hub, vendor Philips, model Hue Bridge, weight 0.850
                    ! hue-name
                        - vendor Philips, weight 0.600
                        + vendor Philips, weight 0.700
                    1 added, 1 removed, 1 changed

                    """,
                "\(difference)"
            )
            #expect(try await knowledge(["diff", "old.gkb", "old.gkb"]).output == "the same file\n")
            let json = try await knowledge(["diff", "old.gkb", "new.gkb", "-o", "json"])
            let answer = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect((answer?["added"] as? [[String: Any]])?.first?["rule"] as? String == "hue-mdns", "\(json)")

            let damaged = try await knowledge(["diff", "old.gkb", "rules/rules.yaml"])
            #expect(damaged.status == 65 && damaged.errors.hasPrefix("gatehousectl: rules/rules.yaml: "), "\(damaged)")
        }
    }

    @Test func rulesThatTalkEachOtherDownAreRefused() async throws {
        let rival =
            Self.rules + """
                - rule: rival
                  when: { mdns.service: { prefix: "_hue" } }
                  says: { class: tv }
                  weight: 0.9
                  source: https://example.com/
                  examples: ["_huetv._tcp"]
                  counterexamples: ["_x._tcp"]

                """
        try await withRules(rival) { _, knowledge in
            let outcome = try await knowledge(["check"] + Self.sources)
            #expect(outcome.status == 65, "\(outcome)")
            #expect(
                outcome.errors.contains(
                    "rules.yaml:6: rule \"hue-service\" says class hub of \"_hue._tcp\", all rules"
                ),
                "\(outcome)"
            )
        }
    }

    @Test func aFileIsSignedWithItsVersion() async throws {
        try await withRules { directory, knowledge in
            #expect(try await knowledge(["build", "-o", "k.bin"] + Self.sources).status == 0)
            let keygen = try await Programs.run(
                Programs.path("gatehousectl"),
                ["policy", "keygen", "key.pem"],
                in: directory
            )
            #expect(keygen.status == 0, "\(keygen)")
            let sign = ["sign", "k.bin", "--key", "key.pem", "-o", "k.signed"]
            let done = try await knowledge(sign + ["--version", "4", "--rollback-from", "6"])
            #expect(done.status == 0 && done.output.hasPrefix("k.signed: version 4, "), "\(done)")
            let file = Array(try Data(contentsOf: directory.appending(path: "k.bin")))
            let bytes = Array(try Data(contentsOf: directory.appending(path: "k.signed")))
            let signed = try SignedFile(.knowledge, parsing: bytes.span)
            let manifest = try signed.unverified()
            #expect(manifest.version == 4 && manifest.rollbackFrom == 6 && manifest.issuedAtSeconds > 0)
            #expect(Array(bytes[signed.envelopeBytes...]) == file && manifest.fileHash.bytes == SHA256.hash(file))

            for version in ["0", "-1", "x"] {
                #expect(try await knowledge(sign + ["--version", version]).status == 64, "\(version)")
            }
            // What no agent would open is not signed; what was signed already is no knowledge file either.
            for wrong in ["rules/rules.yaml", "k.signed"] {
                let refused = try await knowledge(
                    ["sign", wrong, "--key", "key.pem", "--version", "5", "-o", "no.signed"]
                )
                #expect(refused.status == 65 && refused.errors.contains(wrong), "\(refused)")
            }
            #expect(!FileManager.default.fileExists(atPath: directory.appending(path: "no.signed").path))
        }
    }
}
