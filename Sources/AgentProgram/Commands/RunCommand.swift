import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO

/// `run`: the agent itself, in the foreground.
enum RunCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config"])
        let configuration = try Program.configuration(arguments)
        let state = StateDirectory(configuration.stateDirectory)
        try state.create()
        let lock: LockFile
        do throws(SystemError) { lock = try LockFile(state.lock) } catch {
            guard LockFile.isHeldByAnother(error) else { throw Failure(error) }
            throw Failure(.failed, "another agent runs with \(state.path)")
        }
        try AgentRuntime(configuration).run()
        withExtendedLifetime(lock) {}
        return .done
    }
}
