import AgentCore
import NetworkTypes
import SystemIO
import WireProtocol

// A disk that is full, read-only or failing takes nothing away from the devices' guard: rules, DNS and the connection to the
// collector go on from memory. What could not be written is counted, and told as soon as there is room.
extension AgentRuntime {
    /// How often it is tried again to write what could not be written.
    static let storageRetryMilliseconds: UInt64 = 10_000

    /// What the disk does not take; empty where it takes everything.
    var storageProblem: ByteString {
        if !spool.problem.isEmpty { return spool.problem }
        if !memoryProblem.isEmpty { return memoryProblem }
        return isStartKept ? "" : "the number of this start is not on the disk: nothing is reported"
    }

    /// `status`, `verify` and `release` ask here. Where the socket cannot be made, it is tried again.
    func openControl() throws(SystemError) {
        do throws(SystemError) {
            let listener = try StreamListener(unix: state.controlSocket, mode: 0o600)
            try loop.add(listener.descriptor, token: Token.control, interest: .readable)
            control = listener
        } catch {
            // The lock says that no other agent has it: one that is in the way is on a disk that takes nothing.
            if control == nil, memoryProblem.isEmpty { log.error("status cannot be asked: \(error.byteString)") }
            memoryProblem = error.byteString
        }
    }

    /// Time passed: what the disk refused is tried again, and what that cost is told.
    func watchStorage(_ now: AgentTime) {
        let milliseconds = now.monotonicMilliseconds
        guard milliseconds >= storageDueMilliseconds else { return }
        storageDueMilliseconds = milliseconds + AgentRuntime.storageRetryMilliseconds
        if !isStartKept { keepStart() }
        if !storageProblem.isEmpty {
            writeMemory()
            if control == nil { do throws(SystemError) { try openControl() } catch { log.debug(error.byteString) } }
        }
        let problem = storageProblem
        if problem.isEmpty { spool.keepReserve() }
        if problem.isEmpty != toldStorageProblem.isEmpty {
            let before = toldStorageProblem
            toldStorageProblem = problem
            var incident = IncidentReport()
            incident.kind = "storage"
            incident.summary =
                problem.isEmpty
                ? "the state directory takes everything again; before: \(before)"
                : "the state directory does not take what the agent writes: \(problem)"
            incident.count = 1
            if problem.isEmpty { log.info(incident.summary) } else { log.error(incident.summary) }
            report(problem.isEmpty ? .notice : .critical, .incident(incident))
        }
        guard let gap = spool.gap, isStartKept else { return }
        sequence += 1
        spool.append(newReport(.warning, .gap(gap.report)), telling: gap.loss)
    }

    /// A start that could not be written down becomes one that is: with a new connection, for the collector takes reports
    /// of the start that was said in its beginning.
    private func keepStart() {
        do throws(SystemError) {
            let start = try StartNumber.next(state, hardware: agent.settings.ownAddresses)
            guard start.isKept else { return }
            (bootEpoch, instance, isStartKept) = (start.epoch, start.instance, true)
            if connection != nil { disconnect("the start has a number of its own now") }
        } catch {
            log.debug(error.byteString)
        }
    }
}
