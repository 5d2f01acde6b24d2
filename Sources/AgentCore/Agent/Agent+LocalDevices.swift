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
            switch registry.admit(
                found.key,
                interface: "",
                knowledge: knowledge,
                wallMilliseconds: now.wallMilliseconds
            ) {
            case .added(let evicted): if let address = evicted?.macAddress { actions.append(.letGo(address)) }
            // A device that finds no place is judged all the same.
            case .known, .turnedAway: break
            }
            if var device = registry[found.key] {
                device.lastSeenMilliseconds = now.wallMilliseconds
                for signal in found.signals where device.tracker.add(signal, knowledge: knowledge) {
                    device.isDirty = true
                }
                registry[found.key] = device
            }
            let news = localInventory.news(found)
            if !news.isEmpty { actions += judge(found, news) }
        }
        localInventory.isTaken = true
        return actions
    }

    private mutating func judge(_ found: LocalDevice, _ news: LocalFunctions) -> [AgentAction] {
        let wasDeauthorised = registry[found.key]?.isDeauthorised == true
        guard localInventory.isTaken || wasDeauthorised else {
            localInventory.admit(found.key, news)
            return []
        }
        var incident = IncidentReport()
        incident.kind = "local-device"
        incident.device = found.key.byteString
        incident.count = 1
        let what: ByteString =
            localInventory.contains(found.key) ? "a known device now declares" : "a new device declares"
        incident.summary = "\(what) \(news.byteString) at USB port \(found.usbPort)"
        let policy = bundle?.baseline.usb ?? USBPolicy()
        guard
            policy.deauthorises(found.key.byteString, input: news.input, storage: news.storage)
        else {
            localInventory.admit(found.key, news)
            setDeauthorised(found.key, false)
            return [.report(.warning, .incident(incident))]
        }
        guard settings.isEnforcing, bundle?.baseline.unknown.mode == .enforce else {
            localInventory.admit(found.key, news)
            incident.summary.append("; it would be de-authorised in enforce mode")
            return [.report(.warning, .incident(incident))]
        }
        localInventory.refuse(found.key)
        return [.report(.critical, .incident(incident)), .deauthorise(found.key, port: found.usbPort)]
    }

    /// What came of `AgentAction.deauthorise`: `problem` is empty where the kernel was read back to have done it.
    public mutating func deauthorised(_ key: DeviceKey, port: ByteString, problem: ByteString) -> [AgentAction] {
        var incident = IncidentReport()
        incident.kind = "local-device"
        incident.device = key.byteString
        incident.count = 1
        if problem.isEmpty {
            setDeauthorised(key, true)
            incident.summary = "USB port \(port) is de-authorised: authorized reads 0"
        } else {
            incident.summary = "USB port \(port) could not be de-authorised: \(problem)"
        }
        return [.report(.critical, .incident(incident))]
    }

    private mutating func setDeauthorised(_ key: DeviceKey, _ isDeauthorised: Bool) {
        guard var device = registry[key], device.isDeauthorised != isDeauthorised else { return }
        device.isDeauthorised = isDeauthorised
        device.isDirty = true
        registry[key] = device
    }
}
