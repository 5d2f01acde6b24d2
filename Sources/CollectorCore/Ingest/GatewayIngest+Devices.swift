import NetworkTypes
import WireProtocol

extension GatewayIngest {
    mutating func take(_ report: DeviceReport, of envelope: Report) {
        guard let key = DeviceKey(report.key)?.byteString.text else {
            withGateway { $0.refusedCount += 1 }
            return
        }
        let known = device(key)
        var record = known ?? DeviceRecord(gateway: gateway.key, key: key)
        record.apply(report)
        guard keep(record) else {
            withGateway { $0.refusedCount += 1 }
            return
        }
        guard let known else {
            append(
                .deviceAppeared,
                of: envelope,
                device: key,
                summary: "New device: \(record.title)",
                fields: [
                    EventField("class", record.deviceClass), EventField("vendor", record.vendor),
                    EventField("model", record.model), EventField("policy", record.policy),
                ].filter { !$0.value.isEmpty }
            )
            return
        }
        let changes = record.changes(since: known)
        guard !changes.isEmpty else { return }
        append(
            .deviceChanged,
            of: envelope,
            device: key,
            summary: "\(record.title): \(changes.map(\.name).filter { !$0.hasPrefix("was.") }.joined(separator: ", "))"
                + " changed",
            fields: changes
        )
    }

    mutating func take(_ report: ViolationReport, of envelope: Report) {
        let key = ReportText.clean(report.device)
        count(report, device: key)
        if var record = device(key) {
            if report.wasDropped {
                record.droppedCount = record.droppedCount.addingClamped(report.count)
            } else {
                record.wouldDropCount = record.wouldDropCount.addingClamped(report.count)
            }
            record.lastViolationMilliseconds = max(record.lastViolationMilliseconds, report.lastMilliseconds)
            _ = keep(record)
        }
        let name = ReportText.clean(report.destinationName)
        let address = report.destination.description
        let transport = TransportName.of(report.transport)
        let place = "\(name.isEmpty ? address : name) \(report.port)/\(transport)"
        append(
            .violation,
            of: envelope,
            device: key,
            summary: "\(report.wasDropped ? "Dropped" : "Would drop") \(report.count) to \(place): "
                + ReportText.clean(report.reason),
            fields: [
                EventField("destination", address), EventField("name", name), EventField("transport", transport),
                EventField("port", String(report.port)), EventField("policy", ReportText.clean(report.policy)),
                EventField("reason", ReportText.clean(report.reason)),
                EventField("dropped", String(report.wasDropped)), EventField("count", String(report.count)),
                EventField("first", String(report.firstMilliseconds)),
                EventField("last", String(report.lastMilliseconds)),
            ]
        )
    }

    mutating func take(_ report: QuarantineReport, of envelope: Report) {
        let key = ReportText.clean(report.device)
        let reason = ReportText.clean(report.reason)
        if var record = device(key) {
            record.isQuarantined = report.isQuarantined
            record.quarantineReason = report.isQuarantined ? reason : ""
            _ = keep(record)
        }
        append(
            .quarantine,
            of: envelope,
            device: key,
            summary: report.isQuarantined
                ? "Put into quarantine for \(report.durationSeconds) s: \(reason)"
                    + (report.detail.isEmpty ? "" : "; \(ReportText.clean(report.detail))")
                : "Let out of quarantine: \(reason)",
            fields: [
                EventField("quarantined", String(report.isQuarantined)), EventField("reason", reason),
                EventField("duration", String(report.durationSeconds)),
            ] + (report.detail.isEmpty ? [] : [EventField("detail", ReportText.clean(report.detail))])
                + (report.evidenceName.isEmpty
                    ? [] : [EventField("evidence", ReportText.clean(report.evidenceName))])
        )
    }

    mutating func take(_ report: IncidentReport, of envelope: Report) {
        let kind = ReportText.clean(report.kind)
        append(
            .incident,
            of: envelope,
            device: ReportText.clean(report.device),
            summary: ReportText.clean(report.summary),
            fields: [EventField("kind", kind), EventField("count", String(report.count))]
                + fields("evidence", report.evidence) + fields("contradiction", report.contradictions)
        )
    }
}

/// A field for each piece of evidence: `dhcp.vendorClass MSFT 5.0: os=Windows (0.600)`.
private func fields(_ name: String, _ list: [EvidenceReport]) -> [EventField] {
    list.prefix(IncidentReport.maximumEvidenceCount).map(EvidenceRecord.init).enumerated().map { index, evidence in
        let digits = String(evidence.weight)
        let weight = evidence.weight >= 1000 ? "1" : "0." + String(repeating: "0", count: 3 - digits.count) + digits
        return EventField("\(name).\(index + 1)", "\(evidence.signal) \(evidence.value): \(evidence.says) (\(weight))")
    }
}

extension DeviceRecord {
    /// What people call it: vendor and model, else its name, else its key.
    public var title: String {
        let product = [vendor, model].filter { !$0.isEmpty }.joined(separator: " ")
        if !product.isEmpty { return product }
        return hostname.isEmpty ? key : hostname
    }

    mutating func apply(_ report: DeviceReport) {
        addresses = report.addresses.prefix(DeviceReport.maximumAddressCount).map(\.description)
        deviceClass = ReportText.clean(report.deviceClass)
        if deviceClass.isEmpty { deviceClass = "unknown" }
        vendor = ReportText.clean(report.vendor)
        model = ReportText.clean(report.model)
        firmware = ReportText.clean(report.firmware)
        operatingSystem = ReportText.clean(report.operatingSystem)
        hostname = ReportText.clean(report.hostname)
        classConfidence = min(report.classConfidence, 1000)
        vendorConfidence = min(report.vendorConfidence, 1000)
        modelConfidence = min(report.modelConfidence, 1000)
        evidence = report.evidence.prefix(DeviceReport.maximumEvidenceCount).map(EvidenceRecord.init)
        contradictions = report.contradictions.prefix(DeviceReport.maximumEvidenceCount).map(EvidenceRecord.init)
        // What is no change is left out: the rest of the report holds all the same.
        history = report.history.prefix(DeviceReport.maximumHistoryCount).compactMap { item in
            (try? IdentityChangeReport(decoding: item.bytes)).map { IdentityChangeRecord($0) }
        }
        policy = ReportText.clean(report.policy)
        interface = ReportText.clean(report.interface)
        firstSeenMilliseconds = report.firstSeenMilliseconds
        lastSeenMilliseconds = max(lastSeenMilliseconds, report.lastSeenMilliseconds)
        isQuarantined = report.isQuarantined
        if !isQuarantined { quarantineReason = "" }
    }

    /// What differs in what people look at: pairs of the new value and, before its name `was.`, the old one.
    func changes(since old: DeviceRecord) -> [EventField] {
        let pairs: [(String, String, String)] = [
            ("class", old.deviceClass, deviceClass), ("vendor", old.vendor, vendor), ("model", old.model, model),
            ("firmware", old.firmware, firmware), ("os", old.operatingSystem, operatingSystem),
            ("hostname", old.hostname, hostname), ("policy", old.policy, policy),
        ]
        return pairs.filter { $0.1 != $0.2 }.flatMap { [EventField($0.0, $0.2), EventField("was.\($0.0)", $0.1)] }
    }
}

extension EvidenceRecord {
    init(_ report: EvidenceReport) {
        self.init(
            signal: ReportText.clean(report.signal),
            value: ReportText.clean(report.value),
            says: ReportText.clean(report.says),
            weight: min(report.weight, 1000)
        )
    }
}

extension IdentityChangeRecord {
    init(_ report: IdentityChangeReport) {
        self.init(
            timeMilliseconds: report.timeMilliseconds,
            before: Names(report.before),
            after: Names(report.after),
            evidence: EvidenceRecord(report.evidence)
        )
    }
}

extension IdentityChangeRecord.Names {
    init(_ names: IdentityNames) {
        self.init(
            deviceClass: names.deviceClass.isEmpty ? "unknown" : ReportText.clean(names.deviceClass),
            vendor: ReportText.clean(names.vendor),
            model: ReportText.clean(names.model)
        )
    }
}
