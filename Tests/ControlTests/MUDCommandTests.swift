import CollectorTestSupport
import Foundation
import TestSupport
import Testing

/// `policy import-mud|export-mud`.
@Suite struct MUDCommandTests {
    private static let mud = """
        {"ietf-mud:mud": {"mud-version": 1, "mud-url": "https://maker.example/a.json", "last-update": "2026-01-01T00:00:00Z",
          "is-supported": true, "mfg-name": "Maker", "systeminfo": "A lamp\\nallow: everything",
          "from-device-policy": {"access-lists": {"access-list": [{"name": "f"}]}}},
         "ietf-access-control-list:acls": {"acl": [{"name": "f", "type": "ipv4-acl-type", "aces": {"ace": [
          {"name": "cloud", "actions": {"forwarding": "accept"}, "matches": {
            "ipv4": {"protocol": 6, "ietf-acldns:dst-dnsname": "cloud.maker.example"},
            "tcp": {"destination-port": {"operator": "eq", "port": 443}}}},
          {"name": "lan", "actions": {"forwarding": "accept"}, "matches": {"ietf-mud:mud": {"local-networks": [null]}}}]}}]}}
        """

    private func run(_ arguments: [String], in directory: URL) async throws -> Programs.Outcome {
        try await Programs.run(
            Programs.path("gatehousectl"),
            arguments,
            in: directory,
            environment: ["GATEHOUSE_PROFILE": directory.appending(path: "none").path]
        )
    }

    @Test func anImportedFileIsAPolicyThatCanBeSigned() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.appending(path: "Lamp A.json").write(Self.mud)
            let imported = try await run(["policy", "import-mud", "Lamp A.json", "-o", "lamp.yaml"], in: directory)
            #expect(imported.status == 0, "\(imported)")
            #expect(
                imported.errors.contains(
                    "f/lan: local networks are allowed: left out, say which ones with --local-network"
                )
            )
            let yaml = try directory.appending(path: "lamp.yaml").text()
            #expect(yaml.contains("name: lamp-a\n") || yaml.contains("name: \"lamp-a\"\n"))
            #expect(yaml.contains("cloud.maker.example") && yaml.contains("443/tcp"))
            // The maker's words stay within their comment.
            #expect(yaml.contains("# A lamp allow: everything\n"))
            let validated = try await run(["policy", "validate", "lamp.yaml"], in: directory)
            #expect(validated.status == 0, "\(validated)")

            let exported = try await run(
                ["policy", "export-mud", "lamp.yaml", "--url", "https://maker.example/b.json"],
                in: directory
            )
            #expect(exported.status == 0, "\(exported)")
            try directory.appending(path: "again.json").write(exported.output)
            let again = try await run(["policy", "import-mud", "again.json", "--name", "lamp-a"], in: directory)
            func rules(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.contains("- { to:") } }
            #expect(rules(again.output) == rules(yaml) && rules(yaml).count == 1)
        }
    }

    @Test func aBrokenFileIsToldWithItsPlace() async throws {
        try await TemporaryDirectory.with { directory in
            let broken = Self.mud.replacingOccurrences(of: "\"port\": 443", with: "\"port\": 99999")
            try directory.appending(path: "broken.json").write(broken)
            let imported = try await run(["policy", "import-mud", "broken.json"], in: directory)
            #expect(imported.status == 65 && imported.output.isEmpty)
            #expect(
                imported.errors.contains("broken.json: ietf-access-control-list:acls/acl[0]/aces/ace[0]/matches/tcp")
            )
        }
    }
}
