import CollectorCore
import CollectorTestSupport
import Foundation
import Storage
import TestSupport
import Testing

/// `gatehousectl` as a subprocess, against the collector's own program with SQLite.
enum Control {
    /// Runs `body` with a collector that knows the sample fleet, and the first administrator logged in.
    static func withFleet(_ body: (CollectorProcess) async throws -> Void) async throws {
        try await CollectorProcess.serving { collector in
            let store = try SQLiteStore(path: collector.database.path)
            try await SampleFleet.report(to: store, now: UInt64(Date().timeIntervalSince1970 * 1000))
            await store.close()
        } _: { collector in
            try await collector.logIn()
            try await body(collector)
        }
    }

    /// The shapes that the collector documents.
    static func shapes(_ collector: CollectorProcess) async throws -> DocumentedShapes {
        let outcome = try await Programs.run(
            "curl",
            ["-sS", "--fail", "--insecure", collector.url + "/api/v1/openapi.json"],
            in: collector.directory
        )
        let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        return DocumentedShapes(try #require(document))
    }
}

extension CollectorProcess {
    /// Runs a command that must end with 0 and say nothing on standard error but what `errors` begins with.
    nonisolated func done(_ arguments: String..., source: SourceLocation = #_sourceLocation) async throws -> String {
        let outcome = try await control(arguments)
        #expect(outcome.status == 0, "\(arguments): \(outcome)", sourceLocation: source)
        return outcome.output
    }

    /// Runs a command that must end with `status`, and say why in one line.
    nonisolated func refused(_ status: Int32, _ arguments: String..., source: SourceLocation = #_sourceLocation)
        async throws
        -> String
    {
        let outcome = try await control(arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome)", sourceLocation: source)
        #expect(outcome.output == "", "\(arguments)", sourceLocation: source)
        #expect(outcome.errors.hasPrefix("gatehousectl: "), "\(outcome)", sourceLocation: source)
        #expect(outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome)", sourceLocation: source)
        return String(outcome.errors.dropFirst("gatehousectl: ".count))
    }

    /// The JSON that a command with `-o json` prints.
    nonisolated func json(_ arguments: String..., source: SourceLocation = #_sourceLocation) async throws -> Any {
        let outcome = try await control(arguments + ["-o", "json"])
        #expect(outcome.errors == "", "\(arguments): \(outcome)", sourceLocation: source)
        return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    }
}

/// A table as it was printed: each row by its headings. A cell ends where the next heading begins.
struct PrintedTable {
    let headings: [String]
    let rows: [[String: String]]

    init(_ text: String) throws {
        let lines = text.split(separator: "\n").map(Array.init)
        let first = try #require(lines.first)
        // Headings are words with one space within and two or more between.
        var starts = [0]
        for index in first.indices.dropFirst(2)
        where first[index] != " " && first[index - 1] == " " && first[index - 2] == " " { starts.append(index) }
        func cells(_ line: [Character]) -> [String] {
            starts.indices.map { column in
                let end = column + 1 < starts.count ? min(starts[column + 1], line.count) : line.count
                guard starts[column] < end else { return "" }
                return String(line[starts[column]..<end]).trimmingCharacters(in: .whitespaces)
            }
        }
        let names = cells(first)
        headings = names
        rows = lines.dropFirst().map { Dictionary(zip(names, cells($0)), uniquingKeysWith: { $1 }) }
    }
}
