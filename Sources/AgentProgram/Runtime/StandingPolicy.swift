import NetworkTypes
import Policy

/// The policy that was confirmed last: what the collector is told is in force, and what comes back where a trial fails.
struct StandingPolicy {
    /// nil where there is none yet.
    var bundle: PolicyBundle?
    /// SHA-256 of its envelope; empty for none.
    var hash: ByteString = ""
}
