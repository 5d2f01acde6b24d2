public import CollectorCore
import Foundation
import GRDB

/// A store as it was at one moment, and files that belong to it, in one file: the SQLite database itself, with one table
/// more, `backup (name, bytes)`.
///
/// The files named here are made by the caller beforehand, empty and for their owner alone: SQLite keeps their
/// permissions.
public enum SQLiteBackup {
    /// `PRAGMA application_id` of a backup: `GHbk`.
    static let applicationID: Int32 = 0x4748_626B

    /// Copies the store at `database` into `target`, while a collector may write to it, with `files` beside it.
    ///
    /// - Parameter audit: is written to the store first, and so is in the copy too.
    public static func write(
        of database: String,
        files: [String: [UInt8]],
        to target: String,
        audit: AuditEntry
    ) throws(StoreError) {
        try translated(database) {
            // Not by SQLiteStore: a program newer than the one that serves must not change its tables.
            let source = try DatabaseQueue(path: database, configuration: configuration)
            try source.write { _ = try AuditTable.append(audit, $0) }
            let copy = try DatabaseQueue(path: target, configuration: configuration)
            try source.backup(to: copy)
            try source.close()
            // One file, without a log beside it.
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.write { database in
                try database.execute(sql: "CREATE TABLE backup (name TEXT NOT NULL PRIMARY KEY, bytes BLOB NOT NULL)")
                for (name, bytes) in files {
                    try database.execute(sql: "INSERT INTO backup VALUES (?, ?)", arguments: [name, Data(bytes)])
                }
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            }
            try check(copy, target)
            try copy.close()
        }
    }

    /// Copies the store in `backup` into `target`, and returns the files that were beside it.
    public static func read(_ backup: String, to target: String) throws(StoreError) -> [String: [UInt8]] {
        try translated(backup) {
            var readOnly = configuration
            readOnly.readonly = true
            let source = try DatabaseQueue(path: backup, configuration: readOnly)
            try check(source, backup)
            let files = try source.read { database in
                try Row.fetchAll(database, sql: "SELECT name, bytes FROM backup").reduce(into: [:]) {
                    $0[$1["name"] as String] = $1.bytes("bytes")
                }
            }
            let copy = try DatabaseQueue(path: target, configuration: configuration)
            try source.backup(to: copy)
            try source.close()
            try copy.writeWithoutTransaction { database in
                // What is dropped is overwritten: no key stays behind in a free page.
                try database.execute(sql: "PRAGMA secure_delete = ON")
                try database.execute(sql: "DROP TABLE backup")
                try database.execute(sql: "PRAGMA application_id = 0")
            }
            try copy.close()
            return files
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(SQLiteStore.busyTimeoutSeconds)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return configuration
    }

    private static func check(_ queue: DatabaseQueue, _ path: String) throws {
        let (identifier, verdict) = try queue.read { database in
            (
                try Int32.fetchOne(database, sql: "PRAGMA application_id"),
                try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            )
        }
        guard identifier == applicationID else { throw StoreError.damaged("\(path) is no backup of a collector") }
        guard verdict == "ok" else { throw StoreError.damaged("\(path) is damaged: \(verdict ?? "unreadable")") }
    }

    private static func translated<Value>(_ path: String, _ work: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try work()
        } catch {
            throw StoreError(opening: path, error)
        }
    }
}

extension SQLiteStore {
    /// Revokes every enrolment token that can still be redeemed. A store that was put back from a copy does not know
    /// which of them were redeemed since. Returns how many.
    public func revokeOpenTokens(nowMilliseconds: UInt64, actor: String) async throws(StoreError) -> Int {
        var count = 0
        for token in try await everyToken()
        where token.redeemedMilliseconds == nil && token.revokedMilliseconds == nil
            && token.expiresMilliseconds > nowMilliseconds
        {
            let entry = AuditEntry(
                tenant: token.tenant,
                timeMilliseconds: nowMilliseconds,
                actor: actor,
                action: "token.revoke",
                subject: token.id,
                detail: "it may have been redeemed after the backup"
            )
            try await revokeToken(token.id, tenant: token.tenant, nowMilliseconds: nowMilliseconds, audit: entry)
            count += 1
        }
        return count
    }

    private func everyToken() async throws(StoreError) -> [TokenRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT document FROM tokens ORDER BY tenant, id").map {
                try $0.document(TokenRecord.self)
            }
        }
    }
}
