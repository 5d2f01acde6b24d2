public import NetworkTypes
import Policy
import WireProtocol

extension Agent {
    /// The kernel dropped a packet, or would have in monitor mode.
    public mutating func take(_ packet: DroppedPacket, now: AgentTime) -> [AgentAction] {
        ledger.add(packet, wallMilliseconds: now.wallMilliseconds)
        var actions: [AgentAction] = []
        let key = DeviceKey(packet.device)
        guard registry[key]?.quarantinedUntilMilliseconds == nil else { return [] }
        if let scan = scans.take(packet, monotonicMilliseconds: now.monotonicMilliseconds) {
            var incident = IncidentReport()
            incident.kind = "scan"
            incident.device = key.byteString
            incident.summary = scan.summary
            incident.count = scan.count
            actions.append(.report(.critical, .incident(incident)))
            guard settings.scanQuarantineSeconds > 0 else { return actions }
            return actions
                + quarantine(packet.device, reason: "scan", seconds: settings.scanQuarantineSeconds, now: now)
        }
        guard packet.prefix.wasDropped else { return actions }
        return actions + answerViolation(of: packet.device, now: now)
    }

    /// A device carries data in the names it asks for; `tunnel` is nil where that was reported within the hour. Each
    /// question counts as a violation: it is one more piece of data, as a dropped packet is one more try.
    public mutating func suspect(_ address: MACAddress, tunnel: DNSTunnel?, now: AgentTime) -> [AgentAction] {
        let key = DeviceKey(address)
        guard let device = registry[key], device.quarantinedUntilMilliseconds == nil else { return [] }
        var actions: [AgentAction] = []
        if let tunnel {
            var incident = IncidentReport()
            incident.kind = "dns-tunnel"
            incident.device = key.byteString
            incident.summary = tunnel.summary
            incident.count = tunnel.names
            actions.append(.report(.critical, .incident(incident)))
        }
        // As with packets: under a policy that drops nothing, nothing ends in quarantine.
        guard settings.isEnforcing, bundle?.allowlist(for: device.facts(site: settings.site)).mode == .enforce else {
            return actions
        }
        return actions + answerViolation(of: address, now: now)
    }

    /// Counts one violation; quarantine where the policy says that it was one too many.
    private mutating func answerViolation(of address: MACAddress, now: AgentTime) -> [AgentAction] {
        guard let bundle, let device = registry[DeviceKey(address)],
            let response = bundle.allowlist(for: device.facts(site: settings.site)).onViolation,
            ledger.exceeds(
                response.quarantineAfter,
                withinSeconds: response.withinSeconds,
                device: address,
                monotonicMilliseconds: now.monotonicMilliseconds
            )
        else { return [] }
        return quarantine(address, reason: "violations", seconds: UInt64(response.forSeconds), now: now)
    }

    /// Puts a device into quarantine.
    public mutating func quarantine(
        _ address: MACAddress,
        reason: ByteString,
        seconds: UInt64,
        now: AgentTime
    ) -> [AgentAction] {
        let key = DeviceKey(address)
        registry[key]?.quarantinedUntilMilliseconds = now.monotonicMilliseconds + seconds * 1000
        registry[key]?.isDirty = true
        var report = QuarantineReport()
        report.device = key.byteString
        report.isQuarantined = true
        report.reason = reason
        report.durationSeconds = seconds
        return [.quarantine(address, seconds: seconds), .report(.critical, .quarantine(report))]
    }

    /// An operator lets a device out of quarantine; false where it is not in.
    public mutating func release(_ key: DeviceKey, reason: ByteString = "released") -> [AgentAction] {
        guard let address = key.macAddress, registry[key]?.quarantinedUntilMilliseconds != nil else { return [] }
        registry[key]?.quarantinedUntilMilliseconds = nil
        registry[key]?.isDirty = true
        scans.forget(address)
        var report = QuarantineReport()
        report.device = key.byteString
        report.isQuarantined = false
        report.reason = reason
        return [.release(address), .report(.notice, .quarantine(report))]
    }

    /// The devices in quarantine and the seconds each has left.
    public func quarantined(now: AgentTime) -> [(device: MACAddress, seconds: UInt64)] {
        var list: [(device: MACAddress, seconds: UInt64)] = []
        for key in registry.devices.keys.ordered() {
            guard let address = key.macAddress, let until = registry[key]?.quarantinedUntilMilliseconds,
                until > now.monotonicMilliseconds
            else { continue }
            list.append((address, (until - now.monotonicMilliseconds + 999) / 1000))
        }
        return list
    }

    mutating func endQuarantines(now: AgentTime) -> [AgentAction] {
        var actions: [AgentAction] = []
        for key in registry.devices.keys.ordered() {
            guard let until = registry[key]?.quarantinedUntilMilliseconds, until <= now.monotonicMilliseconds else {
                continue
            }
            actions += release(key, reason: "expired")
        }
        return actions
    }
}
