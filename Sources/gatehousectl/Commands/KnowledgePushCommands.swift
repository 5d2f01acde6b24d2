import ArgumentParser
import CollectorAPI
import Fingerprinting
import Foundation
import Glibc
import NetworkTypes
import Policy
import TLS

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

        @Option(help: "The private key.")
        var key: String

        @Option(help: "The version: a number above every one before it, or auto to ask the collector.")
        var version = "auto"

        @Option(help: "A rollback: gateways that have seen a version up to this one take it although its own is lower.")
        var rollbackFrom: UInt64?

        @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
        var output: String

        func run() throws {
            let signingKey = try PolicyKeys.signingKey(key)
            let bytes = try Files.read(file)
            guard bytes.count <= KnowledgeManifest.maximumFileBytes else {
                throw ControlError(
                    .badData,
                    "\(file): \(bytes.count) bytes, but at most \(KnowledgeManifest.maximumFileBytes) can be pushed"
                )
            }
            do throws(KnowledgeError) { _ = try KnowledgeBase(opening: ArrayByteStore(bytes)) } catch {
                throw ControlError(.badData, "\(file): \(error.text)")
            }
            var manifest = KnowledgeManifest()
            manifest.version = try versionNumber()
            manifest.fileHash = ByteString(SHA256.hash(bytes))
            manifest.fileBytes = UInt64(bytes.count)
            manifest.issuedAtSeconds = UInt64(max(0, Date().timeIntervalSince1970))
            manifest.rollbackFrom = rollbackFrom
            let payload = manifest.encoded()
            let keyID = SignedEnvelope.keyID(of: signingKey.publicKey)
            let message = SignedEnvelope.toBeSigned(.knowledge, payload: payload, keyID: keyID)
            let signature = try signingKey.sign(message)
            let envelope = SignedEnvelope(.knowledge, payload: payload, keyID: keyID, signature: signature)
            try Files.write(envelope.encoded() + bytes, to: output, mode: 0o644)
            Output.line("\(output): version \(manifest.version), \(bytes.count) bytes")
            Output.line(
                "hash \(Hexadecimal.encode(manifest.fileHash.bytes).text), key \(Hexadecimal.encode(keyID.bytes).text)"
            )
        }

        private func versionNumber() throws -> UInt64 {
            if version != "auto" {
                guard let number = UInt64(version), number > 0 else {
                    throw ValidationError("--version: \(version) is neither auto nor a number from 1 on")
                }
                return number
            }
            let known = try CollectorClient.fromProfile().get(Page<KnowledgeResource>.self, "/api/v1/knowledge")
            return (known.items.map(\.version).max() ?? 0) + 1
        }
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

        /// How often the collector is asked while waiting.
        private static let pollMicroseconds: UInt32 = 250_000

        func run() throws {
            let bytes = try Files.read(file, limit: SignedKnowledge.maximumBytes)
            let client = try CollectorClient.fromProfile()
            let answer = try client.post(
                KnowledgePushResponse.self,
                "/api/v1/knowledge",
                bytes: bytes,
                contentType: "application/octet-stream"
            )
            let waiting = try wait.map { try waitForGateways(answer, client, $0) } ?? []
            if output.format == .json {
                try Output.json(answer)
            } else {
                Output.line(
                    "version \(answer.knowledge.version), hash \(answer.knowledge.hash): offered to "
                        + "\(answer.offered.count) gateways"
                )
            }
            guard waiting.isEmpty else {
                throw ControlError(.partly, "it is not in use at \(waiting.sorted().joined(separator: ", "))")
            }
        }

        /// Those that do not use it yet when the time is over.
        private func waitForGateways(
            _ answer: KnowledgePushResponse,
            _ client: CollectorClient,
            _ wait: DurationArgument
        ) throws -> Set<String> {
            let clock = ContinuousClock()
            let end = clock.now + .milliseconds(Int64(wait.milliseconds))
            while true {
                var waiting = Set(answer.offered)
                for gateway in try client.list(GatewayResource.self, "/api/v1/gateways")
                where gateway.knowledgeHash == answer.knowledge.hash {
                    waiting.remove(gateway.id)
                }
                if waiting.isEmpty || clock.now >= end { return waiting }
                usleep(Push.pollMicroseconds)
            }
        }
    }

    /// `knowledge list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The files that were pushed, the last one first.")

        @OptionGroup var output: OutputOptions

        func run() throws {
            let page = try CollectorClient.fromProfile().get(Page<KnowledgeResource>.self, "/api/v1/knowledge")
            if output.format == .json { return try Output.json(page) }
            var table = Table("VERSION", "TARGET", "PUSHED", "BY", "BYTES", "KEY", "HASH")
            for item in page.items {
                table.add(
                    String(item.version),
                    item.isTarget ? "yes" : "",
                    Table.time(item.pushed),
                    item.pushedBy,
                    String(item.bytes),
                    item.keyID,
                    item.hash
                )
            }
            table.show(otherwise: "no knowledge file was pushed")
        }
    }
}
