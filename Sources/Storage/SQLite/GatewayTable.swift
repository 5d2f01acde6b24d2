import CollectorCore
import Foundation
import GRDB
import WireProtocol

/// Rows of `gateways`.
enum GatewayTable {
    struct Stored {
        var record: GatewayRecord
        var deviceCount: UInt64
    }

    static func fetch(_ key: GatewayKey, _ database: Database) throws -> Stored? {
        guard
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT device_count, document FROM gateways WHERE tenant = ? AND gateway = ?"
                ),
                arguments: [key.tenant, key.gateway]
            )
        else { return nil }
        return Stored(record: try row.document(GatewayRecord.self), deviceCount: row.unsigned("device_count"))
    }

    static func require(_ key: GatewayKey, _ database: Database) throws -> GatewayRecord {
        guard let found = try fetch(key, database) else { throw StoreError.notFound("gateway \(key.gateway)") }
        return found.record
    }

    static func insert(_ record: GatewayRecord, _ database: Database) throws {
        guard try fetch(record.key, database) == nil else {
            throw StoreError.conflict("gateway \(record.key.gateway) exists already")
        }
        try database.execute(
            sql: "INSERT INTO gateways VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)",
            arguments: [
                record.key.tenant, record.key.gateway, record.site, Int64(clamping: record.lastSeenMilliseconds),
                record.connectedSinceMilliseconds != nil, record.isSilent, try Documents.encode(record),
            ]
        )
    }

    static func update(_ record: GatewayRecord, deviceCount: UInt64? = nil, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE gateways SET site = ?, last_seen = ?, is_connected = ?, is_silent = ?,
                    device_count = COALESCE(?, device_count), document = ? WHERE tenant = ? AND gateway = ?
                """
        ).execute(arguments: [
            record.site, Int64(clamping: record.lastSeenMilliseconds), record.connectedSinceMilliseconds != nil,
            record.isSilent, deviceCount.map { Int64(clamping: $0) }, try Documents.encode(record), record.key.tenant,
            record.key.gateway,
        ])
    }

    /// Loads a gateway, lets `change` change it, and writes it back.
    static func change(
        _ key: GatewayKey,
        _ database: Database,
        _ change: (inout GatewayRecord) throws -> Void
    ) throws {
        var record = try require(key, database)
        try change(&record)
        try update(record, database)
    }

    /// Appends an event of the collector's own.
    static func appendOwnEvent(
        _ kind: EventKind,
        of key: GatewayKey,
        severity: Report.Severity,
        nowMilliseconds: UInt64,
        summary: String,
        fields: [EventField] = [],
        _ database: Database
    ) throws {
        try database.execute(
            sql: "UPDATE gateways SET own_events = own_events + 1 WHERE tenant = ? AND gateway = ?",
            arguments: [key.tenant, key.gateway]
        )
        let sequence = try Int64.fetchOne(
            database,
            sql: "SELECT own_events FROM gateways WHERE tenant = ? AND gateway = ?",
            arguments: [key.tenant, key.gateway]
        )
        try EventTable.append(
            EventRecord(
                gateway: key,
                bootEpoch: 0,
                sequence: UInt64(clamping: sequence ?? 0),
                kind: kind,
                severity: severity,
                timeMilliseconds: nowMilliseconds,
                receivedMilliseconds: nowMilliseconds,
                summary: summary,
                fields: fields
            ),
            database
        )
    }
}
