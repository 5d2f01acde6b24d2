import CollectorCore
import GRDB
import NetworkTypes

/// Rows of `flows`.
enum FlowTable {
    static func fetch(
        _ keys: Set<DeviceFlowKey>,
        of gateway: GatewayKey,
        _ database: Database
    ) throws -> [DeviceFlowKey: DeviceFlowRecord] {
        var flows: [DeviceFlowKey: DeviceFlowRecord] = [:]
        for key in keys {
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM flows WHERE tenant = ? AND gateway = ? AND device = ? AND direction = ?
                            AND destination = ? AND transport = ? AND port = ?
                        """
                ),
                arguments: [
                    gateway.tenant, gateway.gateway, key.device, Int64(key.direction.rawValue), key.destination,
                    Int64(key.transport.rawValue), Int64(key.port),
                ]
            )
            flows[key] = try row.map(record)
        }
        return flows
    }

    static func count(of gateway: GatewayKey, _ database: Database) throws -> UInt64 {
        let count = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT COUNT(*) FROM flows WHERE tenant = ? AND gateway = ?"),
            arguments: [gateway.tenant, gateway.gateway]
        )
        return UInt64(clamping: count ?? 0)
    }

    static func save(_ flow: DeviceFlowRecord, of gateway: GatewayKey, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO flows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, gateway, device, direction, destination, transport, port) DO UPDATE SET
                    address = excluded.address, count = excluded.count, first = excluded.first, last = excluded.last,
                    counted_since = excluded.counted_since, earlier = excluded.earlier
                """
        ).execute(arguments: [
            gateway.tenant, gateway.gateway, flow.key.device, Int64(flow.key.direction.rawValue),
            flow.key.destination, Int64(flow.key.transport.rawValue), Int64(flow.key.port), flow.address,
            Int64(clamping: flow.count), Int64(clamping: flow.firstMilliseconds),
            Int64(clamping: flow.lastMilliseconds), Int64(clamping: flow.countedSinceMilliseconds),
            Int64(clamping: flow.earlierCount),
        ])
    }

    /// Forgets so many flows of a gateway, those that were seen longest ago.
    static func forgetOldest(_ count: UInt64, of gateway: GatewayKey, _ database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM flows WHERE tenant = ? AND gateway = ?
                    AND (device, direction, destination, transport, port) IN
                    (SELECT device, direction, destination, transport, port FROM flows
                     WHERE tenant = ? AND gateway = ? ORDER BY last LIMIT ?)
                """,
            arguments: [
                gateway.tenant, gateway.gateway, gateway.tenant, gateway.gateway, Int64(clamping: count),
            ]
        )
    }

    static func record(_ row: Row) throws -> DeviceFlowRecord {
        let code = UInt8(clamping: row.unsigned("direction"))
        guard let direction = FlowDirection(rawValue: code) else {
            throw StoreError.failed("unknown direction \(code) of a flow")
        }
        return DeviceFlowRecord(
            key: DeviceFlowKey(
                device: row["device"],
                direction: direction,
                destination: row["destination"],
                transport: TransportProtocol(rawValue: UInt8(clamping: row.unsigned("transport"))),
                port: UInt16(clamping: row.unsigned("port"))
            ),
            address: row["address"],
            count: row.unsigned("count"),
            firstMilliseconds: row.unsigned("first"),
            lastMilliseconds: row.unsigned("last"),
            countedSinceMilliseconds: row.unsigned("counted_since"),
            earlierCount: row.unsigned("earlier")
        )
    }
}
