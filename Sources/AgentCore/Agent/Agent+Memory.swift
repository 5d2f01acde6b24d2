import Fingerprinting
public import NetworkTypes
public import WireProtocol

extension Agent {
    /// A device that was known before a restart: its signals are weighed anew by the knowledge at hand.
    public mutating func remember(_ report: DeviceReport, now: AgentTime) {
        guard let key = DeviceKey(report.key),
            case .added = registry.admit(
                key,
                interface: report.interface,
                knowledge: knowledge,
                wallMilliseconds: report.firstSeenMilliseconds
            ), var device = registry[key]
        else { return }
        device.isDeauthorised = report.isQuarantined && key.macAddress == nil
        var signals: [Signal] = []
        device.lastSeenMilliseconds = report.lastSeenMilliseconds
        // From a file, which may say of two devices that they have it.
        for address in report.addresses where owners[address] == nil || address.isLinkLocal {
            own(address, &device, wallMilliseconds: report.lastSeenMilliseconds)
        }
        for evidence in report.evidence + report.contradictions {
            if let record = ProbeRecord(evidence) { device.probes.note(record) }
            guard let kind = SignalKind.allCases.first(where: { $0.name == evidence.signal }) else { continue }
            signals.append(Signal(kind, evidence.value))
        }
        for signal in signals { device.tracker.add(signal, knowledge: knowledge) }
        if !device.isDeauthorised { localInventory.admit(key, LocalFunctions(signals)) }
        if !report.hostname.isEmpty {
            device.tracker.add(Signal(.dhcpHostname, report.hostname), knowledge: knowledge)
        }
        device.history = report.history
        device.isDistrusted = report.isDistrusted
        device.quarantineCount = report.quarantineCount
        device.quarantinedAtMilliseconds = report.quarantinedAtMilliseconds
        // From a file: a time of its own making must not overflow.
        device.lastQuarantineMilliseconds = Swift.min(
            report.quarantineMilliseconds,
            Agent.longestQuarantineSeconds * 1000
        )
        var before = Identity()
        before.deviceClass = DeviceClass(name: report.deviceClass) ?? .unknown
        before.vendor = report.vendor
        before.model = report.model
        device.noteChange(from: before, by: EvidenceReport(of: knowledge), at: now.wallMilliseconds)
        registry[key] = device
    }

    /// A device that an earlier run had put into quarantine, which the kernel still holds.
    public mutating func restoreQuarantine(_ address: MACAddress, seconds: UInt64, now: AgentTime) {
        let key = DeviceKey(address)
        _ = registry.admit(key, interface: "", knowledge: knowledge, wallMilliseconds: now.wallMilliseconds)
        registry[key]?.quarantinedUntilMilliseconds = now.monotonicMilliseconds + seconds * 1000
    }
}
