import ConfigurationFiles
import NetworkTypes

/// `check-config`: exit 78 and `file:line: message` where the configuration is wrong.
enum CheckConfigCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config"])
        _ = try Program.configuration(arguments)
        Output.line("\(arguments.value("--config") ?? AgentConfiguration.defaultPath): good")
        return .done
    }
}
