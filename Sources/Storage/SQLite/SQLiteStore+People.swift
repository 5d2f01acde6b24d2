public import CollectorCore
import Foundation
import GRDB

extension SQLiteStore {
    /// As `PersonStore` says.
    public func createUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            guard try Self.user(user.name, database) == nil else {
                throw StoreError.conflict("the login \(user.name) is taken")
            }
            try database.execute(
                sql: "INSERT INTO users VALUES (?, ?, ?)",
                arguments: [user.name, user.tenant, try Documents.encode(user)]
            )
            try AuditTable.append(audit, database)
            return []
        }
    }

    /// As `PersonStore` says.
    public func user(_ name: String) async throws(StoreError) -> UserRecord? {
        try await read { try Self.user(name, $0) }
    }

    private static func user(_ name: String, _ database: Database) throws -> UserRecord? {
        try Row.fetchOne(database, sql: "SELECT document FROM users WHERE name = ?", arguments: [name])?
            .document(UserRecord.self)
    }

    /// As `PersonStore` says.
    public func users(tenant: String) async throws(StoreError) -> [UserRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT document FROM users WHERE tenant = ? ORDER BY name",
                arguments: [tenant]
            ).map { try $0.document(UserRecord.self) }
        }
    }

    /// As `PersonStore` says.
    public func updateUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            guard let before = try Self.user(user.name, database), before.tenant == user.tenant else {
                throw StoreError.notFound("user \(user.name)")
            }
            try database.execute(
                sql: "UPDATE users SET document = ? WHERE name = ?",
                arguments: [try Documents.encode(user), user.name]
            )
            if before.passwordHash != user.passwordHash || user.disabledMilliseconds != nil {
                try database.execute(sql: "DELETE FROM sessions WHERE user = ?", arguments: [user.name])
            }
            try AuditTable.append(audit, database)
            return []
        }
    }

    /// As `PersonStore` says.
    public func createSession(_ session: SessionRecord) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO sessions VALUES (?, ?, ?, ?)",
                arguments: [
                    Data(session.secretHash), session.user, Int64(clamping: session.expiresMilliseconds),
                    try Documents.encode(session),
                ]
            )
            return []
        }
    }

    /// As `PersonStore` says.
    public func session(_ secretHash: [UInt8], nowMilliseconds: UInt64) async throws(StoreError) -> SessionRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT document FROM sessions WHERE secret_hash = ? AND expires > ?",
                arguments: [Data(secretHash), Int64(clamping: nowMilliseconds)]
            )?.document(SessionRecord.self)
        }
    }

    /// As `PersonStore` says.
    public func endSession(_ secretHash: [UInt8]) async throws(StoreError) {
        try await write { database in
            try database.execute(sql: "DELETE FROM sessions WHERE secret_hash = ?", arguments: [Data(secretHash)])
            return []
        }
    }

    /// As `PersonStore` says.
    public func createAPIToken(_ token: APITokenRecord, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO api_tokens VALUES (?, ?, ?, ?)",
                arguments: [
                    token.id, token.user, Int64(clamping: token.createdMilliseconds), try Documents.encode(token),
                ]
            )
            try AuditTable.append(audit, database)
            return []
        }
    }

    /// As `PersonStore` says.
    public func apiToken(_ id: String) async throws(StoreError) -> APITokenRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT document FROM api_tokens WHERE id = ?", arguments: [id])?
                .document(APITokenRecord.self)
        }
    }

    /// As `PersonStore` says.
    public func apiTokens(user: String) async throws(StoreError) -> [APITokenRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT document FROM api_tokens WHERE user = ? ORDER BY created DESC, id",
                arguments: [user]
            ).map { try $0.document(APITokenRecord.self) }
        }
    }

    /// As `PersonStore` says.
    public func revokeAPIToken(_ id: String, nowMilliseconds: UInt64, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            guard
                var token = try Row.fetchOne(
                    database,
                    sql: "SELECT document FROM api_tokens WHERE id = ?",
                    arguments: [id]
                )?.document(APITokenRecord.self)
            else { throw StoreError.notFound("API token \(id)") }
            guard token.revokedMilliseconds == nil else { return [] }
            token.revokedMilliseconds = nowMilliseconds
            try database.execute(
                sql: "UPDATE api_tokens SET document = ? WHERE id = ?",
                arguments: [try Documents.encode(token), id]
            )
            try AuditTable.append(audit, database)
            return []
        }
    }

    /// As `PersonStore` says.
    public func deleteEndedSessions(nowMilliseconds: UInt64) async throws(StoreError) -> Int {
        do {
            return try await pool.write { database in
                try database.execute(
                    sql: "DELETE FROM sessions WHERE expires <= ?",
                    arguments: [Int64(clamping: nowMilliseconds)]
                )
                return database.changesCount
            }
        } catch {
            throw StoreError(catching: error)
        }
    }
}
