public import CollectorCore
import GRDB
import NetworkTypes

extension SQLiteStore {
    /// As `FlowStore` says.
    public func flows(_ query: FlowQuery) async throws(StoreError) -> [DeviceFlowRecord] {
        try await read { database in
            var conditions = ["tenant = ?", "gateway = ?"]
            var arguments: StatementArguments = [query.gateway.tenant, query.gateway.gateway]
            if let device = query.device {
                conditions.append("device = ?")
                arguments += [device]
            }
            if let after = query.after {
                conditions.append("(device, direction, destination, transport, port) > (?, ?, ?, ?, ?)")
                arguments += [
                    after.device, Int64(after.direction.rawValue), after.destination,
                    Int64(after.transport.rawValue), Int64(after.port),
                ]
            }
            arguments += [min(max(query.limit, 0), StoreLimits.maximumPageSize)]
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM flows WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY device, direction, destination, transport, port LIMIT ?
                    """,
                arguments: arguments
            ).map(FlowTable.record)
        }
    }

    /// As `FlowStore` says. By gateway, so that the index finds them: the table may have millions.
    public func forgetFlows(beforeMilliseconds: UInt64) async throws(StoreError) -> Int {
        let before = Int64(clamping: beforeMilliseconds)
        let gateways = try await read { database in
            try Row.fetchAll(database, sql: "SELECT tenant, gateway FROM gateways").map { row in
                GatewayKey(tenant: row["tenant"], gateway: row["gateway"])
            }
        }
        var count = 0
        // Small transactions: reports wait for no more than one of them.
        for start in stride(from: 0, to: gateways.count, by: Self.gatewaysOfATransaction) {
            let some = gateways[start..<min(start + Self.gatewaysOfATransaction, gateways.count)]
            do {
                count += try await pool.write { database in
                    let deletion = try database.cachedStatement(
                        sql: "DELETE FROM flows WHERE tenant = ? AND gateway = ? AND last < ?"
                    )
                    var deleted = 0
                    for key in some {
                        try deletion.execute(arguments: [key.tenant, key.gateway, before])
                        deleted += database.changesCount
                    }
                    return deleted
                }
            } catch {
                throw StoreError(catching: error)
            }
        }
        return count
    }

    private static let gatewaysOfATransaction = 256
}
