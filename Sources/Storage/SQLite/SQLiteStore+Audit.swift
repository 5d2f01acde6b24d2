public import CollectorCore
import GRDB
import NetworkTypes

extension SQLiteStore {
    /// As `AuditStore` says.
    @discardableResult
    public func appendAudit(_ entry: AuditEntry) async throws(StoreError) -> AuditRecord {
        do {
            return try await pool.write { try AuditTable.append(entry, $0) }
        } catch {
            throw StoreError(catching: error)
        }
    }

    /// As `AuditStore` says.
    public func auditRecords(tenant: String, before: UInt64?, limit: Int) async throws(StoreError) -> [AuditRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM audit WHERE tenant = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
                arguments: [tenant, Int64(clamping: before ?? .max), min(max(limit, 0), StoreLimits.maximumPageSize)]
            ).map(AuditTable.record)
        }
    }

    /// As `AuditStore` says.
    public func verifyAudit() async throws(StoreError) -> AuditVerification {
        try await read { database in
            var verification = AuditVerification(checkedCount: 0, firstBroken: nil)
            var previous = [UInt8](repeating: 0, count: 32)
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM audit ORDER BY sequence")
            while let row = try rows.next() {
                let record = AuditTable.record(row)
                let expected = verification.checkedCount + 1
                let message = AuditRecord.message(sequence: expected, entry: record.entry, previousHash: previous)
                guard record.sequence == expected, record.previousHash == previous,
                    SHA256.hash(message) == record.hash
                else {
                    verification.firstBroken = expected
                    return verification
                }
                previous = record.hash
                verification.checkedCount = expected
            }
            return verification
        }
    }
}
