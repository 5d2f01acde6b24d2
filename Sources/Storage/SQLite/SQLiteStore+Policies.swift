public import CollectorCore
import Foundation
import GRDB

extension SQLiteStore {
    /// As `PolicyStore` says.
    public func storePolicy(_ policy: PolicyRecord, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            let exists = try Row.fetchOne(
                database,
                sql: "SELECT 1 FROM policies WHERE tenant = ? AND hash = ?",
                arguments: [policy.tenant, policy.hash]
            )
            guard exists == nil else { return [] }
            var listed = policy
            listed.envelope = []
            try database.execute(
                sql: "INSERT INTO policies VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    policy.tenant, policy.hash, Int64(clamping: policy.generation), Data(policy.envelope),
                    try Documents.encode(listed),
                ]
            )
            try AuditTable.append(audit, database)
            return [.policy(tenant: policy.tenant, hash: policy.hash)]
        }
    }

    /// As `PolicyStore` says.
    public func policies(tenant: String, limit: Int) async throws(StoreError) -> [PolicyRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT document FROM policies WHERE tenant = ? ORDER BY generation DESC, hash LIMIT ?",
                arguments: [tenant, min(max(limit, 0), StoreLimits.maximumPageSize)]
            ).map { try $0.document(PolicyRecord.self) }
        }
    }

    /// As `PolicyStore` says.
    public func policy(_ hash: String, tenant: String) async throws(StoreError) -> PolicyRecord? {
        try await read { try Self.policy(hash, tenant, $0) }
    }

    private static func policy(_ hash: String, _ tenant: String, _ database: Database) throws -> PolicyRecord? {
        guard
            let row = try Row.fetchOne(
                database,
                sql: "SELECT document, envelope FROM policies WHERE tenant = ? AND hash = ?",
                arguments: [tenant, hash]
            )
        else { return nil }
        var policy = try row.document(PolicyRecord.self)
        policy.envelope = row.bytes("envelope")
        return policy
    }

    /// As `PolicyStore` says.
    public func assignPolicy(
        _ hash: String,
        tenant: String,
        gateways: [String]?,
        nowMilliseconds: UInt64,
        audit: AuditEntry
    ) async throws(StoreError) -> AssignmentOutcome {
        do {
            let outcome = try await pool.write { database in
                guard let policy = try Self.policy(hash, tenant, database) else {
                    throw StoreError.notFound("policy \(hash)")
                }
                var outcome = AssignmentOutcome()
                for name in try gateways ?? Self.allGateways(tenant, database) {
                    let key = GatewayKey(tenant: tenant, gateway: name)
                    if let reason = try Self.assign(policy, key, nowMilliseconds, database) {
                        outcome.skipped[name] = reason
                    } else {
                        outcome.assigned.append(key)
                    }
                }
                try AuditTable.append(audit, database)
                return outcome
            }
            hub.send([.policy(tenant: tenant, hash: hash)] + outcome.assigned.map { .gateway($0) })
            return outcome
        } catch {
            throw StoreError(catching: error)
        }
    }

    private static func allGateways(_ tenant: String, _ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT gateway FROM gateways WHERE tenant = ? ORDER BY gateway",
            arguments: [tenant]
        )
    }

    /// Makes a policy a gateway's target; returns why not.
    private static func assign(
        _ policy: PolicyRecord,
        _ key: GatewayKey,
        _ nowMilliseconds: UInt64,
        _ database: Database
    ) throws -> String? {
        guard var record = try GatewayTable.fetch(key, database)?.record else { return "there is no such gateway" }
        if let ban = record.ban { return "it is banned: \(ban.reason)" }
        guard policy.isMeant(for: key.gateway, site: record.site) else { return "the policy is not meant for it" }
        if record.policy.targetHash == policy.hash {
            if let before = try PolicyTable.assignment(key, policy.hash, database), before.state != .refused {
                return nil
            }
        } else if policy.generation <= record.policy.floorGeneration {
            return "its target is generation \(record.policy.floorGeneration) already; sign a higher one"
        }
        record.policy.targetGeneration = policy.generation
        record.policy.targetHash = policy.hash
        // Pushed anew: what it said of it before counts no more.
        if record.policy.refusal?.policyHash == policy.hash { record.policy.refusal = nil }
        try GatewayTable.update(record, database)
        try PolicyTable.supersede(allOf: key, but: policy.hash, database)
        try PolicyTable.save(
            PolicyAssignment(
                gateway: key,
                policyHash: policy.hash,
                generation: policy.generation,
                assignedMilliseconds: nowMilliseconds
            ),
            database
        )
        return nil
    }

    /// As `PolicyStore` says.
    public func recordPush(
        of hash: String,
        to gateway: GatewayKey,
        nowMilliseconds: UInt64
    ) async throws(StoreError) {
        try await write { database in
            guard var assignment = try PolicyTable.assignment(gateway, hash, database) else { return [] }
            assignment.pushedMilliseconds = nowMilliseconds
            if assignment.state == .waiting { assignment.state = .pushed }
            try PolicyTable.save(assignment, database)
            return [.policy(tenant: gateway.tenant, hash: hash)]
        }
    }

    /// As `PolicyStore` says.
    public func assignment(of hash: String, to gateway: GatewayKey) async throws(StoreError) -> PolicyAssignment? {
        try await read { try PolicyTable.assignment(gateway, hash, $0) }
    }

    /// As `PolicyStore` says.
    public func assignments(policy hash: String, tenant: String) async throws(StoreError) -> [PolicyAssignment] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT document FROM assignments WHERE tenant = ? AND hash = ? ORDER BY gateway",
                arguments: [tenant, hash]
            ).map { try $0.document(PolicyAssignment.self) }
        }
    }

    /// As `PolicyStore` says.
    public func assignments(of gateway: GatewayKey, limit: Int) async throws(StoreError) -> [PolicyAssignment] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT document FROM assignments WHERE tenant = ? AND gateway = ?
                    ORDER BY generation DESC, hash LIMIT ?
                    """,
                arguments: [gateway.tenant, gateway.gateway, min(max(limit, 0), StoreLimits.maximumPageSize)]
            ).map { try $0.document(PolicyAssignment.self) }
        }
    }
}
