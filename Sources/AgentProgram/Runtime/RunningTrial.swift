import AgentCore
import NetworkTypes
import Policy

/// The policy that was confirmed last: what the collector is told is in force, and what comes back where a trial fails.
struct StandingPolicy {
    /// nil where there is none yet.
    var bundle: PolicyBundle?
    /// SHA-256 of its envelope; empty for none.
    var hash: ByteString = ""
}

/// A policy that the kernel holds and that is not confirmed yet.
struct RunningTrial {
    let candidate: PolicyJournal.Candidate
    var trial: PolicyTrial
    /// When its push arrived, monotonic.
    let receivedMilliseconds: UInt64
    /// What was enforced before; nil where nothing is enforced. The addresses that devices learned come back from here.
    let before: Enforcement?
}
