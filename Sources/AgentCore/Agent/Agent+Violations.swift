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
        guard packet.prefix.wasDropped, let bundle, let device = registry[key] else { return actions }
        let allowlist = bundle.allowlist(for: device.facts(site: settings.site))
        guard let response = allowlist.onViolation,
            ledger.exceeds(
                response.quarantineAfter,
                withinSeconds: response.withinSeconds,
                device: packet.device,
                monotonicMilliseconds: now.monotonicMilliseconds
            )
        else { return actions }
        actions += quarantine(
            packet.device,
            reason: "violations",
            seconds: UInt64(response.forSeconds),
            now: now
        )
        return actions
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
