import CollectorCore
import Storage
import Synchronization
import WireProtocol

extension MemoryStore {
    private func overview(_ record: GatewayRecord, _ state: borrowing State, now: UInt64) -> GatewayOverview {
        var overview = GatewayOverview(record: record)
        for device in (state.devices[record.key] ?? [:]).values {
            let found = self.overview(device, state, now: now)
            overview.devices.total += 1
            overview.devices.identified += Posture.isIdentified(device) ? 1 : 0
            overview.devices.governed += Posture.isGoverned(device) ? 1 : 0
            overview.devices.quarantined += device.isQuarantined ? 1 : 0
            overview.devices.violating += found.recentDroppedCount + found.recentWouldDropCount > 0 ? 1 : 0
            overview.devices.scoreSum += Posture.score(found).points
        }
        return overview
    }

    private func overview(_ record: DeviceRecord, _ state: borrowing State, now: UInt64) -> DeviceOverview {
        // What a test put in by hand has no hours: then all of it counts as recent.
        guard let hours = state.violations[record.gateway] else {
            return DeviceOverview(
                record: record,
                recentDroppedCount: record.droppedCount,
                recentWouldDropCount: record.wouldDropCount
            )
        }
        let first = now / 3_600_000 - min(now / 3_600_000, StoreLimits.violationWindowHours)
        var overview = DeviceOverview(record: record)
        for (hour, count) in hours where hour.device == record.key && hour.hour >= first {
            overview.recentDroppedCount += count.dropped
            overview.recentWouldDropCount += count.wouldDrop
        }
        return overview
    }

    public func gateways(_ query: GatewayQuery) async throws(StoreError) -> [GatewayOverview] {
        try checkOpen()
        return state.withLock { state in
            state.gateways.values.filter { record in
                record.key.tenant == query.tenant && (query.site == nil || record.site == query.site)
                    && (query.after.map { record.key.gateway > $0 } ?? true)
            }
            .sorted { $0.key < $1.key }.prefix(MemoryStore.pageSize(query.limit)).map {
                overview($0, state, now: query.nowMilliseconds)
            }
        }
    }

    public func gateway(_ key: GatewayKey, nowMilliseconds: UInt64) async throws(StoreError) -> GatewayOverview? {
        try checkOpen()
        return state.withLock { state in state.gateways[key].map { overview($0, state, now: nowMilliseconds) } }
    }

    public func devices(_ query: DeviceQuery) async throws(StoreError) -> [DeviceOverview] {
        try checkOpen()
        return state.withLock { state in
            state.devices.values.flatMap { Array($0.values) }.filter { MemoryStore.isMeant($0, query) }
                .sorted { ($0.gateway.gateway, $0.key) < ($1.gateway.gateway, $1.key) }
                .prefix(MemoryStore.pageSize(query.limit)).map { overview($0, state, now: query.nowMilliseconds) }
        }
    }

    private static func isMeant(_ device: DeviceRecord, _ query: DeviceQuery) -> Bool {
        guard device.gateway.tenant == query.tenant else { return false }
        if let gateway = query.gateway, device.gateway.gateway != gateway { return false }
        if let deviceClass = query.deviceClass, device.deviceClass != deviceClass { return false }
        if let isQuarantined = query.isQuarantined, device.isQuarantined != isQuarantined { return false }
        if let after = query.after, (device.gateway.gateway, device.key) <= after { return false }
        return true
    }

    public func device(
        _ key: String,
        of gateway: GatewayKey,
        nowMilliseconds: UInt64
    ) async throws(StoreError) -> DeviceOverview? {
        try checkOpen()
        return state.withLock { state in
            state.devices[gateway]?[key].map { overview($0, state, now: nowMilliseconds) }
        }
    }

    /// A change to a gateway; what it throws changes nothing.
    func change(_ key: GatewayKey, _ audit: AuditEntry?, _ work: (inout GatewayRecord, inout State) -> Void)
        throws(StoreError)
    {
        let isThere = state.withLock { state in
            guard !state.isClosed, var record = state.gateways[key] else { return false }
            work(&record, &state)
            state.gateways[key] = record
            if let audit { MemoryStore.append(audit, &state) }
            return true
        }
        try checkOpen()
        guard isThere else { throw .notFound("gateway \(key.gateway)") }
        publish(.gateway(key))
    }

    private func operate(_ key: GatewayKey, _ audit: AuditEntry, _ work: (inout GatewayRecord) -> Void)
        throws(StoreError)
    {
        try change(key, audit) { record, state in
            work(&record)
            MemoryStore.appendOwn(.lifecycle, of: key, .notice, at: audit.timeMilliseconds, audit.action, &state)
        }
    }

    public func ban(_ gateway: GatewayKey, _ ban: BanRecord, audit: AuditEntry) async throws(StoreError) {
        try operate(gateway, audit) { $0.ban = $0.ban ?? ban }
    }

    public func unban(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError) {
        try operate(gateway, audit) { $0.ban = nil }
    }

    public func hold(_ gateway: GatewayKey, _ hold: HoldRecord) async throws(StoreError) {
        try change(gateway, nil) { record, state in
            guard record.hold == nil else { return }
            record.hold = hold
            let now = hold.sinceMilliseconds
            let fields = [EventField("kind", "clone")]
            MemoryStore.appendOwn(.incident, of: gateway, .critical, at: now, "Held", &state, fields: fields)
        }
    }

    public func endHold(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError) {
        try operate(gateway, audit) {
            $0.hold = nil
            $0.agent = AgentSummary()
        }
    }

    public func update(
        _ gateway: GatewayKey,
        name: String?,
        site: String?,
        labels: [String: String]?,
        audit: AuditEntry
    ) async throws(StoreError) {
        try operate(gateway, audit) {
            $0.name = name ?? $0.name
            $0.site = site ?? $0.site
            $0.labels = labels ?? $0.labels
        }
    }

    public func recordCertificate(
        _ certificate: CertificateSummary,
        of gateway: GatewayKey,
        audit: AuditEntry
    ) async throws(StoreError) {
        if let refusal = state.withLock({ $0.gateways[gateway]?.renewalRefusal }) { throw .conflict(refusal) }
        try operate(gateway, audit) { $0.certificate = certificate }
    }

    public func events(_ query: EventQuery) async throws(StoreError) -> [EventRecord] {
        try checkOpen()
        return state.withLock { state in
            Array(
                state.events.reversed().filter { event in
                    event.gateway.tenant == query.tenant
                        && (query.gateway == nil || event.gateway.gateway == query.gateway)
                        && (query.device == nil || event.device == query.device)
                        && (query.kinds.isEmpty || query.kinds.contains(event.kind))
                        && event.severity >= query.minimumSeverity
                        && event.receivedMilliseconds >= query.sinceMilliseconds && event.id < query.before ?? .max
                }
                .prefix(MemoryStore.pageSize(query.limit))
            )
        }
    }

    public func event(_ id: UInt64, tenant: String) async throws(StoreError) -> EventRecord? {
        state.withLock { $0.events.first { $0.id == id && $0.gateway.tenant == tenant } }
    }

    public func eventCounts(tenant: String, sinceMilliseconds: UInt64) async throws(StoreError) -> [EventKind: UInt64] {
        state.withLock { state in
            state.events.filter { $0.gateway.tenant == tenant && $0.receivedMilliseconds >= sinceMilliseconds }
                .reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
        }
    }
}
