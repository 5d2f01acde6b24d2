import Fingerprinting
import NetworkTypes
import Policy
import WireProtocol

// What a device was held to be before, and when that is another device.
extension RegisteredDevice {
    /// How long after one contradiction no other is reported of the device: a second stack shows in many signals.
    static let contradictionIntervalMilliseconds: UInt64 = 3_600_000

    /// Keeps the change from `before` to what it is held to be now, if there is one; the oldest beyond the limit goes.
    mutating func noteChange(from before: Identity, by evidence: EvidenceReport, at time: UInt64) {
        var change = IdentityChangeReport()
        change.before = IdentityNames(before)
        change.after = IdentityNames(tracker.identity)
        guard change.after != change.before else { return }
        change.timeMilliseconds = time
        change.evidence = evidence
        if history.count >= DeviceReport.maximumHistoryCount { history.removeFirst() }
        history.append(ByteString(change.encoded()))
    }

    /// Takes a signal: weighs it, keeps what that changes, and adds the incident to `actions` where it shows another device
    /// under this address; `response` is what the policy wants then. Whether the identity is another one now.
    mutating func take(
        _ signal: Signal,
        knowledge: KnowledgeBase,
        now: AgentTime,
        response: ContradictionResponse = .keep,
        _ actions: inout [AgentAction]
    ) -> Bool {
        let before = tracker.identity
        if before.classConfidence >= Identity.settledConfidence {
            settled = before.deviceClass
            isSettledOnDesktop = before.hasDesktopSystem
        }
        guard tracker.add(signal, knowledge: knowledge) else { return false }
        var evidence = EvidenceReport()
        // Of what the signal says, the heaviest that speaks for the identity comes first.
        let all = tracker.identity.evidence + tracker.identity.contradictions
        for item in all where item.signal == signal {
            let report = EvidenceReport(item)
            if evidence.signal.isEmpty { evidence = report }
            guard now.monotonicMilliseconds >= quietUntilMilliseconds,
                settled.isContradicted(by: item, isSettledOnDesktop: isSettledOnDesktop)
            else { continue }
            quietUntilMilliseconds = now.monotonicMilliseconds + RegisteredDevice.contradictionIntervalMilliseconds
            if response != .keep { isDistrusted = true }
            actions.append(.report(.warning, .incident(contradiction(by: report, all))))
        }
        noteChange(from: before, by: evidence, at: now.wallMilliseconds)
        return true
    }

    private func contradiction(by later: EvidenceReport, _ all: [Evidence]) -> IncidentReport {
        var incident = IncidentReport()
        incident.kind = "contradiction"
        incident.device = key.byteString
        incident.count = 1
        incident.contradictions = [later]
        for item in all where item.deviceClass == settled { incident.evidence.append(EvidenceReport(item)) }
        let held = incident.evidence.first?.value ?? ""
        incident.summary =
            "held to be \(settled.name) by \(held), now \(later.value) says \(later.says): two devices under one address?"
        return incident
    }
}

extension IdentityNames {
    init(_ identity: Identity) {
        self.init()
        deviceClass = identity.deviceClass.name
        vendor = identity.vendor ?? ""
        model = identity.model ?? ""
    }
}
