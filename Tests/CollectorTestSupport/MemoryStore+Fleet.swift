import CollectorCore
import Storage
import Synchronization
import WireProtocol

extension MemoryStore {
    private func overview(_ record: GatewayRecord, _ state: borrowing State) -> GatewayOverview {
        var overview = GatewayOverview(record: record)
        for device in (state.devices[record.key] ?? [:]).values {
            overview.devices.total += 1
            overview.devices.identified += Posture.isIdentified(device) ? 1 : 0
            overview.devices.governed += Posture.isGoverned(device) ? 1 : 0
            overview.devices.quarantined += device.isQuarantined ? 1 : 0
            overview.devices.violating += device.droppedCount > 0 ? 1 : 0
            overview.devices.scoreSum += Posture.score(self.overview(device)).points
        }
        return overview
    }

    private func overview(_ record: DeviceRecord) -> DeviceOverview {
        DeviceOverview(
            record: record,
            recentDroppedCount: record.droppedCount,
            recentWouldDropCount: record.wouldDropCount
        )
    }

    public func gateways(_ query: GatewayQuery) async throws(StoreError) -> [GatewayOverview] {
        state.withLock { state in
            state.gateways.values.filter { record in
                record.key.tenant == query.tenant && (query.site == nil || record.site == query.site)
                    && (query.after.map { record.key.gateway > $0 } ?? true)
            }
            .sorted { $0.key < $1.key }.prefix(query.limit).map { overview($0, state) }
        }
    }

    public func gateway(_ key: GatewayKey, nowMilliseconds: UInt64) async throws(StoreError) -> GatewayOverview? {
        state.withLock { state in state.gateways[key].map { overview($0, state) } }
    }

    public func devices(_ query: DeviceQuery) async throws(StoreError) -> [DeviceOverview] {
        let all: [DeviceRecord] = state.withLock { state in
            state.devices.values.flatMap { Array($0.values) }
        }
        let found = all.filter { MemoryStore.isMeant($0, query) }
        return found.sorted { ($0.gateway.gateway, $0.key) < ($1.gateway.gateway, $1.key) }
            .prefix(query.limit).map { overview($0) }
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
        state.withLock { $0.devices[gateway]?[key] }.map { overview($0) }
    }

    private func change(_ key: GatewayKey, _ audit: AuditEntry?, _ work: (inout GatewayRecord) -> Void)
        throws(StoreError)
    {
        let isThere = state.withLock { state in
            guard var record = state.gateways[key] else { return false }
            work(&record)
            state.gateways[key] = record
            return true
        }
        guard isThere else { throw .notFound("gateway \(key.gateway)") }
        if let audit { self.audit(audit) }
        publish(.gateway(key))
    }

    public func ban(_ gateway: GatewayKey, _ ban: BanRecord, audit: AuditEntry) async throws(StoreError) {
        try change(gateway, audit) { $0.ban = $0.ban ?? ban }
    }

    public func unban(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError) {
        try change(gateway, audit) { $0.ban = nil }
    }

    public func hold(_ gateway: GatewayKey, _ hold: HoldRecord) async throws(StoreError) {
        try change(gateway, nil) { $0.hold = hold }
    }

    public func endHold(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError) {
        try change(gateway, audit) { $0.hold = nil }
    }

    public func update(
        _ gateway: GatewayKey,
        name: String?,
        site: String?,
        labels: [String: String]?,
        audit: AuditEntry
    ) async throws(StoreError) {
        try change(gateway, audit) {
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
        try change(gateway, audit) { $0.certificate = certificate }
    }

    public func events(_ query: EventQuery) async throws(StoreError) -> [EventRecord] {
        state.withLock { state in
            Array(
                state.events.reversed().filter { event in
                    event.gateway.tenant == query.tenant
                        && (query.gateway == nil || event.gateway.gateway == query.gateway)
                        && (query.device == nil || event.device == query.device)
                        && (query.kinds.isEmpty || query.kinds.contains(event.kind))
                        && event.severity >= query.minimumSeverity
                        && event.receivedMilliseconds >= query.sinceMilliseconds && event.id < query.before ?? .max
                }
                .prefix(query.limit)
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

    // MARK: What agents write: not here

    public func recordConnection(_ connection: ConnectionRecord) async throws(StoreError) -> GatewayRecord {
        throw .failed("not in memory")
    }

    public func recordDisconnection(
        of gateway: GatewayKey,
        instance: String,
        reason: String,
        nowMilliseconds: UInt64
    ) async throws(StoreError) { throw .failed("not in memory") }

    public func ingest(_ submission: IngestSubmission) async throws(StoreError) -> IngestOutcome {
        throw .failed("not in memory")
    }

    public func recordSigns(of gateways: [GatewayKey], nowMilliseconds: UInt64) async throws(StoreError) {}

    public func markSilent(
        beforeMilliseconds: UInt64,
        nowMilliseconds: UInt64
    ) async throws(StoreError) -> [GatewayKey] { [] }

    public func resetConnections() async throws(StoreError) {}
}
