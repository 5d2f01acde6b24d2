public import Fingerprinting
public import NetworkTypes
import Policy
import WireProtocol

extension Agent {
    /// The devices on local buses, all that are there now.
    ///
    /// One that types or brings files and was not there at start-up, or can do so only now, is an event of its own; the
    /// policy says whether it is also to be de-authorised.
    public mutating func take(_ local: [LocalDevice], now: AgentTime) -> [AgentAction] {
        var actions: [AgentAction] = []
        localInventory.forgetAbsent(local)
        for found in local {
            // A device that finds no place is judged all the same.
            actions += admit(found.key, interface: "", now: now)
            add(found.signals, to: found.key)
            let news = localInventory.news(found)
            if news.rawValue != 0 { actions += judge(found, news) }
        }
        localInventory.isTaken = true
        return actions
    }

    private mutating func judge(_ found: LocalDevice, _ news: LocalFunctions) -> [AgentAction] {
        let isKnown = localInventory.contains(found.key)
        let wasDeauthorised = registry[found.key]?.isDeauthorised == true
        let policy = bundle?.baseline.usb ?? USBPolicy()
        let isForbidden = policy.deauthorises(found.key.byteString, input: news.input, storage: news.storage)
        let isEnforced = isForbidden && settings.isEnforcing && bundle?.baseline.unknown.mode == .enforce
        let what: ByteString = isKnown ? "a known device now declares" : "a new device declares"
        var summary: ByteString = "\(what) \(news.byteString) at USB port \(found.usbPort)"
        guard isEnforced, localInventory.isTaken || wasDeauthorised else {
            localInventory.admit(found.key, news)
            if wasDeauthorised { setDeauthorised(found.key, false) }
            guard localInventory.isTaken else { return [] }
            if isForbidden { summary.append("; it would be de-authorised in enforce mode") }
            return [incident(found.key, summary, .warning)]
        }
        localInventory.refuse(found.key)
        return [incident(found.key, summary, .critical), .deauthorise(found.key, port: found.usbPort)]
    }

    private mutating func setDeauthorised(_ key: DeviceKey, _ isDeauthorised: Bool) {
        guard var device = registry[key] else { return }
        device.isDeauthorised = isDeauthorised
        device.isDirty = true
        registry[key] = device
    }

    private func incident(_ key: DeviceKey, _ summary: ByteString, _ severity: Report.Severity) -> AgentAction {
        var incident = IncidentReport()
        incident.kind = "local-device"
        incident.device = key.byteString
        incident.summary = summary
        incident.count = 1
        return .report(severity, .incident(incident))
    }

    /// What came of `AgentAction.deauthorise`: `problem` is empty where the kernel was read back to have done it.
    public mutating func deauthorised(_ key: DeviceKey, port: ByteString, problem: ByteString) -> [AgentAction] {
        if problem.isEmpty { setDeauthorised(key, true) }
        let outcome: ByteString =
            problem.isEmpty ? "is de-authorised: authorized reads 0" : "could not be de-authorised: \(problem)"
        return [incident(key, "USB port \(port) \(outcome)", .critical)]
    }
}
