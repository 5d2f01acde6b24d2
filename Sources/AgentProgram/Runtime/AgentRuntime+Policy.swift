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

    /// A signed policy came over the uplink.
    func receivePolicy(_ bytes: [UInt8]) {
        let received = SystemClock.monotonicMilliseconds()
        let hash = ByteString(Cryptography.sha256(bytes))
        if hash == policyHash {
            prove(pushToProofMilliseconds: 1)
            return
        }
        do throws(PolicyRefusal) {
            let bundle = try PolicyGate.accept(bytes, context: gateContext(), verify: Ed25519.verify)
            let before = (agent.bundle, envelope)
            if let problem = enact(bundle, envelope: bytes) {
                if let old = before.0 { enact(old, envelope: before.1) }
                throw PolicyRefusal(.invalid, "the kernel refused its ruleset: \(problem)")
            }
            do throws(Failure) {
                try state.write(bytes, to: state.policy)
                do throws(SystemError) { _ = try state.highestGeneration.raise(to: bundle.generation) } catch {
                    throw Failure(error)
                }
            } catch {
                log.error("the policy is in force, but was not written to disk: \(error.message)")
            }
            for list in bundle.blocklists where dns?.blocklists?.count(list) == nil {
                log.error(
                    "the policy names the blocklist \(list), which this gateway does not have: none of its names is blocked"
                )
            }
            log.info("policy of generation \(bundle.generation) is in force")
            let took = SystemClock.monotonicMilliseconds() - received
            prove(pushToProofMilliseconds: Swift.max(1, took))
        } catch {
            counters.policiesRefused += 1
            log.warning("policy refused: \(error.reason.name): \(error.detail)")
            var refusal = PolicyRefusalReport()
            refusal.policyHash = hash
            refusal.reason = error.reason.name
            refusal.detail = error.detail
            refusal.generationInForce = agent.bundle?.generation ?? 0
            report(.warning, .policyRefused(refusal))
        }
    }

    private func gateContext() -> PolicyGate.Context {
        var highest: UInt64 = 0
        do throws(SystemError) { highest = try state.highestGeneration.read() ?? 0 } catch {
            // A damaged counter must not let an old policy in.
            highest = UInt64.max
            log.error(error.byteString)
        }
        return PolicyGate.Context(
            gatewayID: record?.gatewayID ?? "",
            site: configuration.site,
            highestGenerationSeen: highest,
            nowSeconds: now.wallMilliseconds / 1000,
            protected: protected,
            trustedKeys: trustedKeys
        )
    }

    /// Brings a policy into force in one transaction; the kernel's words where it refuses.
    @discardableResult
    func enact(_ bundle: PolicyBundle, envelope bytes: [UInt8]) -> ByteString? {
        let held = agent.adopt(bundle)
        if let enforcement {
            enforcement.state.adopt(bundle, devices: held)
            if let problem = enforcement.load(nowMilliseconds: SystemClock.monotonicMilliseconds()) { return problem }
        }
        envelope = bytes
        policyHash = ByteString(Cryptography.sha256(bytes))
        return nil
    }

    /// Reads the kernel back and reports; repairs what somebody else changed.
    func prove(pushToProofMilliseconds: UInt64) {
        guard let enforcement else { return }
        proofDueMilliseconds = SystemClock.monotonicMilliseconds() + AgentRuntime.proofMilliseconds
        var proof = enforcement.prove(nowMilliseconds: SystemClock.monotonicMilliseconds())
        if !proof.isProved, enforcement.state.bundle != nil {
            counters.driftsRepaired += 1
            log.warning("the kernel's ruleset was changed by somebody else: \(proof.difference)")
            var incident = IncidentReport()
            incident.kind = "drift"
            incident.summary = "the kernel's ruleset was changed and is put right: \(proof.difference)"
            incident.count = 1
            report(.critical, .incident(incident))
            if enforcement.load(nowMilliseconds: SystemClock.monotonicMilliseconds()) == nil {
                proof = enforcement.prove(nowMilliseconds: SystemClock.monotonicMilliseconds())
            }
        }
        let isNews = proof.isProved != lastProof.isProved || pushToProofMilliseconds > 0
        lastProof = proof
        guard isNews, let bundle = enforcement.state.bundle else { return }
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
    }

    func proveOnTimer() { prove(pushToProofMilliseconds: 0) }
}
