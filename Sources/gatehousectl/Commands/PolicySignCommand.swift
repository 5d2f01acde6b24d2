import ArgumentParser
import CollectorAPI
import Foundation
import NetworkTypes
import Policy
import TLS

/// `policy sign`
struct PolicySignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Check policy files, compile and sign them into one envelope (COSE_Sign1)."
    )

    @OptionGroup var source: PolicySource

    @Option(help: "The private key.")
    var key: String

    @Option(help: "The generation: a number above every one before it, or auto to ask the collector.")
    var generation = "auto"

    @Option(
        help: "A gateway it is meant for; may be given more than once. All, where neither gateway nor site is given."
    )
    var gateway: [String] = []

    @Option(help: "A site it is meant for, * at its end as a wildcard; may be given more than once.")
    var site: [String] = []

    @Option(help: "A rollback: gateways that have seen a generation up to this one take it although its own is lower.")
    var rollbackFrom: UInt64?

    @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
    var output: String

    func run() throws {
        let signingKey = try PolicyKeys.signingKey(key)
        var target = PolicyTarget()
        target.gateways = gateway.map(ByteString.init(utf8:))
        target.sites = site.map(ByteString.init(utf8:))
        let bundle = try source.read(
            generation: try generationNumber(),
            issuedAtSeconds: UInt64(max(0, Date().timeIntervalSince1970)),
            rollbackFrom: rollbackFrom,
            target: target
        )
        let payload = bundle.encoded()
        let keyID = PolicyEnvelope.keyID(of: signingKey.publicKey)
        let signature = try signingKey.sign(PolicyEnvelope.toBeSigned(payload: payload, keyID: keyID))
        let bytes = PolicyEnvelope(payload: payload, keyID: keyID, signature: signature).encoded()
        try Files.write(bytes, to: output, mode: 0o644)
        let end = Timestamp(milliseconds: bundle.notAfterSeconds * 1000)
        Output.line("\(output): generation \(bundle.generation), \(bytes.count) bytes, good until \(Table.time(end))")
        Output.line(
            "hash \(Hexadecimal.encode(Cryptography.sha256(bytes)).text), key \(Hexadecimal.encode(keyID.bytes).text)"
        )
    }

    private func generationNumber() throws -> UInt64 {
        if generation != "auto" {
            guard let number = UInt64(generation), number > 0 else {
                throw ValidationError("--generation: \(generation) is neither auto nor a number from 1 on")
            }
            return number
        }
        let newest = try CollectorClient.fromProfile().get(Page<PolicyResource>.self, "/api/v1/policies?limit=1")
        return (newest.items.first?.generation ?? 0) + 1
    }
}
