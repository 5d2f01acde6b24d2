import Fingerprinting
import NetworkTypes
import Policy
import WireProtocol

/// Chooses what is asked next, and takes what was answered (DESIGN §9).
extension Agent {
    /// The next exchange, or nil where there is none now; called once a tick. It is under way until `finishProbe`.
    public mutating func nextProbe(now: AgentTime) -> ProbeExchange? {
        guard settings.probesEnabled, let bundle, probesInFlight < ProbeLimits.inFlight,
            bundle.asksAnything
        else { return nil }
        let keys = registry.devices.keys
        for _ in 0..<Swift.min(keys.count, ProbeLimits.devicesPerTick) {
            probeCursor = (probeCursor + 1) % keys.count
            guard let exchange = probe(keys[probeCursor], bundle, now) else { continue }
            probesInFlight += 1
            probeCounters.sent += 1
            return exchange
        }
        return nil
    }

    /// What may be asked of a device now, with everything that holds it back.
    private mutating func probe(_ key: DeviceKey, _ bundle: PolicyBundle, _ now: AgentTime) -> ProbeExchange? {
        guard var device = registry[key], !device.probes.isBusy,
            now.monotonicMilliseconds >= device.probes.notBeforeMilliseconds
        else { return nil }
        // Whatever is found to hold it back, it is not looked at again at once.
        device.probes.notBeforeMilliseconds = now.monotonicMilliseconds + ProbeLimits.idleMilliseconds
        defer { registry[key] = device }
        guard mayBeAsked(device, now), let policy = bundle.allowlist(for: device.facts(site: settings.site)).probes,
            let (step, location) = due(device, policy, now), let address = probeAddress(of: device)
        else { return nil }
        let request = step.request(
            to: address,
            port: location.port,
            path: location.path,
            token: Agent.jitter(key) ^ now.wallMilliseconds
        )
        let remaining = Int(device.probes.remainingBytes(policy, nowMilliseconds: now.monotonicMilliseconds))
        let sends = request.count + step.overheadBytes
        // What is left for the day bounds the answer as well.
        guard remaining > sends else {
            probeCounters.overBudget += 1
            return nil
        }
        device.probes.isBusy = true
        device.probes.exchangesThisHour += 1
        return ProbeExchange(
            device: device,
            step: step,
            address: address,
            port: location.port,
            request: request,
            answerLimit: Swift.min(step.maximumAnswerBytes, remaining - sends)
        )
    }

    private func mayBeAsked(_ device: RegisteredDevice, _ now: AgentTime) -> Bool {
        device.key.macAddress != nil && device.quarantinedUntilMilliseconds == nil && !device.isPassiveOnly
            && now.wallMilliseconds >= device.firstSeenMilliseconds + ProbeLimits.settleMilliseconds
            && now.wallMilliseconds < device.lastSeenMilliseconds + ProbeLimits.absentMilliseconds
            && !device.probes.isLeftAlone(nowSeconds: now.wallMilliseconds / 1000)
    }

    /// The first question in the order of the table that may be put, and where.
    private func due(_ device: RegisteredDevice, _ policy: ProbePolicy, _ now: AgentTime) -> (ProbeStep, ProbeLocation)?
    {
        for step in ProbeStep.allCases where policy.kinds.contains(step.kind) {
            guard !step.kind.needsConfirmation || settings.confirmedProbes.contains(step.kind),
                let location = device.probes.location(
                    of: step,
                    policy: policy,
                    jitter: Agent.jitter(device.key),
                    nowSeconds: now.wallMilliseconds / 1000
                ), !ProbeKind.isForbidden(port: location.port)
            else { continue }
            return (step, location)
        }
        return nil
    }

    /// The device's own address in the gateway's network on the interface it was seen on: IPv4 before IPv6, and none that
    /// another device claims just now, or the gateway has.
    private func probeAddress(of device: RegisteredDevice) -> IPAddress? {
        for link in probeLinks where link.interface == device.interface {
            for address in device.sortedAddresses where !address.isLinkLocal && !link.ownAddresses.contains(address) {
                for network in link.networks where network.contains(address) && !isContested(address) {
                    return address
                }
            }
        }
        return nil
    }

    /// Spreads what falls due at once; the same for a device each time (FNV-1a).
    private static func jitter(_ key: DeviceKey) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.byteString.bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash >> 16
    }

    /// An exchange is over.
    public mutating func finishProbe(_ exchange: ProbeExchange, _ result: ProbeResult, now: AgentTime) -> [AgentAction]
    {
        probesInFlight -= 1
        probeCounters.sentBytes += result.sentBytes
        probeCounters.receivedBytes += result.receivedBytes
        if result.isCut { probeCounters.cut += 1 }
        guard var device = registry[exchange.device], let mac = exchange.device.macAddress else { return [] }
        let step = exchange.step
        let answer = ProbeAnswer(
            parts: result.parts,
            form: step.form,
            certificate: result.certificate,
            device: mac,
            source: exchange.address,
            port: exchange.port
        )
        let outcome = Agent.outcome(result, answer)
        device.probes.isBusy = false
        device.probes.bytesToday += result.sentBytes + result.receivedBytes
        device.probes.notBeforeMilliseconds = now.monotonicMilliseconds + ProbeLimits.gapMilliseconds
        device.probes.note(
            ProbeRecord(
                step: step,
                port: exchange.port,
                sentBytes: result.sentBytes,
                receivedBytes: result.receivedBytes,
                atSeconds: now.wallMilliseconds / 1000,
                outcome: outcome
            )
        )
        if outcome == .answered { probeCounters.answered += 1 }
        if outcome == .refused || outcome == .reset { probeCounters.leftAlone += 1 }
        takeLocation(answer.locations, exchange, &device)
        var actions: [AgentAction] = []
        var isChanged = false
        for signal in answer.signals where device.take(signal, knowledge: knowledge, now: now, &actions) {
            isChanged = true
        }
        // What was sent is in the evidence, also where nothing came of it.
        device.isDirty = true
        if isChanged { actions += hold(&device) }
        registry[exchange.device] = device
        return actions
    }

    private static func outcome(_ result: ProbeResult, _ answer: ProbeAnswer) -> ProbeRecord.Outcome {
        if answer.isRefusal { return .refused }
        switch result.end {
        case .reset: return .reset
        case .closed: return .closed
        case .failed: return .failed
        case .finished, .timedOut:
            if answer.isUnderstood { return .answered }
            return result.receivedBytes == 0 ? .silent : .failed
        }
    }

    private mutating func takeLocation(
        _ locations: [ByteString],
        _ exchange: ProbeExchange,
        _ device: inout RegisteredDevice
    ) {
        for location in locations {
            guard let checked = ProbeLocation(location, of: exchange.address) else {
                probeCounters.refusedLocations += 1
                continue
            }
            if exchange.step == .upnpSearch {
                device.probes.upnpLocation = checked
            } else {
                device.probes.onvifLocation = checked
            }
            return
        }
    }
}

extension PolicyBundle {
    /// Whether any device may be asked anything.
    var asksAnything: Bool { baseline.unknown.probes != nil || allowlists.contains { $0.probes != nil } }
}

extension RegisteredDevice {
    /// Whether the device is, or may be by any piece of evidence, of a class that is only listened to.
    var isPassiveOnly: Bool {
        let identity = tracker.identity
        if ProbePolicy.passiveOnly.contains(identity.deviceClass) { return true }
        for list in [identity.evidence, identity.contradictions] {
            for evidence in list {
                if let said = evidence.deviceClass, ProbePolicy.passiveOnly.contains(said) { return true }
            }
        }
        return false
    }
}
