import CollectorCore
import Foundation
import GRDB

/// Rows of `devices` and `violation_hours`.
enum DeviceTable {
    static func fetch(_ keys: Set<String>, of gateway: GatewayKey, _ database: Database) throws -> [String:
        DeviceRecord]
    {
        var devices: [String: DeviceRecord] = [:]
        for key in keys {
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT document FROM devices WHERE tenant = ? AND gateway = ? AND device = ?"
                ),
                arguments: [gateway.tenant, gateway.gateway, key]
            )
            devices[key] = try row?.document(DeviceRecord.self)
        }
        return devices
    }

    static func save(_ device: DeviceRecord, _ database: Database) throws {
        let penalty = Posture.standingDeductions(device).reduce(0) { $0 + $1.points }
        try database.cachedStatement(
            sql: """
                INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, gateway, device) DO UPDATE SET class = excluded.class,
                    is_quarantined = excluded.is_quarantined, is_identified = excluded.is_identified,
                    is_governed = excluded.is_governed, penalty = excluded.penalty, document = excluded.document
                """
        ).execute(arguments: [
            device.gateway.tenant, device.gateway.gateway, device.key, device.deviceClass, device.isQuarantined,
            Posture.isIdentified(device), Posture.isGoverned(device), Int64(clamping: penalty),
            try Documents.encode(device),
        ])
    }

    static func add(
        _ count: ViolationCount,
        _ hour: ViolationHour,
        _ gateway: GatewayKey,
        _ database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO violation_hours VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, gateway, device, hour) DO UPDATE SET
                    dropped = MIN(dropped + excluded.dropped, \(maximumCount)),
                    would_drop = MIN(would_drop + excluded.would_drop, \(maximumCount))
                """
        ).execute(arguments: [
            gateway.tenant, gateway.gateway, hour.device, Int64(clamping: hour.hour),
            Int64(clamping: min(count.dropped, UInt64(maximumCount))),
            Int64(clamping: min(count.wouldDrop, UInt64(maximumCount))),
        ])
    }

    /// Far from the end of SQLite's integers, so that sums do not overflow.
    static let maximumCount: Int64 = 1 << 48

    /// The first hour of the window in which violations count.
    static func firstHour(_ nowMilliseconds: UInt64) -> Int64 {
        let hour = nowMilliseconds / 3_600_000
        return Int64(clamping: hour - min(hour, StoreLimits.violationWindowHours))
    }

    /// A query's table of each device's recent violations: `tenant, gateway, device, dropped, would_drop`. Takes one
    /// argument, the first hour.
    static let recent = """
        (SELECT tenant, gateway, device, SUM(dropped) AS dropped, SUM(would_drop) AS would_drop FROM violation_hours
         WHERE hour >= ? GROUP BY tenant, gateway, device)
        """

    static func overview(_ row: Row) throws -> DeviceOverview {
        DeviceOverview(
            record: try row.document(DeviceRecord.self),
            recentDroppedCount: row.unsigned("dropped"),
            recentWouldDropCount: row.unsigned("would_drop")
        )
    }

    /// Devices of each gateway added up.
    static func counts(
        tenant: String,
        gateway: String?,
        nowMilliseconds: UInt64,
        _ database: Database
    ) throws -> [String: DeviceCounts] {
        let heavy = Posture.heavyViolationCount
        let dropped = Posture.droppedPenalty
        let wouldDrop = Posture.wouldDropPenalty
        let penalty = """
            d.penalty
            + CASE WHEN r.dropped >= \(heavy) THEN \(dropped.many) WHEN r.dropped > 0 THEN \(dropped.some) ELSE 0 END
            + CASE WHEN r.would_drop >= \(heavy) THEN \(wouldDrop.many)
                   WHEN r.would_drop > 0 THEN \(wouldDrop.some) ELSE 0 END
            """
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT d.gateway AS gateway, COUNT(*) AS total, SUM(d.is_identified) AS identified,
                    SUM(d.is_governed) AS governed, SUM(d.is_quarantined) AS quarantined,
                    COUNT(r.device) AS violating, SUM(MAX(0, 100 - (\(penalty)))) AS score
                FROM devices d LEFT JOIN \(recent) r
                    ON r.tenant = d.tenant AND r.gateway = d.gateway AND r.device = d.device
                WHERE d.tenant = ? AND (? IS NULL OR d.gateway = ?) GROUP BY d.gateway
                """,
            arguments: [firstHour(nowMilliseconds), tenant, gateway, gateway]
        )
        var counts: [String: DeviceCounts] = [:]
        for row in rows {
            var count = DeviceCounts()
            count.total = row.unsigned("total")
            count.identified = row.unsigned("identified")
            count.governed = row.unsigned("governed")
            count.quarantined = row.unsigned("quarantined")
            count.violating = row.unsigned("violating")
            count.scoreSum = row.unsigned("score")
            counts[row["gateway"]] = count
        }
        return counts
    }
}
