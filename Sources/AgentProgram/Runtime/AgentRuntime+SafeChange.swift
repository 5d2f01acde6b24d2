import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

// A new policy is on trial until the gateway has reached anew what it must reach (DESIGN §6): see `PolicyTrial` for the
// decision and `PolicyJournal` for what the disk knows meanwhile.
extension AgentRuntime {
    private var journal: PolicyJournal { PolicyJournal(state: state) }

    /// Brings a policy that passed the gate into force, on trial. One that is on trial makes room for it; the way back
    /// stays the last confirmed one.
    func begin(
        _ bundle: PolicyBundle,
        _ candidate: PolicyJournal.Candidate,
        receivedMilliseconds: UInt64
    ) throws(PolicyRefusal) {
        do throws(Failure) { try journal.take(PolicyJournal.beginning, candidate) } catch {
            // Its envelope may lie in the place of that of the trial under way.
            if trial != nil { putBack() }
            throw PolicyRefusal(.storage, "\(error.message); it was not brought into force")
        }
        tried = candidate.tried
        let before = trial == nil ? enforcement?.state : trial?.before
        if let trial { log.info("generation \(trial.candidate.generation) is on trial no more: a newer one came") }
        reach.closeAll(loop: loop)
        trial = RunningTrial(
            candidate,
            trial: PolicyTrial(
                of: targets(of: bundle),
                withinMilliseconds: configuration.enforcement.confirmWithinSeconds * 1000,
                nowMilliseconds: SystemClock.monotonicMilliseconds()
            ),
            receivedMilliseconds: receivedMilliseconds,
            before: before
        )
        if let problem = enact(bundle, hash: candidate.tried.hash) {
            putBack()
            // Nothing has changed in the kernel: it may be asked again at the next connection.
            tried = nil
            do throws(Failure) { try journal.take(.forgetTried, candidate) } catch { log.error(error.message) }
            throw PolicyRefusal(.invalid, "the kernel refused its ruleset: \(problem)")
        }
        advanceTrial(.tick)
    }

    /// What a policy must reach: the collector, which sent it a moment ago, and what it names itself. Without enforcement
    /// no policy can cut anything off.
    private func targets(of bundle: PolicyBundle) -> [ReachTarget] {
        guard enforcement != nil else { return [] }
        var targets: [ReachTarget] = []
        if let connection {
            let port = configuration.agentPort
            targets.append(ReachTarget(collector: connection.address, others: collectorAddresses, port: port))
        }
        for probe in bundle.baseline.mustReach { targets.append(ReachTarget(probe)) }
        return targets
    }

    /// Tells the trial what happened, and does what it decides.
    func advanceTrial(_ event: PolicyTrial.Event) {
        let now = SystemClock.monotonicMilliseconds()
        for action in trial?.trial.handle(event, nowMilliseconds: now) ?? [] {
            switch action {
            case .connect(let number, let address, let port):
                let failed = reach.connect(number, to: SocketAddress(address, port: port), loop: loop)
                if let failed { _ = trial?.trial.handle(failed, nowMilliseconds: now) }
            case .giveUp(let number): reach.close(number, loop: loop)
            case .confirm: confirm()
            case .rollBack(let words): rollBack(PolicyRefusal(.unreachable, words))
            }
        }
    }

    /// Everything answered: it is the policy in force from here on, also after a power cut.
    private func confirm() {
        guard let running = trial else { return }
        do throws(Failure) { try journal.take(PolicyJournal.confirmation, running.candidate) } catch {
            rollBack(PolicyRefusal(.storage, error.message))
            return
        }
        trial = nil
        standing = StandingPolicy(bundle: agent.bundle, hash: policyHash)
        reportMissingBlocklists()
        withdrawBlockedNames()
        log.info("policy of generation \(running.candidate.generation) is in force")
        rememberSoon()
        prove(pushToProofMilliseconds: Swift.max(1, SystemClock.monotonicMilliseconds() - running.receivedMilliseconds))
        // The proof need not wait for the disk once more.
        sendReports()
        tried = nil
        do throws(Failure) { try journal.take(PolicyJournal.completion, running.candidate) } catch {
            log.error(error.message)
        }
    }

    /// Puts the policy before the trial back, and says why.
    private func rollBack(_ refusal: PolicyRefusal) {
        guard let running = trial else { return }
        putBack()
        tellRollBack(running.candidate, refusal)
        // The old ruleset is proved anew.
        lastProof = KernelEnforcement.Proof()
        prove(pushToProofMilliseconds: 0)
    }

    /// The ruleset of the confirmed policy, or none where there was none, in one transaction.
    private func putBack() {
        let before = trial?.before
        trial = nil
        reach.closeAll(loop: loop)
        if let problem = enact(standing.bundle, hash: standing.hash, recalling: before) {
            log.error("the old ruleset is not in the kernel, it is tried again with the next proof: \(problem)")
        }
    }

    /// Reports a policy that was in force and is no more, then forgets it on the disk: a power cut between the two makes
    /// the report come twice, not never.
    private func tellRollBack(_ candidate: PolicyJournal.Candidate, _ refusal: PolicyRefusal) {
        counters.rollbacks += 1
        let generation = standing.bundle?.generation ?? 0
        let back: ByteString =
            generation == 0 ? "no policy is in force, as before" : "generation \(generation) is in force again"
        let told = PolicyRefusal(
            refusal.reason,
            "\(refusal.detail); \(back); it is not tried again by itself: push it anew when this is mended"
        )
        refuse(candidate.tried.hash, told)
        var incident = IncidentReport()
        incident.kind = "rollback"
        incident.summary = "a policy was put back: \(told.detail)"
        incident.count = 1
        report(.critical, .incident(incident))
        drop(candidate)
    }

    /// Forgets a candidate on the disk; what was reported of it must be there before.
    func drop(_ candidate: PolicyJournal.Candidate) {
        guard FileSystem.exists(state.pendingPolicy) else { return }
        spool.sync()
        do throws(Failure) { try journal.take(PolicyJournal.rollBack, candidate) } catch { log.error(error.message) }
    }

    /// The agent ends while a policy is on trial. Nobody would watch over it: the old one is put back, and the new one may
    /// be tried again at the next start.
    func withdrawTrial() {
        guard let running = trial else { return }
        log.info("generation \(running.candidate.generation) was on trial; the policy before it is put back")
        putBack()
        do throws(Failure) { try journal.take(PolicyJournal.withdrawal, running.candidate) } catch {
            log.error(error.message)
        }
    }

    /// A start, once the confirmed policy is in force: was there one on trial when the last run ended?
    func recoverTrial() {
        let found: PolicyJournal.Candidate?
        do throws(Failure) {
            if let bundle = standing.bundle { try journal.finish(standing.hash, generation: bundle.generation) }
            tried = journal.tried()
            found = try journal.interrupted()
        } catch {
            log.error(error.message)
            return
        }
        guard let candidate = found else { return }
        if standing.bundle == nil {
            if FileSystem.exists(state.policy) {
                // What was confirmed is damaged: better the next push of this one than none.
                tried = nil
            } else if let problem = enact(nil, hash: "") {
                log.error("what the last run left in the kernel is still there: \(problem)")
            }
        }
        tellRollBack(
            candidate,
            PolicyRefusal(.interrupted, "the agent ended before it was confirmed, as by a crash or a power cut")
        )
    }
}
