public import CollectorCore
import GRDB
import WireProtocol

extension SQLiteStore {
    /// As `EventStore` says.
    public func events(_ query: EventQuery) async throws(StoreError) -> [EventRecord] {
        try await read { database in
            var conditions = ["tenant = ?", "id < ?", "severity >= ?", "received >= ?"]
            var arguments: StatementArguments = [
                query.tenant, Int64(clamping: query.before ?? .max), Int64(query.minimumSeverity.rawValue),
                Int64(clamping: query.sinceMilliseconds),
            ]
            if let gateway = query.gateway {
                conditions.append("gateway = ?")
                arguments += [gateway]
            }
            if let device = query.device {
                conditions.append("device = ?")
                arguments += [device]
            }
            if !query.kinds.isEmpty {
                conditions.append("kind IN (\(query.kinds.map { _ in "?" }.joined(separator: ", ")))")
                arguments += StatementArguments(query.kinds.map(\.rawValue))
            }
            arguments += [min(max(query.limit, 0), StoreLimits.maximumPageSize)]
            return try Row.fetchAll(
                database,
                sql: "SELECT * FROM events WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
                arguments: arguments
            ).map(EventTable.record)
        }
    }

    /// As `EventStore` says.
    public func event(_ id: UInt64, tenant: String) async throws(StoreError) -> EventRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT * FROM events WHERE id = ? AND tenant = ?",
                arguments: [Int64(clamping: id), tenant]
            ).map(EventTable.record)
        }
    }

    /// As `EventStore` says.
    public func eventCounts(tenant: String, sinceMilliseconds: UInt64) async throws(StoreError) -> [EventKind: UInt64] {
        try await read { database in
            var counts: [EventKind: UInt64] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT kind, COUNT(*) AS count FROM events WHERE tenant = ? AND received >= ? GROUP BY kind",
                arguments: [tenant, Int64(clamping: sinceMilliseconds)]
            )
            while let row = try rows.next() {
                guard let kind = EventKind(rawValue: row["kind"]) else { continue }
                counts[kind] = row.unsigned("count")
            }
            return counts
        }
    }
}
