import AgentCore
import NetworkTypes
import SystemIO

/// What the disk knows of a policy that is on trial, so that a power cut at any moment ends in the old policy or the new
/// one.
///
/// ```
/// begin      policy.pending  ← the envelope
///            policy.tried    ← its hash and the time of the push    the kernel takes the ruleset after this
/// confirm    policy.pending  → policy.cose (one rename)
///            highest-generation raised, policy.tried removed
/// roll back  the kernel has the old ruleset again, and the report is in the spool
///            policy.pending removed
/// ```
///
/// `policy.cose` is the old policy until the rename, and the new one from there on; what a start finds in
/// `policy.pending` was never confirmed: it is reported, and goes. `policy.tried` stays, so that a policy that was put back
/// is not tried again by itself; that of a confirmed one goes, so that it comes again where the disk loses it.
struct PolicyJournal {
    /// One step, whole on the disk when it is done. Each may be done twice.
    enum Step: Hashable, CaseIterable {
        case keepCandidate
        case markTried
        case adoptCandidate
        case raiseGeneration
        case dropCandidate
        case forgetTried
    }

    /// A policy on its way.
    struct Candidate {
        var envelope: [UInt8]
        var generation: UInt64
        var tried: TriedPolicy
    }

    /// Before the kernel is told.
    static let beginning: [Step] = [.keepCandidate, .markTried]
    /// Once everything was reached.
    static let confirmation: [Step] = [.adoptCandidate]
    /// What may follow later: as long as the mark is there, a start does it (`finish`).
    static let completion: [Step] = [.raiseGeneration, .forgetTried]
    /// After the kernel has the old ruleset again, and the report is on the disk.
    static let rollBack: [Step] = [.dropCandidate]
    /// The same, where the trial did not fail and nothing was reported: it may be tried again.
    static let withdrawal: [Step] = [.forgetTried, .dropCandidate]

    let state: StateDirectory

    func take(_ steps: [Step], _ candidate: Candidate) throws(Failure) {
        for step in steps { try take(step, candidate) }
    }

    func take(_ step: Step, _ candidate: Candidate) throws(Failure) {
        switch step {
        case .keepCandidate: try state.write(candidate.envelope, to: state.pendingPolicy)
        case .markTried: try state.write(candidate.tried.encoded, to: state.triedPolicy)
        case .adoptCandidate:
            do throws(SystemError) { try FileSystem.move(state.pendingPolicy, over: state.policy) } catch {
                // Where only the folder could not be flushed, the new policy is in its place.
                let found = try state.read(state.policy, limit: StateDirectory.maximumPolicyBytes)
                guard found == candidate.envelope else { throw Failure(error) }
            }
        case .raiseGeneration:
            do throws(SystemError) { _ = try state.highestGeneration.raise(to: candidate.generation) } catch {
                throw Failure(error)
            }
        case .dropCandidate: try remove(state.pendingPolicy)
        case .forgetTried: try remove(state.triedPolicy)
        }
    }

    /// A start: what a cut left undone of the confirmation of the policy in force.
    func finish(_ hash: ByteString, generation: UInt64) throws(Failure) {
        guard let mark = tried(), mark.hash == hash else { return }
        try take(PolicyJournal.completion, Candidate(envelope: [], generation: generation, tried: mark))
    }

    /// The policy that was on trial when the last run ended; nil where none was.
    func interrupted() throws(Failure) -> Candidate? {
        guard FileSystem.exists(state.pendingPolicy) else { return nil }
        let bytes = try state.read(state.pendingPolicy, limit: StateDirectory.maximumPolicyBytes)
        // The generation is in what was signed, and is not looked at.
        let tried = TriedPolicy(hash: ByteString(SHA256.hash(bytes)), orderedMilliseconds: 0)
        return Candidate(envelope: bytes, generation: 0, tried: tried)
    }

    /// What was tried last; nil where nothing was, or the file is damaged: then it may be tried again.
    func tried() -> TriedPolicy? {
        guard FileSystem.exists(state.triedPolicy) else { return nil }
        do throws(Failure) {
            return TriedPolicy(try state.read(state.triedPolicy, limit: TriedPolicy.encodedLength))
        } catch {
            return nil
        }
    }

    private func remove(_ path: ByteString) throws(Failure) {
        do throws(SystemError) { try FileSystem.removeLastingly(path) } catch { throw Failure(error) }
    }
}
