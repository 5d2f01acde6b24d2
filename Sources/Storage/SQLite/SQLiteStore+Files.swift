public import CollectorCore
import Foundation
import GRDB
import NetworkTypes
public import Policy

extension SQLiteStore {
    /// As `SignedFileStore` says.
    public func storeFile(_ file: SignedFileRecord, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            if let before = try Self.files(file.kind, file.tenant, database).first {
                if before.envelope == file.envelope { return [] }
                if let fault = file.fault(after: before) { throw StoreError.conflict(fault) }
            }
            var listed = file
            listed.file = []
            let kind = file.kind.name.text
            try database.execute(
                sql: "INSERT INTO signed_files (tenant, kind, file, document) VALUES (?, ?, ?, ?)",
                arguments: [file.tenant, kind, Data(file.file), try Documents.encode(listed)]
            )
            try database.execute(
                sql: """
                    DELETE FROM signed_files WHERE tenant = ? AND kind = ? AND id NOT IN
                    (SELECT id FROM signed_files WHERE tenant = ? AND kind = ? ORDER BY id DESC LIMIT ?)
                    """,
                arguments: [file.tenant, kind, file.tenant, kind, StoreLimits.maximumSignedFiles]
            )
            try AuditTable.append(audit, database)
            return []
        }
    }

    /// As `SignedFileStore` says.
    public func files(_ kind: FileKind, tenant: String) async throws(StoreError) -> [SignedFileRecord] {
        try await read { try Self.files(kind, tenant, $0) }
    }

    private static func files(_ kind: FileKind, _ tenant: String, _ database: Database) throws -> [SignedFileRecord] {
        try Row.fetchAll(
            database,
            sql: "SELECT document FROM signed_files WHERE tenant = ? AND kind = ? ORDER BY id DESC",
            arguments: [tenant, kind.name.text]
        ).map { try record($0, kind) }
    }

    private static func record(_ row: Row, _ kind: FileKind) throws -> SignedFileRecord {
        var record = try row.document(SignedFileRecord.self)
        record.kind = kind
        return record
    }

    /// As `SignedFileStore` says.
    public func targetFile(_ kind: FileKind, tenant: String) async throws(StoreError) -> SignedFileRecord? {
        try await read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT document, file FROM signed_files WHERE tenant = ? AND kind = ? ORDER BY id DESC LIMIT 1
                        """,
                    arguments: [tenant, kind.name.text]
                )
            else { return nil }
            var record = try Self.record(row, kind)
            record.file = row.bytes("file")
            return record
        }
    }
}
