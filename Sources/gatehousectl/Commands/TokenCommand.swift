import ArgumentParser
import CollectorAPI
import NetworkTypes
import WireProtocol

/// `token`: enrolment tokens.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "One-time tokens with which gateways enrol.",
        subcommands: [Create.self, List.self, Revoke.self]
    )

    /// `token create`
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token; print it, and nothing else, on standard output.",
            discussion: """
                The token carries the collector's address, the pin of its authority, the secret, and the public keys \
                whose policies the gateway will take: the agent needs nothing else. It is shown once.
                """
        )

        @Option(help: "The site the gateway will belong to.")
        var site: String

        @Option(help: "What the gateway shall be called.")
        var label: String?

        @Option(help: "How long the token lasts: 90s, 10m, 1h, 7d.")
        var expires = DurationArgument(milliseconds: 3_600_000)

        @Option(help: "A public key file whose policies the gateway will take; may be given more than once.")
        var policyKey: [String] = []

        @Option(
            help:
                "Where the gateway reaches the collector's HTTPS listener, where that is another address than the collector says: host:port."
        )
        var enrolAt: String?

        func run() throws {
            guard policyKey.count <= EnrolmentToken.maximumPolicyKeys else {
                throw ValidationError("at most \(EnrolmentToken.maximumPolicyKeys) policy keys")
            }
            var keys: [[UInt8]] = []
            for path in policyKey { keys.append(try PolicyKeys.publicKey(path)) }
            let profile = try Profile.load()
            let request = EnrolmentTokenRequest(
                site: site,
                label: label,
                expiresInSeconds: max(1, expires.milliseconds / 1000)
            )
            let answer = try CollectorClient(profile).post(EnrolmentTokenResource.self, "/api/v1/tokens", request)
            // The pin is the one this user trusts, not what the collector says of itself.
            guard let secret = answer.secret, let place = enrolAt ?? answer.enrolAddress,
                let address = CollectorAddress(place),
                let pin = Hexadecimal.decode(ByteString(utf8: profile.caSHA256))
            else { throw ControlError(.failed, "the collector's answer lacks the secret or its own address") }
            let token = EnrolmentToken(
                host: ByteString(utf8: address.host),
                port: address.port,
                authoritySHA256: pin,
                secret: ByteString(utf8: secret),
                policyKeys: keys
            )
            if keys.isEmpty {
                Output.error(
                    "no --policy-key: the gateway takes policies only if its configuration names trustedPolicyKeys"
                )
            }
            Output.error("token \(answer.id) for site \(answer.site), good once until \(Table.time(answer.expires))")
            Output.line(token.text.text)
        }
    }

    /// `token list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List tokens, newest first.")

        @OptionGroup var output: OutputOptions

        func run() throws {
            let tokens = try CollectorClient.fromProfile().list(
                EnrolmentTokenResource.self,
                "/api/v1/tokens",
                limit: 500
            )
            guard output.format == .table else { return try Output.json(tokens) }
            var table = Table("ID", "STATE", "SITE", "LABEL", "EXPIRES", "BY", "GATEWAY")
            for token in tokens {
                table.add(
                    token.id,
                    token.state,
                    token.site,
                    token.label,
                    Table.time(token.expires),
                    token.createdBy,
                    token.gateway ?? "-"
                )
            }
            table.show(otherwise: "no tokens")
        }
    }

    /// `token revoke`
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a token that was not used.")

        @Argument(help: "The token's ID, as token list shows it.")
        var id: String

        func run() throws {
            try CollectorClient.fromProfile().perform("DELETE", "/api/v1/tokens/\(CollectorClient.encoded(id))")
            Output.line("token \(id) is revoked")
        }
    }
}
