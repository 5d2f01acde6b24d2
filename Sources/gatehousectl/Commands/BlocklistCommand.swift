import ArgumentParser
import BlocklistBuilder
import NetworkTypes
import TLS

/// `blocklist`: the file of names that policies refuse by list.
struct BlocklistCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blocklist",
        abstract: "The file of names that policies refuse by list (dns.blocklists).",
        subcommands: [
            Status.self, Fetch.self, Accept.self, Sign.self, Push.self, Update.self, List.self, Build.self,
        ]
    )

    /// `blocklist build`
    struct Build: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compile hosts files, plain lists and filter rules (||name^) into one file."
        )

        @Argument(help: "NAME=FILE: a file of the list NAME; may be given more than once, also for one list.")
        var lists: [String]

        @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
        var output: String

        func run() throws {
            var compiler = BlocklistCompiler()
            for list in lists {
                let parts = list.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { throw ValidationError("\(list): write NAME=FILE") }
                let file = String(parts[1])
                let source = BlocklistSource(parsing: try Files.read(file, limit: BlocklistSource.maximumBytes))
                Output.line(
                    "\(file): \(source.blocked.count) names, \(source.excepted.count) exceptions, "
                        + "\(source.skippedCount) lines passed over"
                )
                for skipped in source.firstSkipped { Output.error("\(file):\(skipped.line): \(skipped.reason)") }
                if source.skippedCount > source.firstSkipped.count {
                    Output.error("\(file): and \(source.skippedCount - source.firstSkipped.count) more")
                }
                // An empty answer of a server must not take the place of a list.
                guard !source.blocked.isEmpty else { throw ControlError(.badData, "\(file): holds no name to block") }
                compiler.add(source, to: ByteString(utf8: String(parts[0])))
            }
            let key = try Cryptography.randomBytes(16)
            let halves = (Self.integer(key[..<8]), Self.integer(key[8...]))
            let bytes: [UInt8]
            do throws(BlocklistCompiler.Problem) {
                bytes = try compiler.compile(key: halves)
            } catch {
                throw ControlError(.badData, "\(error)")
            }
            try Files.write(bytes, to: output, mode: 0o644)
            Output.line("\(output): \(bytes.count) bytes")
        }

        private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
