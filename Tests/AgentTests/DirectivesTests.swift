import AgentCore
import Foundation
import NetworkTypes
import TestSupport
import Testing

/// `agent-config/README.md` tells of every directive what the kernel is told: each example is rendered by the program.
@Suite(.ownThread) struct DirectivesTests {
    /// A row of its tables.
    struct Row: CustomTestStringConvertible, Sendable {
        let kind: String
        let directive: String
        let lines: [String]

        var testDescription: String { directive }
    }

    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../agent-config/README.md").standardizedFileURL

    static let rows: [Row] = {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        var rows: [Row] = []
        var kind = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { kind = "" }
            if line.hasPrefix("### ") { kind = String(line.dropFirst(4)) }
            guard !kind.isEmpty, line.hasPrefix("| `") else { continue }
            // A bar within a cell is written with a backslash.
            let cells = line.replacingOccurrences(of: "\\|", with: "\u{1}").split(separator: "|").map { cell in
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
                    .map { $0.element.replacingOccurrences(of: "\u{1}", with: "|") }
            }
            guard cells.count == 3, let directive = cells[0].first else { continue }
            rows.append(Row(kind: kind, directive: directive, lines: cells[2]))
        }
        return rows
    }()

    static let devices: String? = {
        let text = try? String(contentsOf: file, encoding: .utf8)
        return text?.components(separatedBy: "```\n").dropFirst().first
    }()

    @Test("there is a row for every directive that a policy has")
    func isComplete() {
        let words = Set(DirectivesTests.rows.map { "\($0.kind) \($0.directive.prefix { $0 != ":" })" })
        let allowlist = ["match", "mode", "allow", "limits", "dns", "onViolation", "onContradiction", "probes"].map {
            "Allowlist \($0)"
        }
        let baseline = ["unknown", "block", "protect", "mustReach", "usb", "target", "validFor"].map {
            "Baseline \($0)"
        }
        #expect(words == Set(allowlist + baseline + ["Tags tags"]))
    }

    @Test("what a kernel may lack is listed, with what follows")
    func listsCapabilities() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## What a kernel may lack").last)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for capability in KernelCapability.allCases {
            let row = try #require(rows.first { $0.contains("`\(capability.name.text)`") }, "\(capability.name.text)")
            let words = row.replacing("`", with: "").replacing(",", with: "")
            #expect(words.contains(capability.consequence.text.replacing(",", with: "")), "\(row)")
            if capability != .timeoutRefresh { #expect(row.contains("`\(capability.module.text)`"), "\(row)") }
        }
    }

    @Test("each example is a policy, and the kernel is told what is written beside it", arguments: rows)
    func isRendered(_ row: Row) async throws {
        try await TemporaryDirectory.with { directory in
            let policy = directory.appending(path: "policy.yaml")
            let devices = directory.appending(path: "devices")
            var text = "apiVersion: gatehouse/v1\nkind: \(row.kind)\n\(row.directive)\n"
            text +=
                row.kind == "Allowlist"
                ? "name: cameras\n" : "---\napiVersion: gatehouse/v1\nkind: Allowlist\nname: cameras\n"
            if row.kind != "Tags" {
                text += "---\napiVersion: gatehouse/v1\nkind: Tags\ntags: { lobby: [], outdoor: [] }\n"
            }
            try policy.write(text)
            try devices.write(try #require(DirectivesTests.devices))
            let outcome = try await ProgramTests.agent(
                ["render", "--policy", policy.path, "--devices", devices.path],
                in: directory
            )
            #expect(outcome.status == 0, "\(outcome.errors)\n\(text)")
            let rendered = outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            for line in row.lines {
                #expect(
                    rendered.contains { $0 == line || $0.hasSuffix(" " + line) },
                    "not in the ruleset: \(line)\n\(outcome.output)"
                )
            }
        }
    }
}
