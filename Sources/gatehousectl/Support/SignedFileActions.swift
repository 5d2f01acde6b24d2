import AgentCore
import CollectorAPI
import Fingerprinting
import Foundation
import Glibc
import NetworkTypes
import Policy
import TLS

/// What is done to signed files of every kind: signed, pushed, listed.
struct SignedFileActions {
    let kind: FileKind

    /// Where the collector takes and lists them.
    private var path: String { kind == .knowledge ? "/api/v1/knowledge" : "/api/v1/blocklists" }

    /// The signed form of a compiled file, with what is to be known of it.
    func sign(
        _ bytes: [UInt8],
        called file: String,
        key signingKey: Ed25519SigningKey,
        version: UInt64,
        rollbackFrom: UInt64?
    ) throws -> (signed: [UInt8], manifest: FileManifest, keyID: ByteString) {
        guard bytes.count <= kind.maximumFileBytes else {
            throw ControlError(
                .badData,
                "\(file): \(bytes.count) bytes, but at most \(kind.maximumFileBytes) can be pushed"
            )
        }
        try check(bytes, called: file)
        var manifest = FileManifest()
        manifest.version = version
        manifest.fileHash = ByteString(SHA256.hash(bytes))
        manifest.fileBytes = UInt64(bytes.count)
        manifest.issuedAtSeconds = UInt64(max(0, Date().timeIntervalSince1970))
        manifest.rollbackFrom = rollbackFrom
        let payload = manifest.encoded()
        let keyID = SignedEnvelope.keyID(of: signingKey.publicKey)
        let message = SignedEnvelope.toBeSigned(kind.subject, payload: payload, keyID: keyID)
        let signature = try signingKey.sign(message)
        let envelope = SignedEnvelope(kind.subject, payload: payload, keyID: keyID, signature: signature)
        return (envelope.encoded() + bytes, manifest, keyID)
    }

    /// Signs a file on the disk into another.
    func sign(_ file: String, key: String, version: String, rollbackFrom: UInt64?, output: String) throws {
        let signingKey = try PolicyKeys.signingKey(key)
        let bytes = try Files.read(file)
        let number = try versionNumber(version)
        let done = try sign(bytes, called: file, key: signingKey, version: number, rollbackFrom: rollbackFrom)
        try Files.write(done.signed, to: output, mode: 0o644)
        Output.line("\(output): version \(number), \(bytes.count) bytes")
        let hash = Hexadecimal.encode(done.manifest.fileHash.bytes).text
        Output.line("hash \(hash), key \(Hexadecimal.encode(done.keyID.bytes).text)")
    }

    /// Whether a file of this kind can be read.
    private func check(_ bytes: [UInt8], called file: String) throws(ControlError) {
        switch kind {
        case .knowledge:
            do throws(KnowledgeError) { _ = try KnowledgeBase(opening: ArrayByteStore(bytes)) } catch {
                throw ControlError(.badData, "\(file): \(error.text)")
            }
        case .blocklist:
            do throws(Blocklists.Problem) { _ = try Blocklists(opening: ArrayByteStore(bytes)) } catch {
                throw ControlError(.badData, "\(file): \(error.text.text)")
            }
        }
    }

    /// A version that was written, or for `auto` the one above all that the collector knows.
    private func versionNumber(_ version: String) throws -> UInt64 {
        if version == "auto" { return try nextVersion(CollectorClient.fromProfile()) }
        guard let number = UInt64(version), number > 0 else {
            throw ControlError(.badData, "--version: \(version) is neither auto nor a number from 1 on")
        }
        return number
    }

    /// The version above all that the collector knows.
    func nextVersion(_ client: CollectorClient) throws -> UInt64 {
        let known = try client.get(Page<SignedFileResource>.self, path).items.map(\.version).max() ?? 0
        let (next, overflow) = known.addingReportingOverflow(1)
        guard !overflow else { throw ControlError(.failed, "no version is above \(known); write one with --version") }
        return next
    }

    /// Pushes signed bytes; with `wait`, waits for the gateways.
    func push(_ bytes: [UInt8], _ client: CollectorClient, wait: DurationArgument?, _ output: OutputOptions) throws {
        let answer = try client.post(
            FilePushResponse.self,
            path,
            bytes: bytes,
            contentType: "application/octet-stream"
        )
        guard let file = kind == .knowledge ? answer.knowledge : answer.blocklist else {
            throw ControlError(.failed, "the collector's answer is not what this version expects; use the same version")
        }
        let waiting = try wait.map { try waitForGateways(file, answer.offered, client, $0) } ?? []
        if output.format == .json {
            try Output.json(answer)
        } else {
            Output.line("version \(file.version), hash \(file.hash): offered to \(answer.offered.count) gateways")
        }
        guard waiting.isEmpty else {
            throw ControlError(.partly, "it is not in use at \(waiting.sorted().joined(separator: ", "))")
        }
    }

    /// How often the collector is asked while waiting.
    private static let pollMicroseconds: UInt32 = 250_000

    /// Those that do not use it yet when the time is over.
    private func waitForGateways(
        _ file: SignedFileResource,
        _ offered: [String],
        _ client: CollectorClient,
        _ wait: DurationArgument
    ) throws -> Set<String> {
        let clock = ContinuousClock()
        let end = clock.now + .milliseconds(Int64(wait.milliseconds))
        while true {
            var waiting = Set(offered)
            for gateway in try client.list(GatewayResource.self, "/api/v1/gateways")
            where (kind == .knowledge ? gateway.knowledgeHash : gateway.blocklistHash) == file.hash {
                waiting.remove(gateway.id)
            }
            if waiting.isEmpty || clock.now >= end { return waiting }
            usleep(SignedFileActions.pollMicroseconds)
        }
    }

    /// The files that were pushed, the last one first.
    func list(_ output: OutputOptions) throws {
        let page = try CollectorClient.fromProfile().get(Page<SignedFileResource>.self, path)
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
        table.show(otherwise: kind == .knowledge ? "no knowledge file was pushed" : "no blocklists were pushed")
    }
}
