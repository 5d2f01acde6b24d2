public import NetworkTypes
import Policy
import WireProtocol

extension Agent {
    /// The kernel dropped a packet, or would have in monitor mode. `bytes` are its copy from the log, from the IP header on,
    /// and `length` how long it was.
    public mutating func take(
        _ packet: DroppedPacket,
        bytes: [UInt8] = [],
        length: Int = 0,
        now: AgentTime
    ) -> [AgentAction] {
        ledger.add(packet, wallMilliseconds: now.wallMilliseconds)
        var actions: [AgentAction] = []
        let key = DeviceKey(packet.device)
        // The kernel's log is a moment late: what it dropped in a quarantine that an operator has ended brings none about.
        if packet.prefix.reason == .quarantined, registry[key]?.quarantinedUntilMilliseconds == nil { return [] }
        if packet.prefix.reason != .inbound { evidence.keep(packet, bytes: bytes, length: length, now: now) }
        guard registry[key]?.quarantinedUntilMilliseconds == nil else {
            guard let sequel = evidence.sequel(of: packet.device, now: now) else { return [] }
            return [.keepEvidence(name: sequel.name, capture: sequel.capture)]
        }
        if packet.prefix.reason.isFlood { return takeFlood(packet, key, now) }
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
        if packet.isForged { actions += takeForged(packet, key, now) }
        guard packet.prefix.wasDropped, registry[key]?.quarantinedUntilMilliseconds == nil else { return actions }
        return actions + answerViolation(of: packet.device, now: now)
    }

    /// So many packets from addresses that cannot be the device's own,
    static let forgedPackets = 20
    /// within so long are no mistake: two hosts that swap their addresses are told apart by their next ARP message.
    static let forgedMilliseconds: UInt64 = 60_000

    /// Told once in `forgedMilliseconds`; the device goes into quarantine, where floods lead there.
    private mutating func takeForged(_ packet: DroppedPacket, _ key: DeviceKey, _ now: AgentTime) -> [AgentAction] {
        guard let device = registry[key] else { return [] }
        let isOver = now.monotonicMilliseconds >= device.forgedSinceMilliseconds + Agent.forgedMilliseconds
        if isOver || device.forgedCount == 0 { registry[key]?.forgedSinceMilliseconds = now.monotonicMilliseconds }
        let count = isOver ? 1 : device.forgedCount + 1
        registry[key]?.forgedCount = count
        guard count == Agent.forgedPackets else { return [] }
        var incident = IncidentReport()
        incident.kind = "spoofing"
        incident.device = key.byteString
        incident.summary = """
            \(UInt64(count)) packets within \(Agent.forgedMilliseconds / 1000) s from addresses that are not its own, last to \
            \(packet.destination.byteString) \(packet.transport.byteString) \(UInt64(packet.port))
            """
        incident.count = UInt64(count)
        let actions: [AgentAction] = [.report(.critical, .incident(incident))]
        guard packet.prefix.wasDropped, settings.floodQuarantineSeconds > 0 else { return actions }
        return actions
            + quarantine(packet.device, reason: "spoofing", seconds: settings.floodQuarantineSeconds, now: now)
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

    /// One packet too many: the device goes into quarantine, where floods lead there, else it is told once a minute.
    private mutating func takeFlood(_ packet: DroppedPacket, _ key: DeviceKey, _ now: AgentTime) -> [AgentAction] {
        guard now.monotonicMilliseconds >= registry[key]?.floodQuietUntilMilliseconds ?? 0 else { return [] }
        registry[key]?.floodQuietUntilMilliseconds = now.monotonicMilliseconds + Agent.floodQuietMilliseconds
        var incident = IncidentReport()
        incident.kind = "flood"
        incident.device = key.byteString
        incident.summary = """
            \(packet.prefix.reason.name): more than \(UInt64(settings.floods[packet.prefix.reason])) a second, last to \
            \(packet.destination.byteString) \(packet.transport.byteString) \(UInt64(packet.port))
            """
        incident.count = 1
        let actions: [AgentAction] = [.report(.critical, .incident(incident))]
        guard packet.prefix.wasDropped, settings.floodQuarantineSeconds > 0 else { return actions }
        return actions
            + quarantine(packet.device, reason: "flood", seconds: settings.floodQuarantineSeconds, now: now)
    }

    /// How long nothing more is told of a device's flood.
    static let floodQuietMilliseconds: UInt64 = 60_000
    /// A device that is back within so long after it was put into quarantine stays twice as long as the last time,
    public static let returnMilliseconds: UInt64 = 86_400_000
    /// and at most so long.
    public static let longestQuarantineSeconds: UInt64 = 7 * 86_400

    /// Puts a device into quarantine for `seconds`, longer where it comes back. What was kept of its packets goes to disk.
    public mutating func quarantine(
        _ address: MACAddress,
        reason: ByteString,
        seconds: UInt64,
        now: AgentTime
    ) -> [AgentAction] {
        let key = DeviceKey(address)
        var duration = seconds
        if var device = registry[key] {
            let until = device.quarantinedAtMilliseconds &+ Agent.returnMilliseconds
            // Its last time in quarantine counts from its end: a week there is no good conduct.
            let isBack = device.quarantineCount > 0 && now.wallMilliseconds < until &+ device.lastQuarantineMilliseconds
            device.quarantineCount = isBack ? Swift.min(device.quarantineCount + 1, 32) : 1
            for _ in 1..<device.quarantineCount where duration < Agent.longestQuarantineSeconds { duration *= 2 }
            if duration > seconds { duration = Swift.max(seconds, Swift.min(duration, Agent.longestQuarantineSeconds)) }
            device.quarantinedAtMilliseconds = now.wallMilliseconds
            device.lastQuarantineMilliseconds = duration * 1000
            device.quarantinedUntilMilliseconds = now.monotonicMilliseconds + duration * 1000
            device.isDirty = true
            registry[key] = device
        }
        var actions: [AgentAction] = [.quarantine(address, seconds: duration)]
        var report = QuarantineReport()
        report.device = key.byteString
        report.isQuarantined = true
        report.reason = reason
        report.durationSeconds = duration
        // Colons are awkward in names of files.
        let hex = ByteString(address.byteString.bytes.filter { $0 != 0x3A })
        let name: ByteString = "\(now.wallMilliseconds)-\(hex).pcap"
        if let story = evidence.tell(address, name: name, now: now) {
            report.evidenceName = name
            report.detail = story.summary
            actions.append(.keepEvidence(name: report.evidenceName, capture: story.capture))
        }
        actions.append(.report(.critical, .quarantine(report)))
        return actions
    }

    /// An operator lets a device out of quarantine, and trusts its identity again; nothing where neither was in doubt.
    public mutating func release(_ key: DeviceKey, reason: ByteString = "released") -> [AgentAction] {
        var actions: [AgentAction] = []
        if reason != "expired", var device = registry[key], device.isDistrusted {
            device.isDistrusted = false
            device.isDirty = true
            actions = hold(&device)
            registry[key] = device
        }
        guard let address = key.macAddress, registry[key]?.quarantinedUntilMilliseconds != nil else { return actions }
        registry[key]?.quarantinedUntilMilliseconds = nil
        // A flood that begins now is another one.
        registry[key]?.floodQuietUntilMilliseconds = 0
        registry[key]?.forgedCount = 0
        registry[key]?.isDirty = true
        // Whoever is let out by hand was put there for nothing, or was mended.
        if reason != "expired" { registry[key]?.quarantineCount = 0 }
        scans.forget(address)
        evidence.forget(address)
        var report = QuarantineReport()
        report.device = key.byteString
        report.isQuarantined = false
        report.reason = reason
        return actions + [.release(address), .report(.notice, .quarantine(report))]
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
