public import CollectorCore
import GRDB
import WireProtocol

extension SQLiteStore {
    /// As `IngestStore` says.
    public func ingest(_ submission: IngestSubmission) async throws(StoreError) -> IngestOutcome {
        try await queue.submit(submission).get()
    }

    /// As `IngestStore` says.
    public func recordConnection(_ connection: ConnectionRecord) async throws(StoreError) -> GatewayRecord {
        try await write { database in
            let key = connection.gateway
            let now = connection.nowMilliseconds
            try GatewayTable.change(key, database) { record in
                record.agent = connection.agent
                record.connectedSinceMilliseconds = now
                record.lastSeenMilliseconds = max(record.lastSeenMilliseconds, now)
                record.isSilent = false
                record.policy.generation = connection.generation
                record.policy.hash = connection.policyHash
                record.knowledge = connection.knowledge
                record.blocklist = connection.blocklist
            }
            try GatewayTable.appendOwnEvent(
                .connection,
                of: key,
                severity: .informational,
                nowMilliseconds: now,
                summary: "Connected from \(connection.agent.remoteAddress)",
                fields: [
                    EventField("address", connection.agent.remoteAddress),
                    EventField("version", connection.agent.version),
                    EventField("start", String(connection.agent.bootEpoch)),
                ],
                database
            )
            return [.gateway(key), .events(key, upTo: UInt64(clamping: database.lastInsertedRowID))]
        }
        guard let found = try await gateway(connection.gateway, nowMilliseconds: connection.nowMilliseconds) else {
            throw .notFound("gateway \(connection.gateway.gateway)")
        }
        return found.record
    }

    /// As `IngestStore` says.
    public func recordDisconnection(
        of gateway: GatewayKey,
        instance: String,
        reason: String,
        nowMilliseconds: UInt64
    ) async throws(StoreError) {
        try await write { database in
            var isMeant = false
            try GatewayTable.change(gateway, database) { record in
                guard record.agent.instance == instance, record.connectedSinceMilliseconds != nil else { return }
                isMeant = true
                record.connectedSinceMilliseconds = nil
                record.lastSeenMilliseconds = max(record.lastSeenMilliseconds, nowMilliseconds)
            }
            guard isMeant else { return [] }
            try GatewayTable.appendOwnEvent(
                .connection,
                of: gateway,
                severity: .informational,
                nowMilliseconds: nowMilliseconds,
                summary: "Disconnected: \(reason)",
                database
            )
            return [.gateway(gateway), .events(gateway, upTo: UInt64(clamping: database.lastInsertedRowID))]
        }
    }

    /// As `IngestStore` says.
    public func recordSigns(of gateways: [GatewayKey], nowMilliseconds: UInt64) async throws(StoreError) {
        try await write { database in
            for key in gateways {
                guard var record = try GatewayTable.fetch(key, database)?.record else { continue }
                record.lastSeenMilliseconds = max(record.lastSeenMilliseconds, nowMilliseconds)
                try GatewayTable.update(record, database)
            }
            return []
        }
    }

    /// As `IngestStore` says.
    public func markSilent(
        beforeMilliseconds: UInt64,
        nowMilliseconds: UInt64
    ) async throws(StoreError) -> [GatewayKey] {
        do {
            let keys = try await pool.write { database in
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT document FROM gateways
                        WHERE is_silent = 0 AND is_connected = 0 AND last_seen > 0 AND last_seen < ?
                        """,
                    arguments: [Int64(clamping: beforeMilliseconds)]
                )
                var keys: [GatewayKey] = []
                for row in rows {
                    var record = try row.document(GatewayRecord.self)
                    guard record.ban == nil else { continue }
                    record.isSilent = true
                    try GatewayTable.update(record, database)
                    let seconds = (nowMilliseconds - min(record.lastSeenMilliseconds, nowMilliseconds)) / 1000
                    try GatewayTable.appendOwnEvent(
                        .silence,
                        of: record.key,
                        severity: .warning,
                        nowMilliseconds: nowMilliseconds,
                        summary: "Nothing was heard for \(seconds) s",
                        database
                    )
                    keys.append(record.key)
                }
                return keys
            }
            hub.send(keys.map { .gateway($0) })
            return keys
        } catch {
            throw StoreError(catching: error)
        }
    }

    /// As `IngestStore` says.
    public func resetConnections() async throws(StoreError) {
        try await write { database in
            let rows = try Row.fetchAll(database, sql: "SELECT document FROM gateways WHERE is_connected = 1")
            for row in rows {
                var record = try row.document(GatewayRecord.self)
                record.connectedSinceMilliseconds = nil
                try GatewayTable.update(record, database)
            }
            return [.everything]
        }
    }
}
