internal import CollectorAPI
internal import CollectorCore
internal import Storage

extension DeviceResource {
    /// A device; with its evidence and what it lost where `isWhole`.
    init(_ overview: DeviceOverview, site: String, isWhole: Bool) {
        let record = overview.record
        self.init(
            key: record.key,
            gateway: record.gateway.gateway,
            site: site,
            firstSeen: Timestamp(milliseconds: record.firstSeenMilliseconds),
            lastSeen: Timestamp(milliseconds: record.lastSeenMilliseconds)
        )
        func known(_ text: String) -> String? { text.isEmpty ? nil : text }
        addresses = record.addresses
        self.class = record.deviceClass.isEmpty ? "unknown" : record.deviceClass
        vendor = known(record.vendor)
        model = known(record.model)
        firmware = known(record.firmware)
        os = known(record.operatingSystem)
        hostname = known(record.hostname)
        confidence = Confidence(
            class: DeviceResource.share(record.classConfidence),
            vendor: DeviceResource.share(record.vendorConfidence),
            model: DeviceResource.share(record.modelConfidence)
        )
        policy = known(record.policy)
        interface = record.interface
        isQuarantined = record.isQuarantined
        quarantineReason = known(record.quarantineReason)
        droppedCount = record.droppedCount
        wouldDropCount = record.wouldDropCount
        let posture = Posture.score(overview)
        score = Int(posture.points)
        guard isWhole else { return }
        evidence = record.evidence.map(Evidence.init)
        contradictions = record.contradictions.map(Evidence.init)
        mudURL = DeviceResource.mudURL(record.evidence)
        history = (record.history ?? []).reversed().map(Change.init)
        deductions = posture.deductions.map {
            PostureResource.Deduction(points: Int($0.points), reason: $0.reason, gateways: 1)
        }
    }

    /// What the device says of its MUD file: by DHCP (options 161 and 112) before LLDP. RFC 8520 §5 asks for `https`; what is
    /// anything else is no URL to be opened.
    private static func mudURL(_ evidence: [EvidenceRecord]) -> String? {
        for signal in ["dhcp.mudURL", "dhcpv6.mudURL", "lldp.mudURL"] {
            let said = evidence.first { $0.signal == signal && $0.value.lowercased().hasPrefix("https://") }
            if let said { return said.value }
        }
        return nil
    }

    /// Thousandths as a share of 1.
    static func share(_ perMille: UInt64) -> Double { Double(min(perMille, 1000)) / 1000 }
}

extension DeviceResource.Change {
    init(_ record: IdentityChangeRecord) {
        self.init(
            time: Timestamp(milliseconds: min(record.timeMilliseconds, Timestamp.maximumMilliseconds)),
            before: Names(record.before),
            after: Names(record.after),
            evidence: DeviceResource.Evidence(record.evidence)
        )
    }
}

extension DeviceResource.Change.Names {
    init(_ names: IdentityChangeRecord.Names) {
        self.init(
            class: names.deviceClass,
            vendor: names.vendor.isEmpty ? nil : names.vendor,
            model: names.model.isEmpty ? nil : names.model
        )
    }
}

extension DeviceResource.Evidence {
    /// `class=ip-camera vendor=Axis Communications` becomes a dictionary: a word with `=` begins a pair, the words
    /// after it belong to its value.
    init(_ record: EvidenceRecord) {
        var says: [String: String] = [:]
        var name: String?
        for word in record.says.split(separator: " ") {
            if let equals = word.firstIndex(of: "="), equals != word.startIndex {
                let key = String(word[..<equals])
                says[key] = String(word[word.index(after: equals)...])
                name = key
            } else if let name, let value = says[name] {
                says[name] = value + " " + word
            }
        }
        self.init(
            signal: record.signal,
            value: record.value,
            says: says,
            weight: DeviceResource.share(record.weight)
        )
    }
}

extension EventResource {
    /// An event; `site` is that of its gateway.
    init(_ record: EventRecord, site: String) {
        var violation: Violation?
        if record.kind == .violation {
            violation = Violation(
                destination: record.value(of: "destination") ?? "",
                destinationName: record.value(of: "name").flatMap { $0.isEmpty ? nil : $0 },
                transport: record.value(of: "transport") ?? "",
                port: record.value(of: "port").flatMap(UInt64.init) ?? 0,
                policy: record.value(of: "policy") ?? "",
                reason: record.value(of: "reason") ?? "",
                wasDropped: record.value(of: "dropped") != "false",
                count: record.value(of: "count").flatMap(UInt64.init) ?? 0
            )
        }
        self.init(
            id: record.id,
            gateway: record.gateway.gateway,
            site: site,
            kind: record.kind.rawValue,
            severity: EventResource.word(for: record.severity),
            time: Timestamp(milliseconds: record.timeMilliseconds),
            received: Timestamp(milliseconds: record.receivedMilliseconds),
            device: record.device.isEmpty ? nil : record.device,
            summary: record.summary,
            fields: Dictionary(record.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            violation: violation,
            bootEpoch: record.bootEpoch,
            sequence: record.sequence
        )
    }
}
