import Fingerprinting
import NetworkTypes
import WireProtocol

// What a device was held to be before, and when that is another device.
extension RegisteredDevice {
    /// How long after one contradiction no other is reported of the device: a second stack shows in many signals.
    static let contradictionIntervalMilliseconds: UInt64 = 3_600_000

    /// Its names as reports have them.
    var names: IdentityChangeReport.Names {
        var names = IdentityChangeReport.Names()
        names.deviceClass = tracker.identity.deviceClass.name
        names.vendor = tracker.identity.vendor ?? ""
        names.model = tracker.identity.model ?? ""
        return names
    }

    /// Keeps the change from `before` to what it is held to be now, if there is one; the oldest beyond the limit goes.
    mutating func noteChange(from before: IdentityChangeReport.Names, by evidence: EvidenceReport, at time: UInt64) {
        let after = names
        guard after != before else { return }
        var change = IdentityChangeReport()
        change.timeMilliseconds = time
        change.before = before
        change.after = after
        change.evidence = evidence
        if history.count >= DeviceReport.maximumHistoryCount { history.removeFirst() }
        history.append(change)
    }

    /// Takes a signal: weighs it, keeps what that changes, and says whether it shows another device under this address.
    mutating func take(
        _ signal: Signal,
        knowledge: KnowledgeBase,
        now: AgentTime
    ) -> (isChanged: Bool, contradiction: IncidentReport?) {
        let namesBefore = names
        if tracker.identity.isSettled { settled = tracker.identity }
        guard tracker.add(signal, knowledge: knowledge) else { return (false, nil) }
        let identity = tracker.identity
        var decisive: Evidence?
        var contradicting: Evidence?
        for item in identity.evidence + identity.contradictions where item.signal == signal {
            if decisive.map({ $0.weight < item.weight }) ?? true { decisive = item }
            if contradicting == nil, settled?.isContradicted(by: item) == true { contradicting = item }
        }
        noteChange(
            from: namesBefore,
            by: decisive.map { EvidenceReport($0) } ?? EvidenceReport(),
            at: now.wallMilliseconds
        )
        guard let settled, let contradicting, now.monotonicMilliseconds >= quietUntilMilliseconds else {
            return (true, nil)
        }
        quietUntilMilliseconds = now.monotonicMilliseconds + RegisteredDevice.contradictionIntervalMilliseconds
        return (true, contradiction(of: settled, by: contradicting))
    }

    private func contradiction(of identity: Identity, by later: Evidence) -> IncidentReport {
        var incident = IncidentReport()
        incident.kind = "contradiction"
        incident.device = key.byteString
        incident.count = 1
        for item in identity.evidence where item.deviceClass == identity.deviceClass {
            guard incident.evidence.count < IncidentReport.maximumEvidenceCount else { break }
            incident.evidence.append(EvidenceReport(item))
        }
        let other = EvidenceReport(later)
        incident.contradictions = [other]
        incident.summary = "was \(identity.deviceClass.name)"
        if let vendor = identity.vendor { incident.summary.append(" of \(vendor)") }
        if let held = incident.evidence.first { incident.summary.append(" by \(held.signal) \(held.value)") }
        incident.summary.append(
            "; now \(other.signal) \(other.value) says \(other.says): two devices under one address?"
        )
        return incident
    }
}
