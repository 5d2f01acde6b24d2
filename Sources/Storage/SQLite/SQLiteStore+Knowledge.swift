public import CollectorCore
import Foundation
import GRDB

extension SQLiteStore {
    /// As `KnowledgeStore` says.
    public func storeKnowledge(_ knowledge: KnowledgeRecord, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            if let before = try Self.knowledge(knowledge.tenant, database).first {
                if before.envelope == knowledge.envelope { return [] }
                if let fault = knowledge.fault(after: before) { throw StoreError.conflict(fault) }
            }
            var listed = knowledge
            listed.file = []
            try database.execute(
                sql: "INSERT INTO knowledge (tenant, file, document) VALUES (?, ?, ?)",
                arguments: [knowledge.tenant, Data(knowledge.file), try Documents.encode(listed)]
            )
            try database.execute(
                sql: """
                    DELETE FROM knowledge WHERE tenant = ? AND id NOT IN
                    (SELECT id FROM knowledge WHERE tenant = ? ORDER BY id DESC LIMIT ?)
                    """,
                arguments: [knowledge.tenant, knowledge.tenant, StoreLimits.maximumKnowledgeFiles]
            )
            try AuditTable.append(audit, database)
            return []
        }
    }

    /// As `KnowledgeStore` says.
    public func knowledge(tenant: String) async throws(StoreError) -> [KnowledgeRecord] {
        try await read { try Self.knowledge(tenant, $0) }
    }

    private static func knowledge(_ tenant: String, _ database: Database) throws -> [KnowledgeRecord] {
        try Row.fetchAll(
            database,
            sql: "SELECT document FROM knowledge WHERE tenant = ? ORDER BY id DESC",
            arguments: [tenant]
        ).map { try $0.document(KnowledgeRecord.self) }
    }

    /// As `KnowledgeStore` says.
    public func targetKnowledge(tenant: String) async throws(StoreError) -> KnowledgeRecord? {
        try await read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: "SELECT document, file FROM knowledge WHERE tenant = ? ORDER BY id DESC LIMIT 1",
                    arguments: [tenant]
                )
            else { return nil }
            var knowledge = try row.document(KnowledgeRecord.self)
            knowledge.file = row.bytes("file")
            return knowledge
        }
    }
}
