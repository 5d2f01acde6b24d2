import AgentCore
import ConfigurationFiles
import Fingerprinting
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

extension AgentRuntime {
    /// How long a client of the control socket may take to ask.
    static let controlPatienceMilliseconds: UInt64 = 5_000
    /// How long it may take to make room for more of its answer; the loop waits for it.
    static let controlTimeoutMilliseconds: UInt64 = 200

    /// One that is connected to the control socket and has not asked yet.
    struct ControlClient {
        let token: UInt64
        let stream: ByteStream
        let sinceMilliseconds: UInt64
    }

    /// Questions of `status`, `verify` and `flows` begin. Only the agent's own user and root can open the socket.
    func acceptControl() {
        guard let control else { return }
        do throws(SystemError) {
            while let stream = try control.accept() {
                let tokens = Token.firstControlClient...Token.lastControlClient
                guard let token = tokens.first(where: { token in !controlClients.contains { $0.token == token } })
                else {
                    counters.controlRefused += 1
                    continue
                }
                try loop.add(stream.descriptor, token: token, interest: .readable)
                let now = SystemClock.monotonicMilliseconds()
                controlClients.append(ControlClient(token: token, stream: stream, sinceMilliseconds: now))
            }
        } catch {
            log.debug(error.byteString)
        }
    }

    /// A question is there, and is answered whole.
    func answerControl(_ token: UInt64) {
        guard let index = controlClients.firstIndex(where: { $0.token == token }) else { return }
        let stream = controlClients.remove(at: index).stream
        loop.remove(stream.descriptor)
        do throws(SystemError) {
            var request: [UInt8] = []
            guard case .received = try stream.receive(into: &request, limit: 256) else {
                counters.controlRefused += 1
                return
            }
            let answer = self.answer(ByteString(request).trimmed)
            var offset = 0
            while offset < answer.count {
                let sent = try stream.send(answer.bytes, from: offset)
                offset += sent
                if sent == 0,
                    !(try stream.waitUntilWritable(timeoutMilliseconds: AgentRuntime.controlTimeoutMilliseconds))
                {
                    break
                }
            }
        } catch {
            log.debug(error.byteString)
        }
    }

    /// Time passed: who has not asked by now does not want to.
    func dropSilentControlClients() {
        let now = SystemClock.monotonicMilliseconds()
        for client in controlClients where now > client.sinceMilliseconds + AgentRuntime.controlPatienceMilliseconds {
            loop.remove(client.stream.descriptor)
            counters.controlRefused += 1
        }
        controlClients.removeAll { now > $0.sinceMilliseconds + AgentRuntime.controlPatienceMilliseconds }
    }

    private func answer(_ request: ByteString) -> ByteString {
        switch request {
        case "status": return statusText()
        case "status json": return statusJSON()
        case "verify": return verifyText()
        case "flows": return agent.flowLines(asJSON: false)
        case "flows json": return agent.flowLines(asJSON: true)
        default: return "unknown request\n"
        }
    }

    private func verifyText() -> ByteString {
        guard let enforcement else { return "no: enforcement is switched off in the configuration\n" }
        guard enforcement.state.bundle != nil else { return "no: no policy is in force\n" }
        wholeProofDueMilliseconds = 0
        let proof = prove(pushToProofMilliseconds: 0)
        return """
            \(proof.isProved ? "proved" : lastProof.isProved ? "not proved, and put right" : "not proved")
              desired  \(Text.hexadecimal(proof.desiredHash))
              applied  \(Text.hexadecimal(proof.appliedHash))
              kernel   \(Text.hexadecimal(proof.kernelHash))
            \(proof.difference.isEmpty ? "" : "  \(proof.difference)\n")
            """
    }

    private func statusText() -> ByteString {
        var text: ByteString = "gateway     \(record?.gatewayID ?? "(not enrolled)")\ncollector   "
        text.append(uplink.isOpen ? "connected" : connectionFailure.isEmpty ? "not connected" : connectionFailure)
        if let renewal {
            text.append("\ncertificate \(renewal.isExpired(now: now) ? "ended " : "until ")")
            text.append(Text.time(renewal.validity.notAfterMilliseconds))
            if renewal.isExpired(now: now) { text.append(": \(AgentRuntime.expiredAdvice)") }
        }
        text.append("\npolicy      generation \(agent.bundle?.generation ?? 0)")
        text.append(trial.map { trialText($0) } ?? (lastProof.isProved ? ", proved" : ", not proved"))
        for file in pushedFiles {
            text.append("\n\(file === knowledge ? "knowledge   " : "blocklists  ")")
            guard !file.hash.isEmpty else {
                text.append("none")
                continue
            }
            text.append(file.version > 0 ? "version \(file.version)" : "unsigned")
            text.append(", \(file.usedPath), SHA-256 \(Text.hexadecimal(file.hash))")
            if file.issuedAtSeconds > 0 {
                text.append(", signed \(Text.time(Swift.min(file.issuedAtSeconds, Text.maximumSeconds) * 1000))")
            }
        }
        for source in interfaces where !source.problem.isEmpty { text.append("\ninterface   \(source.problem)") }
        let named = agent.bundle?.blocklists ?? []
        for list in named + (dns?.blocklists?.names ?? []).filter({ !named.contains($0) }) {
            text.append("\nblocklist   \(list)  ")
            if let count = dns?.blocklists?.count(list) {
                text.append("\(count) names")
            } else {
                text.append("not there: none of its names is refused")
            }
        }
        for stream in dns?.streams ?? [] {
            text.append("\nresolver    \(stream.upstream.byteString)\(stream.isOpen ? "  connected" : "")")
            if !stream.failure.isEmpty { text.append("  \(stream.failure)") }
        }
        text.append("\nkernel      \(ProcessFacts.kernelRelease)")
        for capability in lackedCapabilities {
            text.append("\nlacking     \(capability.name) (\(capability.module)): \(capability.consequence)")
        }
        text.append("\nflows       \(agent.flows.flows.count)")
        if !flowRecorder.problem.isEmpty { text.append(", not recorded: \(flowRecorder.problem)") }
        text.append("\nspool       \(spool.count) reports")
        if let gap = spool.gap { text.append(", \(gap.loss.count) given up and not told yet") }
        if !storageProblem.isEmpty { text.append("\nstorage     \(storageProblem)") }
        text.append(byte: 0x0A)
        for key in agent.registry.devices.keys.ordered() {
            guard let device = agent.registry[key] else { continue }
            let identity = device.tracker.identity
            text.append("device      \(key.byteString)  \(identity.deviceClass.name)  ")
            text.append("\(identity.vendor ?? "-")  \(identity.model ?? "-")  \(device.policy ?? "-")")
            for tag in agent.bundle?.tags(of: key.byteString) ?? [] { text.append("  #\(tag)") }
            if device.quarantinedUntilMilliseconds != nil { text.append("  quarantined") }
            if device.isDeauthorised { text.append("  de-authorised") }
            text.append(byte: 0x0A)
            for record in device.probes.records {
                let evidence = record.evidence
                text.append("asked       \(key.byteString)  \(evidence.signal) \(evidence.value)\n")
            }
        }
        for counter in health().counters where counter.value > 0 {
            text.append("counter     \(counter.name) \(counter.value)\n")
        }
        return text
    }

    /// What the kernel does not have and people are to know of.
    private var lackedCapabilities: [KernelCapability] {
        guard let enforcement else { return [] }
        return enforcement.findings.absent.filter { $0.isWorthSaying(enforcement.hasBridge) }
    }

    /// ` on trial, 12 s left, waits for 192.0.2.1:443 (mustReach); else generation 7 comes back`
    private func trialText(_ running: RunningTrial) -> ByteString {
        let generation = standing.bundle?.generation ?? 0
        let back: ByteString = generation == 0 ? "no policy" : "generation \(generation)"
        let trial = running.trial
        return """
             on trial, \(secondsLeft(trial)) s left, waits for \(trial.awaited); else \(back) comes back
            """
    }

    private func secondsLeft(_ trial: PolicyTrial) -> UInt64 {
        (trial.leftMilliseconds(nowMilliseconds: SystemClock.monotonicMilliseconds()) + 999) / 1000
    }

    private func statusJSON() -> ByteString {
        var text: ByteString = "{\"gateway\":\"\(record?.gatewayID ?? "")\",\"connected\":"
        text.append(uplink.isOpen ? "true" : "false")
        if let renewal, let credentials {
            text.append(",\"certificateSerial\":\"\(credentials.chain.leaf.serialHexadecimal)")
            let end = renewal.validity.notAfterMilliseconds / 1000
            text.append("\",\"certificateNotAfter\":\(end)")
        }
        text.append(",\"knowledge\":{\"version\":\(knowledge.version),\"hash\":\"\(Text.hexadecimal(knowledge.hash))")
        text.append("\"},\"blocklist\":{\"version\":\(blocklists.version),\"hash\":\"")
        text.append("\(Text.hexadecimal(blocklists.hash))\",\"lists\":{")
        for (index, list) in (dns?.blocklists?.names ?? []).enumerated() {
            text.append("\(index == 0 ? "" : ",")\"\(list)\":\(dns?.blocklists?.count(list) ?? 0)")
        }
        text.append("}},\"kernel\":{\"release\":\"\(ProcessFacts.kernelRelease)\",\"lacking\":[")
        for (index, capability) in lackedCapabilities.enumerated() {
            text.append("\(index > 0 ? "," : "")\"\(capability.name)\"")
        }
        text.append("]},\"generation\":\(standing.bundle?.generation ?? 0),\"trial\":")
        if let running = trial {
            let left = secondsLeft(running.trial)
            text.append("{\"generation\":\(running.candidate.generation),\"secondsLeft\":\(left)}")
        } else {
            text.append("null")
        }
        text.append(",\"proved\":")
        text.append(lastProof.isProved ? "true" : "false")
        text.append(",\"kernelHash\":\"\(Text.hexadecimal(lastProof.kernelHash))\",\"residentKiB\":")
        text.append("\(ProcessFacts.residentKiB),\"devices\":[")
        var isFirst = true
        for key in agent.registry.devices.keys.ordered() {
            guard let device = agent.registry[key] else { continue }
            if !isFirst { text.append(byte: 0x2C) }
            isFirst = false
            text.append(device.tracker.identity.jsonLine(key: key, addresses: device.sortedAddresses).trimmed)
        }
        text.append("],\"deauthorised\":[")
        isFirst = true
        for device in agent.registry.devices.values where device.isDeauthorised {
            if !isFirst { text.append(byte: 0x2C) }
            isFirst = false
            text.append("\"\(device.key.byteString)\"")
        }
        text.append("],\"counters\":{")
        isFirst = true
        for counter in health().counters {
            if !isFirst { text.append(byte: 0x2C) }
            isFirst = false
            text.append("\"\(counter.name)\":\(counter.value)")
        }
        text.append("}}\n")
        return text
    }
}
