import ArgumentParser
import Policy

extension KnowledgeCommand {
    /// `knowledge sign`
    struct Sign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a compiled file, so that gateways take it from the collector.",
            discussion: """
                The result is an envelope (COSE_Sign1) with the file's version, length and SHA-256, then the file. The key \
                is that of policies, and stays with you: a collector can pass the file on, not make one.
                """
        )

        @Argument(help: "The file that knowledge build wrote.")
        var file: String

        @OptionGroup var signing: SigningOptions

        func run() throws { try signing.sign(file, .knowledge) }
    }

    /// `knowledge push`
    struct Push: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Push a signed file to all gateways.",
            discussion: """
                With --wait the program waits until every gateway it was offered to uses it. Exit code 0: all do (without \
                --wait: the file was taken). 2: some did not; `incident list` says what a gateway refused, and why.
                """
        )

        @Argument(help: "The file that knowledge sign wrote.")
        var file: String

        @Option(help: "How long to wait for the gateways: 30s.")
        var wait: DurationArgument?

        @OptionGroup var output: OutputOptions

        func run() throws {
            let bytes = try Files.read(file, limit: SignedFile.maximumBytes(.knowledge))
            try SignedFileActions(kind: .knowledge).push(bytes, try .fromProfile(), wait: wait, output)
        }
    }

    /// `knowledge list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The files that were pushed, the last one first.")

        @OptionGroup var output: OutputOptions

        func run() throws { try SignedFileActions(kind: .knowledge).list(output) }
    }
}

/// How a file is signed.
struct SigningOptions: ParsableArguments {
    @Option(help: "The private key.")
    var key: String

    @Option(help: "The version: a number above every one before it, or auto to ask the collector.")
    var version = "auto"

    @Option(help: "A rollback: gateways that have seen a version up to this one take it although its own is lower.")
    var rollbackFrom: UInt64?

    @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
    var output: String

    func sign(_ file: String, _ kind: FileKind) throws {
        guard version == "auto" || UInt64(version).map({ $0 > 0 }) == true else {
            throw ValidationError("--version: \(version) is neither auto nor a number from 1 on")
        }
        try SignedFileActions(kind: kind)
            .sign(file, key: key, version: version, rollbackFrom: rollbackFrom, output: output)
    }
}
