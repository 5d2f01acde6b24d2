import AgentCore
import ConfigurationFiles
import NFTables
import NetworkTypes
import SystemIO

/// `release`: leaves the kernel as it was before the agent. The agent must be stopped, else it would repair at once.
enum ReleaseCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config"])
        let state = StateDirectory(try Program.configuration(arguments).stateDirectory)
        let lock: LockFile
        do throws(SystemError) { lock = try LockFile(state.lock) } catch {
            guard LockFile.isHeldByAnother(error) else { throw Failure(error) }
            throw Failure(.notAllowed, "the agent is running; stop it first: systemctl stop gatehouse-agent")
        }
        do throws(NFTablesError) {
            let kernel = try NFTablesContext()
            guard try kernel.listTable("inet gatehouse", options: .terse) != nil else {
                Output.line("no rules of Gatehouse are in the kernel")
                return .done
            }
            _ = try kernel.run("delete table inet gatehouse\n")
        } catch {
            throw Failure(error.isNotPermitted ? .notAllowed : .failed, Text.join("nftables: ", error.message))
        }
        withExtendedLifetime(lock) {}
        Output.line("released: table inet gatehouse is gone; devices are no longer held to any policy")
        return .done
    }
}
