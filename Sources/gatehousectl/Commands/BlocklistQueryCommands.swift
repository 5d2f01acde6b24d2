import ArgumentParser
import BlocklistBuilder
import CollectorAPI
import Policy

extension BlocklistCommand {
    /// `blocklist status`
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What the collector downloads, and what a new file would change.",
            discussion: "Exit code 2: a source fails, or something is held back."
        )

        @OptionGroup var output: OutputOptions

        func run() throws {
            let status = try CollectorClient.fromProfile()
                .get(BlocklistStatusResource.self, "/api/v1/blocklists/status")
            if output.format == .json { try Output.json(status) } else { show(status) }
            guard status.problem == nil, status.sources.allSatisfy({ $0.state == "good" }) else {
                throw ControlError(.partly, lines: status.problem.map { [$0] } ?? [])
            }
        }

        private func show(_ status: BlocklistStatusResource) {
            var sources = Table("SOURCE", "LIST", "STATE", "NAMES", "FETCHED", "ASKED", "URL")
            for source in status.sources {
                sources.add(
                    source.id,
                    source.list,
                    source.state,
                    source.good.map { String($0.names) } ?? "-",
                    Table.time(source.good?.fetched),
                    Table.time(source.checked),
                    source.url
                )
            }
            sources.show(otherwise: "collector.yaml names no source (blocklists)")
            for source in status.sources {
                if let error = source.error { Output.line("\(source.id): \(error) (\(source.failures) times)") }
                if let held = source.held {
                    Output.line(
                        "\(source.id): \(held.names) names, \(source.good?.names ?? 0) before: held back; take it with "
                            + "gatehousectl blocklist accept \(source.id)"
                    )
                }
            }
            if let file = status.inForce {
                Output.line("in force: version \(file.version), pushed \(Table.time(file.pushed)) by \(file.pushedBy)")
            } else {
                Output.line("in force: none")
            }
            var lists = Table("LIST", "CANDIDATE", "IN FORCE", "ADDED", "REMOVED")
            for list in status.lists {
                lists.add(
                    list.name,
                    list.candidateNames.map(String.init) ?? "-",
                    list.namesInForce.map(String.init) ?? "-",
                    list.added.map(String.init) ?? "-",
                    list.removed.map(String.init) ?? "-"
                )
            }
            if !status.lists.isEmpty { lists.show(otherwise: "") }
        }
    }

    /// `blocklist fetch`
    struct Fetch: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch the compiled file of what the collector downloaded, to sign it."
        )

        @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
        var output: String

        func run() throws {
            let bytes = try CollectorClient.fromProfile()
                .bytes("/api/v1/blocklists/candidate", limit: FileKind.blocklist.maximumFileBytes)
            let counts: [String: Int]
            do throws(BlocklistDifference.Problem) { counts = try BlocklistDifference.counts(of: bytes) } catch {
                throw ControlError(.badData, "the collector's file: \(error)")
            }
            try Files.write(bytes, to: output, mode: 0o644)
            for (name, count) in counts.sorted(by: { $0.key < $1.key }) { Output.line("\(name): \(count) names") }
            Output.line("\(output): \(bytes.count) bytes")
        }
    }

    /// `blocklist accept`
    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take what is held back of a source, because it shrank by more than half."
        )

        @Argument(help: "The source, as blocklist status names it.")
        var source: String

        @OptionGroup var output: OutputOptions

        func run() throws {
            let taken = try CollectorClient.fromProfile().post(
                BlocklistSourceResource.self,
                "/api/v1/blocklists/sources/\(CollectorClient.encoded(source))/accept"
            )
            if output.format == .json { return try Output.json(taken) }
            Output.line("\(taken.list): \(taken.good?.names ?? 0) names of \(taken.url)")
        }
    }
}
