public import CollectorCore
import Foundation
import GRDB
import WireProtocol

extension SQLiteStore {
    /// As `GatewayStore` says.
    public func gateways(_ query: GatewayQuery) async throws(StoreError) -> [GatewayOverview] {
        try await read { database in
            let counts = try DeviceTable.counts(
                tenant: query.tenant,
                gateway: nil,
                nowMilliseconds: query.nowMilliseconds,
                database
            )
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT document FROM gateways WHERE tenant = ? AND (? IS NULL OR site = ?) AND gateway > ?
                    ORDER BY gateway LIMIT ?
                    """,
                arguments: [
                    query.tenant, query.site, query.site, query.after ?? "",
                    min(max(query.limit, 0), StoreLimits.maximumPageSize),
                ]
            ).map { row in
                var overview = GatewayOverview(record: try row.document(GatewayRecord.self))
                overview.devices = counts[overview.record.key.gateway] ?? DeviceCounts()
                return overview
            }
        }
    }

    /// As `GatewayStore` says.
    public func gateway(_ key: GatewayKey, nowMilliseconds: UInt64) async throws(StoreError) -> GatewayOverview? {
        try await read { database in
            guard let found = try GatewayTable.fetch(key, database) else { return nil }
            var overview = GatewayOverview(record: found.record)
            overview.devices =
                try DeviceTable.counts(
                    tenant: key.tenant,
                    gateway: key.gateway,
                    nowMilliseconds: nowMilliseconds,
                    database
                )[key.gateway] ?? DeviceCounts()
            return overview
        }
    }

    /// As `GatewayStore` says.
    public func devices(_ query: DeviceQuery) async throws(StoreError) -> [DeviceOverview] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT d.document AS document, COALESCE(r.dropped, 0) AS dropped,
                        COALESCE(r.would_drop, 0) AS would_drop
                    FROM devices d LEFT JOIN \(DeviceTable.recent) r
                        ON r.tenant = d.tenant AND r.gateway = d.gateway AND r.device = d.device
                    WHERE d.tenant = ? AND (? IS NULL OR d.gateway = ?) AND (? IS NULL OR d.class = ?)
                        AND (? IS NULL OR d.is_quarantined = ?) AND (d.gateway, d.device) > (?, ?)
                    ORDER BY d.gateway, d.device LIMIT ?
                    """,
                arguments: [
                    DeviceTable.firstHour(query.nowMilliseconds), query.tenant, query.gateway, query.gateway,
                    query.deviceClass, query.deviceClass, query.isQuarantined, query.isQuarantined,
                    query.after?.gateway ?? "", query.after?.key ?? "",
                    min(max(query.limit, 0), StoreLimits.maximumPageSize),
                ]
            ).map(DeviceTable.overview)
        }
    }

    /// As `GatewayStore` says.
    public func device(
        _ key: String,
        of gateway: GatewayKey,
        nowMilliseconds: UInt64
    ) async throws(StoreError) -> DeviceOverview? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT d.document AS document, COALESCE(r.dropped, 0) AS dropped,
                        COALESCE(r.would_drop, 0) AS would_drop
                    FROM devices d LEFT JOIN \(DeviceTable.recent) r
                        ON r.tenant = d.tenant AND r.gateway = d.gateway AND r.device = d.device
                    WHERE d.tenant = ? AND d.gateway = ? AND d.device = ?
                    """,
                arguments: [DeviceTable.firstHour(nowMilliseconds), gateway.tenant, gateway.gateway, key]
            ).map(DeviceTable.overview)
        }
    }

    /// As `GatewayStore` says.
    public func ban(_ gateway: GatewayKey, _ ban: BanRecord, audit: AuditEntry) async throws(StoreError) {
        try await operate(gateway, audit, "Banned by \(ban.actor): \(ban.reason)", .warning) {
            if $0.ban == nil { $0.ban = ban }
        }
    }

    /// As `GatewayStore` says.
    public func unban(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError) {
        try await operate(gateway, audit, "The ban was lifted by \(audit.actor)", .notice) { $0.ban = nil }
    }

    /// As `GatewayStore` says.
    public func hold(_ gateway: GatewayKey, _ hold: HoldRecord) async throws(StoreError) {
        try await write { database in
            var isNew = false
            try GatewayTable.change(gateway, database) { record in
                guard record.hold == nil else { return }
                isNew = true
                record.hold = hold
            }
            guard isNew else { return [] }
            try GatewayTable.appendOwnEvent(
                .incident,
                of: gateway,
                severity: .critical,
                nowMilliseconds: hold.sinceMilliseconds,
                summary: "Held: \(hold.reason)",
                fields: [EventField("kind", "clone")],
                database
            )
            return [.gateway(gateway), .events(gateway, upTo: UInt64(clamping: database.lastInsertedRowID))]
        }
    }

    /// As `GatewayStore` says.
    public func endHold(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError) {
        try await operate(gateway, audit, "The hold was ended by \(audit.actor)", .notice) { record in
            record.hold = nil
            record.agent = AgentSummary()
        }
    }

    /// As `GatewayStore` says.
    public func update(
        _ gateway: GatewayKey,
        name: String?,
        site: String?,
        labels: [String: String]?,
        audit: AuditEntry
    ) async throws(StoreError) {
        try await operate(gateway, audit, "Changed by \(audit.actor): \(audit.detail)", .informational) { record in
            record.name = name ?? record.name
            record.site = site ?? record.site
            record.labels = labels ?? record.labels
        }
    }

    /// As `GatewayStore` says.
    public func recordCertificate(
        _ certificate: CertificateSummary,
        of gateway: GatewayKey,
        audit: AuditEntry
    ) async throws(StoreError) {
        try await operate(gateway, audit, "Certificate renewed", .informational) { record throws(StoreError) in
            if let refusal = record.renewalRefusal { throw .conflict(refusal) }
            record.certificate = certificate
        }
    }

    /// A change to a gateway with its audit line and its event.
    private func operate(
        _ gateway: GatewayKey,
        _ audit: AuditEntry,
        _ summary: String,
        _ severity: Report.Severity,
        _ change: @escaping @Sendable (inout GatewayRecord) throws(StoreError) -> Void
    ) async throws(StoreError) {
        try await write { database in
            try GatewayTable.change(gateway, database, change)
            try AuditTable.append(audit, database)
            try GatewayTable.appendOwnEvent(
                .lifecycle,
                of: gateway,
                severity: severity,
                nowMilliseconds: audit.timeMilliseconds,
                summary: summary,
                database
            )
            return [.gateway(gateway), .events(gateway, upTo: UInt64(clamping: database.lastInsertedRowID))]
        }
    }
}
