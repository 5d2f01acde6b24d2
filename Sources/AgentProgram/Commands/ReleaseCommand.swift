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
        var released: [ByteString] = []
        do throws(NFTablesError) {
            let kernel = try NFTablesContext()
            // One transaction: both tables go, or none.
            var commands = ByteString()
            for table in KernelEnforcement.tables where try isThere(table, kernel) {
                commands.append("delete table \(table)\n")
                released.append(table)
            }
            if !released.isEmpty { _ = try kernel.run(commands) }
        } catch {
            throw Failure(error.isNotPermitted ? .notAllowed : .failed, "nftables: \(error.message)")
        }
        let unmarked = unmark()
        withExtendedLifetime(lock) {}
        guard !released.isEmpty else {
            Output.line("no rules of Gatehouse are in the kernel")
            return .done
        }
        for table in released { Output.line("released: table \(table) is gone") }
        if !unmarked.isEmpty { Output.line(unmarked) }
        Output.line("devices are no longer held to any policy")
        return .done
    }

    /// Takes from every connection the bits of its mark that say how it was judged; those of others stay. What could not be
    /// done, for people; empty where all is done.
    private static func unmark() -> ByteString {
        do throws(SystemError) {
            let tracking = try ConnectionTracking()
            for family in [IPAddress.Family.v4, .v6] {
                var marked: [TrackedFlow] = []
                try tracking.forEachFlow(family) { flow in
                    if flow.mark & ConnectionMark.mask != 0 { marked.append(flow) }
                }
                for flow in marked { _ = try tracking.setMark(flow.mark & ~ConnectionMark.mask, of: flow.original) }
            }
            return ""
        } catch {
            return "connections keep their marks until they end: \(error.byteString)"
        }
    }

    private static func isThere(_ table: ByteString, _ kernel: NFTablesContext) throws(NFTablesError) -> Bool {
        do throws(NFTablesError) {
            return try kernel.listTable(table, options: .terse) != nil
        } catch {
            // A kernel without nftables for bridges says so here, and can hold no such table.
            if table == KernelEnforcement.table || error.isNotPermitted { throw error }
            return false
        }
    }
}
