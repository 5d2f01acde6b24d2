import CollectorCore
import Foundation
import GRDB
import NetworkTypes

/// Rows of `audit`.
enum AuditTable {
    @discardableResult
    static func append(_ entry: AuditEntry, _ database: Database) throws -> AuditRecord {
        let last = try Row.fetchOne(database, sql: "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        let sequence = (last?.unsigned("sequence") ?? 0) + 1
        let previous = last?.bytes("hash") ?? Array(repeating: 0, count: 32)
        let message = AuditRecord.message(sequence: sequence, entry: entry, previousHash: previous)
        let hash = SHA256.hash(message)
        try database.execute(
            sql: "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                Int64(clamping: sequence), entry.tenant, Int64(clamping: entry.timeMilliseconds), entry.actor,
                entry.action, entry.subject, entry.detail, Data(previous), Data(hash),
            ]
        )
        return AuditRecord(sequence: sequence, entry: entry, previousHash: previous, hash: hash)
    }

    static func record(_ row: Row) -> AuditRecord {
        AuditRecord(
            sequence: row.unsigned("sequence"),
            entry: AuditEntry(
                tenant: row["tenant"],
                timeMilliseconds: row.unsigned("time"),
                actor: row["actor"],
                action: row["action"],
                subject: row["subject"],
                detail: row["detail"]
            ),
            previousHash: row.bytes("previous_hash"),
            hash: row.bytes("hash")
        )
    }
}
