import ArgumentParser
import Glibc

/// `gatehousectl`: tokens, policies and questions to the fleet, from the operator's computer.
@main
struct GatehouseControl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehousectl",
        abstract: "Enrol gateways, write and push policies, ask how the fleet stands.",
        discussion: """
            The profile with the collector's address and token is \u{201C}~/.config/gatehouse/profile\u{201D}, or what \
            GATEHOUSE_PROFILE names.
            Exit codes: 0 done, 1 failed, 2 partly done or "no", 64 usage, 65 bad data, 69 unreachable, 77 not \
            allowed, 78 bad configuration.
            """,
        version: "gatehousectl \(ProgramVersion.text)",
        subcommands: [
            LoginCommand.self, LogoutCommand.self, TokenCommand.self, GatewayCommand.self, DeviceCommand.self,
            PolicyCommand.self, IncidentCommand.self, PostureCommand.self, UserCommand.self, AuditCommand.self,
            KnowledgeCommand.self, BlocklistCommand.self, VersionCommand.self,
        ]
    )

    static func main() {
        _ = signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as ControlError {
            for line in error.lines { Output.error(line) }
            Glibc.exit(error.status.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}

/// `version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Say which version this is.")

    func run() { Output.line("gatehousectl \(ProgramVersion.text)") }
}
