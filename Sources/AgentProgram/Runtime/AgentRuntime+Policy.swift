import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

extension AgentRuntime {
    /// Whose policies are taken: the keys of the enrolment, and those of the configuration.
    var trustedKeys: [[UInt8]] { (record?.policyKeys ?? []) + configuration.trustedPolicyKeys }

    /// What must stay reachable.
    private var protected: [ProtectedPrefix] {
        var list: [ProtectedPrefix] = []
        for address in collectorAddresses { list.append(ProtectedPrefix(address, purpose: "the collector")) }
        for stream in dns?.streams ?? [] {
            list.append(ProtectedPrefix(stream.upstream.endpoint.address, purpose: "a resolver"))
        }
        for server in configuration.enforcement.timeServers {
            list.append(ProtectedPrefix(server, purpose: "a time server"))
        }
        for prefix in configuration.enforcement.breakGlass {
            list.append(ProtectedPrefix(prefix, purpose: "a break-glass address"))
        }
        return list
    }

    /// Tells the kernel what must stay reachable.
    func protect() {
        guard let enforcement else { return }
        let commands = enforcement.state.protect(protected.map { $0.prefix })
        enforcement.run(commands, nowMilliseconds: SystemClock.monotonicMilliseconds())
    }

    /// A signed policy came over the uplink.
    func receivePolicy(_ push: PolicyPush) {
        let received = SystemClock.monotonicMilliseconds()
        let bytes = push.envelope.bytes
        let hash = ByteString(Cryptography.sha256(bytes))
        let pushed = TriedPolicy(hash: hash, orderedMilliseconds: push.orderedMilliseconds)
        if hash == policyHash {
            // One that is on trial is proved when that is over.
            if trial == nil { prove(pushToProofMilliseconds: 1) }
            return
        }
        if pushed == tried {
            log.info("a policy that was put back was offered again and is left alone, until it is pushed anew")
            return
        }
        var candidate = PolicyJournal.Candidate(envelope: bytes, generation: 0, tried: pushed)
        do throws(PolicyRefusal) {
            let bundle = try PolicyGate.accept(bytes, context: gateContext(), verify: Ed25519.verify)
            candidate.generation = bundle.generation
            if let problem = lacking(bundle) { throw PolicyRefusal(.kernel, problem) }
            try begin(bundle, candidate, receivedMilliseconds: received)
        } catch {
            refuse(hash, error)
            if trial == nil { drop(candidate) }
        }
    }

    /// What a policy asks for that this kernel does not have, in words; nil where it has all of it.
    func lacking(_ bundle: PolicyBundle) -> ByteString? {
        enforcement.flatMap { $0.findings.problem(of: bundle, settings: $0.state.settings) }
    }

    /// Reports that a policy is not in force, and why.
    func refuse(_ hash: ByteString, _ refusal: PolicyRefusal) {
        counters.policiesRefused += 1
        log.warning("policy refused: \(refusal.reason.name): \(refusal.detail)")
        var message = PolicyRefusalReport()
        message.policyHash = hash
        message.reason = refusal.reason.name
        message.detail = refusal.detail
        message.generationInForce = standing.bundle?.generation ?? 0
        report(.warning, .policyRefused(message))
    }

    private func gateContext() -> PolicyGate.Context {
        var highest: UInt64 = 0
        do throws(SystemError) { highest = try state.highestGeneration.read() ?? 0 } catch {
            // A damaged counter must not let an old policy in.
            highest = UInt64.max
            log.error(error.byteString)
        }
        // Where the disk has lost the policy, the last generation may come once more: it is better than none.
        if standing.bundle == nil, highest > 0, highest < UInt64.max { highest -= 1 }
        // One that is on trial makes room for a later one only.
        highest = Swift.max(highest, trial?.candidate.generation ?? 0)
        return PolicyGate.Context(
            gatewayID: record?.gatewayID ?? "",
            site: configuration.site,
            highestGenerationSeen: highest,
            nowSeconds: now.wallMilliseconds / 1000,
            protected: protected,
            trustedKeys: trustedKeys
        )
    }

    /// Brings a policy into force in one transaction, or takes every rule away where it is nil; the kernel's words where
    /// it refuses.
    ///
    /// - Parameter before: of an earlier time when this policy was in force; what devices had learned then comes back.
    func enact(_ bundle: PolicyBundle?, hash: ByteString, recalling before: Enforcement? = nil) -> ByteString? {
        policyHash = hash
        let held = agent.adopt(bundle)
        guard let enforcement else { return nil }
        let now = SystemClock.monotonicMilliseconds()
        enforcement.state.adopt(bundle, devices: held)
        if let before { enforcement.state.recall(before, nowMilliseconds: now) }
        return enforcement.load(nowMilliseconds: now)
    }

    /// Reads the kernel back and reports; repairs what somebody else changed. Returns what was found before that.
    @discardableResult
    func prove(pushToProofMilliseconds: UInt64) -> KernelEnforcement.Proof {
        guard let enforcement else { return lastProof }
        let started = SystemClock.monotonicMilliseconds()
        proofDueMilliseconds = started + AgentRuntime.proofMilliseconds
        let isWhole = started >= wholeProofDueMilliseconds
        if isWhole { wholeProofDueMilliseconds = started + AgentRuntime.wholeProofMilliseconds }
        var proof = enforcement.prove(isWhole: isWhole, nowMilliseconds: started)
        let found = proof
        if !proof.isProved, enforcement.state.bundle != nil {
            counters.driftsRepaired += 1
            log.warning("the kernel's ruleset was changed by somebody else: \(proof.difference)")
            var incident = IncidentReport()
            incident.kind = "drift"
            incident.summary = "the kernel's ruleset was changed and is put right: \(proof.difference)"
            incident.count = 1
            report(.critical, .incident(incident))
            if enforcement.load(nowMilliseconds: SystemClock.monotonicMilliseconds()) == nil {
                proof = enforcement.prove(isWhole: true, nowMilliseconds: SystemClock.monotonicMilliseconds())
            }
        }
        let isNews = proof.isProved != lastProof.isProved || pushToProofMilliseconds > 0
        lastProof = proof
        // Nothing is said of a policy that is on trial.
        guard isNews, trial == nil, let bundle = enforcement.state.bundle else { return found }
        var message = ProofReport()
        message.generation = bundle.generation
        message.policyHash = policyHash
        message.desiredHash = proof.desiredHash
        message.appliedHash = proof.appliedHash
        message.kernelHash = proof.kernelHash
        message.isProved = proof.isProved
        message.difference = proof.difference
        message.pushToProofMilliseconds = pushToProofMilliseconds
        report(proof.isProved ? .notice : .critical, .proof(message))
        return found
    }

    func proveOnTimer() { prove(pushToProofMilliseconds: 0) }
}
