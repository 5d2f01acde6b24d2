import AgentCore
import ArgumentParser
import BlocklistBuilder
import CollectorAPI
import NetworkTypes
import Policy
import TLS

extension BlocklistCommand {
    /// `blocklist sign`
    struct Sign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a compiled file, so that gateways take it from the collector.",
            discussion: """
                The result is an envelope (COSE_Sign1) with the file's version, length and SHA-256, then the file. The key \
                is that of policies, and stays with you: a collector can pass the file on, not make one.
                """
        )

        @Argument(help: "The file that blocklist fetch or blocklist build wrote.")
        var file: String

        @OptionGroup var signing: SigningOptions

        func run() throws { try signing.sign(file, .blocklist) }
    }

    /// `blocklist push`
    struct Push: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Push a signed file to all gateways.",
            discussion: """
                With --wait the program waits until every gateway it was offered to uses it. Exit code 0: all do (without \
                --wait: the file was taken). 2: some did not; `incident list` says what a gateway refused, and why.
                """
        )

        @Argument(help: "The file that blocklist sign wrote.")
        var file: String

        @Option(help: "How long to wait for the gateways: 30s.")
        var wait: DurationArgument?

        @OptionGroup var output: OutputOptions

        func run() throws {
            let bytes = try Files.read(file, limit: SignedFile.maximumBytes(.blocklist))
            try SignedFileActions(kind: .blocklist).push(bytes, try .fromProfile(), wait: wait, output)
        }
    }

    /// `blocklist list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The files that were pushed, the last one first.")

        @OptionGroup var output: OutputOptions

        func run() throws { try SignedFileActions(kind: .blocklist).list(output) }
    }

    /// `blocklist update`
    struct Update: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch, sign and push in one, where little has changed: for cron.",
            discussion: """
                What changed is counted on this computer, between the file in force, which must carry your own signature, \
                and the one the collector offers; its word is not taken for it. A list of which more than --max-change is \
                added or removed, one that is new and one that is gone are refused: look at `blocklist status`, then fetch, \
                sign and push it yourself. Exit code 0: pushed, and with --wait in use everywhere, or nothing changed. 2: \
                refused, or not in use everywhere.
                """
        )

        @Option(help: "The private key.")
        var key: String

        @Option(help: "How much of each list may change: 20%.")
        var maxChange = ShareArgument(perMille: 200)

        @Option(help: "How long to wait for the gateways: 60s.")
        var wait: DurationArgument?

        @OptionGroup var output: OutputOptions

        func run() throws {
            let signingKey = try PolicyKeys.signingKey(key)
            let client = try CollectorClient.fromProfile()
            let candidate = try client.bytes("/api/v1/blocklists/candidate", limit: FileKind.blocklist.maximumFileBytes)
            let difference = try BlocklistUpdate.difference(
                from: try inForce(client, signingKey),
                to: candidate,
                maximumPerMille: maxChange.perMille
            )
            for list in difference.lists where output.format == .table {
                Output.line("\(list.name): \(list.count ?? 0) names, \(list.added) added, \(list.removed) removed")
            }
            guard !difference.isEmpty else {
                if output.format == .table { Output.line("nothing has changed") }
                return
            }
            let actions = SignedFileActions(kind: .blocklist)
            let signed = try actions.sign(
                candidate,
                called: "the collector's file",
                key: signingKey,
                version: try actions.nextVersion(client),
                rollbackFrom: nil
            )
            try actions.push(signed.signed, client, wait: wait, output)
        }

        /// The file that the collector says is in force, which this key signed.
        private func inForce(_ client: CollectorClient, _ key: Ed25519SigningKey) throws -> [UInt8] {
            let signed: [UInt8]
            do throws(ControlError) {
                signed = try client.bytes(
                    "/api/v1/blocklists/target",
                    limit: SignedFile.maximumBytes(.blocklist)
                )
            } catch {
                guard error.problem == "not-found" else { throw error }
                throw ControlError(
                    .partly,
                    "no blocklists are in force yet: look at what blocklist fetch brings, and push the first file yourself"
                )
            }
            do throws(FileRefusal) {
                let head = try SignedFile(.blocklist, parsing: signed.span)
                let manifest = try head.verified(by: Ed25519.verify, trustedKeys: [key.publicKey])
                let file = Array(signed[head.envelopeBytes...])
                try manifest.checkFile(bytes: file.count, hash: Cryptography.sha256(file))
                return file
            } catch {
                throw ControlError(
                    .partly,
                    "the file in force is not one of this key (\(error.detail.text)): push the next one yourself"
                )
            }
        }
    }
}

/// What `blocklist update` takes without a person.
enum BlocklistUpdate {
    /// What changed, where it is not too much: else an error that says what.
    static func difference(
        from old: [UInt8],
        to new: [UInt8],
        maximumPerMille: Int
    ) throws(ControlError) -> BlocklistDifference {
        let difference: BlocklistDifference
        do throws(BlocklistDifference.Problem) { difference = try BlocklistDifference(from: old, to: new) } catch {
            throw ControlError(.partly, "\(error); push the next file yourself")
        }
        var refusals: [String] = []
        for list in difference.lists {
            if list.countBefore == nil {
                refusals.append("the list \(list.name) is new (\(list.count ?? 0) names)")
            } else if list.count == nil {
                refusals.append("the list \(list.name) is gone (\(list.countBefore ?? 0) names before)")
            } else if let change = list.changePerMille, change > maximumPerMille {
                refusals.append(
                    "\(list.name): \(list.added) added and \(list.removed) removed of \(list.countBefore ?? 0) names is more "
                        + "than \(ShareArgument(perMille: maximumPerMille).defaultValueDescription)"
                )
            }
        }
        guard refusals.isEmpty else {
            throw ControlError(
                .partly,
                lines: refusals + ["nothing was signed; see gatehousectl blocklist status, and push it yourself"]
            )
        }
        return difference
    }
}

/// `20%`, `0.5%`
struct ShareArgument: ExpressibleByArgument, Equatable {
    let perMille: Int

    init?(argument: String) {
        guard argument.hasSuffix("%"), let percent = Double(argument.dropLast()), (0...100).contains(percent) else {
            return nil
        }
        perMille = Int((percent * 10).rounded())
    }

    init(perMille: Int) { self.perMille = perMille }

    var defaultValueDescription: String {
        perMille % 10 == 0 ? "\(perMille / 10)%" : "\(perMille / 10).\(perMille % 10)%"
    }
}
