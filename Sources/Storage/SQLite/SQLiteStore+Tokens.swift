public import CollectorCore
import Foundation
import GRDB
import WireProtocol

extension SQLiteStore {
    /// As `TokenStore` says.
    public func createToken(_ token: TokenRecord, audit: AuditEntry) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO tokens VALUES (?, ?, ?, ?)",
                arguments: [
                    token.tenant, token.id, Int64(clamping: token.createdMilliseconds), try Documents.encode(token),
                ]
            )
            try AuditTable.append(audit, database)
            return [.token(tenant: token.tenant, id: token.id)]
        }
    }

    /// As `TokenStore` says.
    public func tokens(tenant: String, limit: Int) async throws(StoreError) -> [TokenRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT document FROM tokens WHERE tenant = ? ORDER BY created DESC, id LIMIT ?",
                arguments: [tenant, min(max(limit, 0), StoreLimits.maximumPageSize)]
            ).map { try $0.document(TokenRecord.self) }
        }
    }

    /// As `TokenStore` says.
    public func token(_ id: String, tenant: String) async throws(StoreError) -> TokenRecord? {
        try await read { database in
            guard let token = try Self.token(id, database), token.tenant == tenant else { return nil }
            return token
        }
    }

    private static func token(_ id: String, _ database: Database) throws -> TokenRecord? {
        try Row.fetchOne(database, sql: "SELECT document FROM tokens WHERE id = ?", arguments: [id])?
            .document(TokenRecord.self)
    }

    private static func update(_ token: TokenRecord, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE tokens SET document = ? WHERE id = ?",
            arguments: [try Documents.encode(token), token.id]
        )
    }

    /// As `TokenStore` says.
    public func revokeToken(
        _ id: String,
        tenant: String,
        nowMilliseconds: UInt64,
        audit: AuditEntry
    ) async throws(StoreError) {
        try await write { database in
            guard var token = try Self.token(id, database), token.tenant == tenant else {
                throw StoreError.notFound("token \(id)")
            }
            guard token.redeemedMilliseconds == nil else {
                throw StoreError.conflict(
                    "token \(id) was redeemed by gateway \(token.redeemedBy); ban the gateway instead"
                )
            }
            guard token.revokedMilliseconds == nil else { return [] }
            token.revokedMilliseconds = nowMilliseconds
            try Self.update(token, database)
            try AuditTable.append(audit, database)
            return [.token(tenant: tenant, id: id)]
        }
    }

    /// As `TokenStore` says.
    public func redeemToken(
        _ credential: TokenCredential,
        nowMilliseconds: UInt64,
        issue: @escaping @Sendable (TokenRecord) throws -> IssuedCertificate
    ) async throws(StoreError) -> IssuedCertificate {
        do {
            // One writer: the look at the token and its redemption cannot be parted.
            let issued = try await pool.write { database in
                let found = try Self.token(credential.id, database)
                if let refusal = TokenRules.refusal(of: credential, for: found, nowMilliseconds: nowMilliseconds) {
                    throw StoreError.tokenRefused(refusal)
                }
                guard var token = found else { throw StoreError.tokenRefused(.unknown) }
                let issued: IssuedCertificate
                do {
                    issued = try issue(token)
                } catch {
                    throw StoreError.abandoned("\(error)")
                }
                token.redeemedMilliseconds = nowMilliseconds
                token.redeemedBy = issued.gateway.key.gateway
                try Self.update(token, database)
                try GatewayTable.insert(issued.gateway, database)
                try GatewayTable.appendOwnEvent(
                    .lifecycle,
                    of: issued.gateway.key,
                    severity: .notice,
                    nowMilliseconds: nowMilliseconds,
                    summary: "Enrolled with token \(token.id) of \(token.actor)",
                    database
                )
                try AuditTable.append(
                    AuditEntry(
                        tenant: token.tenant,
                        timeMilliseconds: nowMilliseconds,
                        actor: "token:\(token.id)",
                        action: "gateway.enrol",
                        subject: issued.gateway.key.gateway,
                        detail: "certificate \(issued.gateway.certificate.serialNumber)"
                    ),
                    database
                )
                return issued
            }
            let key = issued.gateway.key
            hub.send([.gateway(key), .token(tenant: key.tenant, id: credential.id)])
            return issued
        } catch {
            throw StoreError(catching: error)
        }
    }
}
