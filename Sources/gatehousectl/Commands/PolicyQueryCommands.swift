import ArgumentParser
import CollectorAPI
import ConfigurationFiles
import NetworkTypes
import Policy
import TLS

/// How far a gateway is with a policy, in lines for people.
enum PolicyStatusText {
    static func show(_ status: PolicyStatusResource) {
        var facts = [
            (
                "  policy",
                "\(status.state), in force: generation \(status.generation), pushed: \(status.pushedGeneration)"
            )
        ]
        for (label, hash) in [
            ("  desired", status.desiredHash), ("  applied", status.appliedHash), ("  kernel", status.kernelHash),
        ] where !hash.isEmpty { facts.append((label, hash)) }
        if let pushed = status.pushed { facts.append(("  pushed", pushed.description)) }
        if let proved = status.proved { facts.append(("  proved", proved.description)) }
        if let checked = status.checked { facts.append(("  read back", checked.description)) }
        if let milliseconds = status.pushToProofMilliseconds {
            facts.append(("  receipt to proof", "\(milliseconds) ms"))
        }
        if let reason = status.reason { facts.append(("  reason", reason)) }
        if let detail = status.detail { facts.append(("  detail", detail)) }
        Table.facts(facts)
    }
}

/// `policy status`
struct PolicyStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "How far the gateways are with their policies. Exit code 2 where one is not proved."
    )

    @Argument(help: "Only this policy, by its hash.")
    var hash: String?

    @Option(help: "Only this gateway.")
    var gateway: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let client = try CollectorClient.fromProfile()
        var statuses =
            if let hash {
                try client.get(
                    Page<PolicyStatusResource>.self,
                    "/api/v1/policies/\(CollectorClient.encoded(hash))/status"
                ).items
            } else {
                try client.list(PolicyStatusResource.self, "/api/v1/policy-status")
            }
        if let gateway {
            statuses = statuses.filter { $0.gateway == gateway }
            guard !statuses.isEmpty else { throw ControlError(.failed, "gateway \(gateway) is not among them") }
        }
        if output.format == .json {
            try Output.json(statuses)
        } else if gateway != nil {
            for status in statuses { PolicyStatusText.show(status) }
        } else {
            var table = Table("GATEWAY", "STATE", "PUSHED", "IN FORCE", "DESIRED", "APPLIED", "KERNEL", "PROVED", "WHY")
            for status in statuses {
                table.add(
                    status.gateway,
                    status.state,
                    String(status.pushedGeneration),
                    String(status.generation),
                    Table.short(status.desiredHash),
                    Table.short(status.appliedHash),
                    Table.short(status.kernelHash),
                    Table.time(status.proved),
                    [status.reason, status.detail].compactMap { $0 }.joined(separator: ": ")
                )
            }
            table.show(otherwise: "no gateways")
        }
        guard statuses.allSatisfy({ $0.state == "proved" }) else { throw ControlError(.partly, lines: []) }
    }
}

/// `policy list`
struct PolicyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List policies that were pushed.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let policies = try CollectorClient.fromProfile().list(PolicyResource.self, "/api/v1/policies", limit: 500)
        guard output.format == .table else { return try Output.json(policies) }
        var table = Table("GENERATION", "HASH", "KEY", "PUSHED", "BY", "EXPIRES", "ALLOWLISTS")
        for policy in policies {
            table.add(
                String(policy.generation),
                policy.hash,
                policy.keyID,
                Table.time(policy.pushed),
                policy.pushedBy,
                Table.time(policy.expires),
                policy.allowlists.joined(separator: ",")
            )
        }
        table.show(otherwise: "no policies")
    }
}

/// `policy show`
struct PolicyShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a signed policy says, from a file or from the collector."
    )

    @Argument(help: "An envelope's file, or the hash of a policy that the collector has.")
    var policy: String

    @Option(help: "A public key to verify the signature with; may be given more than once.")
    var key: [String] = []

    func run() throws {
        let bytes: [UInt8]
        if Files.exists(policy) {
            bytes = try Files.read(policy, limit: 1 << 20)
        } else {
            let path = "/api/v1/policies/\(CollectorClient.encoded(policy))/envelope"
            bytes = try CollectorClient.fromProfile().bytes(path)
        }
        let envelope: PolicyEnvelope
        let bundle: PolicyBundle
        do throws(DecodeError) {
            envelope = try PolicyEnvelope(decoding: bytes)
            bundle = try PolicyBundle(decoding: envelope.payload)
        } catch {
            throw ControlError(.badData, "\(policy): not a signed policy (byte \(error.offset))")
        }
        var keys: [[UInt8]] = []
        for path in key { keys.append(try PolicyKeys.publicKey(path)) }
        if !keys.isEmpty {
            do throws(PolicyRefusal) {
                _ = try envelope.verified(
                    by: { Ed25519.verify(publicKey: $0, message: $1, signature: $2) },
                    trustedKeys: keys
                )
            } catch {
                throw ControlError(.badData, "\(policy): \(error)")
            }
        }
        let isVerified = keys.isEmpty ? "not verified (no --key)" : "verified"
        Output.line("# hash: \(Hexadecimal.encode(Cryptography.sha256(bytes)).text)")
        Output.line("# signed by key \(Hexadecimal.encode(envelope.keyID.bytes).text), \(isVerified)")
        Output.line(Table.lines(PolicyRenderer.render(bundle).text))
    }
}
