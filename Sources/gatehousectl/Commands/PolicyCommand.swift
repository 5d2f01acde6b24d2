import ArgumentParser
import CollectorAPI
import ConfigurationFiles
import NetworkTypes
import Policy
import TLS

/// `policy`: allowlists, written, signed and pushed.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Write, check, sign and push policies.",
        subcommands: [
            KeyGeneration.self, Validate.self, PolicySignCommand.self, PolicyPushCommand.self, PolicyStatusCommand.self,
            PolicyListCommand.self, PolicyShowCommand.self, PolicyLearnCommand.self, PolicyPlanCommand.self,
            PolicyImportMUDCommand.self, PolicyExportMUDCommand.self,
        ]
    )

    /// `policy keygen`
    struct KeyGeneration: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keygen",
            abstract: "Make a key pair: the private key into FILE, the public key into FILE.pub."
        )

        @Argument(help: "The file of the private key. It must not be there yet.")
        var file: String

        func run() throws {
            for path in [file, file + ".pub"] where Files.exists(path) {
                throw ControlError(.failed, "\(path): is there already; a key is never overwritten")
            }
            let key = try Ed25519SigningKey.generate()
            try Files.write(try key.pem().bytes, to: file, mode: 0o600)
            try Files.write(Hexadecimal.encode(key.publicKey).bytes + [0x0A], to: file + ".pub", mode: 0o644)
            Output.line("private key: \(file) (keep it; the collector never needs it)")
            Output.line("public key:  \(file).pub, identifier \(PolicyKeys.identifier(key.publicKey))")
        }
    }

    /// `policy validate`
    struct Validate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check policy files; print each problem with its file and line."
        )

        @OptionGroup var source: PolicySource

        func run() throws {
            _ = try source.read(generation: 1, issuedAtSeconds: 0)
            Output.line("good")
        }
    }
}

/// Policy files and what they must not cut off.
struct PolicySource: ParsableArguments {
    @Argument(help: "Policy files in YAML; - for standard input.")
    var files: [String]

    @Option(
        help: "An address or prefix that must stay reachable, such as the collector's; may be given more than once."
    )
    var protect: [String] = []

    /// The bundle that the files say, once the validator has passed it. Problems are written with file and line.
    func read(
        generation: UInt64,
        issuedAtSeconds: UInt64,
        rollbackFrom: UInt64? = nil,
        target: PolicyTarget? = nil
    ) throws -> PolicyBundle {
        var documents = PolicyDocuments()
        for file in files {
            let bytes = try Files.read(file, limit: 1 << 20)
            do throws(ConfigurationError) {
                try documents.add(bytes, file: ByteString(utf8: file))
            } catch {
                throw ControlError(.badData, "\(error)")
            }
        }
        var bundle = documents.bundle(
            generation: generation,
            issuedAtSeconds: issuedAtSeconds,
            rollbackFrom: rollbackFrom
        )
        if let target {
            if !target.gateways.isEmpty { bundle.target.gateways = target.gateways }
            if !target.sites.isEmpty { bundle.target.sites = target.sites }
        }
        let problems = PolicyValidator.validate(bundle, protected: try protectedPrefixes())
        for problem in problems where problem.severity == .warning {
            Output.error("\(documents.located(problem)) (warning)")
        }
        let errors = problems.filter { $0.severity == .error }
        guard errors.isEmpty else { throw ControlError(.badData, lines: errors.map { "\(documents.located($0))" }) }
        return bundle
    }

    /// What the command line names, and the collector that this user is logged in to, where that is an address.
    private func protectedPrefixes() throws -> [ProtectedPrefix] {
        let profile = Files.exists(Profile.path) ? try? Profile.load() : nil
        let host = profile.flatMap { CollectorAddress($0.collector)?.host } ?? ""
        let collector = IPAddress(ByteString(utf8: host)).map {
            ProtectedPrefix($0, purpose: "the collector of your profile")
        }
        return try [collector].compactMap { $0 }
            + protect.map { text in
                guard let prefix = IPPrefix(ByteString(utf8: text)) else {
                    throw ValidationError("--protect: \(text) is neither an address nor a prefix")
                }
                return ProtectedPrefix(prefix, purpose: "protected on the command line")
            }
    }
}
