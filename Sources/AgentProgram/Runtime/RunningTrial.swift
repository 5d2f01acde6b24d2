import AgentCore
import NetworkTypes
import Policy

/// A policy that the kernel holds and that is not confirmed yet.
final class RunningTrial {
    let candidate: PolicyJournal.Candidate
    var trial: PolicyTrial
    /// When its push arrived, monotonic.
    let receivedMilliseconds: UInt64
    /// What was enforced before; nil where nothing is enforced. The addresses that devices learned come back from here.
    let before: Enforcement?

    init(
        _ candidate: PolicyJournal.Candidate,
        trial: PolicyTrial,
        receivedMilliseconds: UInt64,
        before: Enforcement?
    ) {
        self.candidate = candidate
        self.trial = trial
        self.receivedMilliseconds = receivedMilliseconds
        self.before = before
    }
}
