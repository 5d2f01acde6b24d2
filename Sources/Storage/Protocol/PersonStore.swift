public import CollectorCore

/// People, their sessions and their API tokens.
public protocol PersonStore: Sendable {
    /// Adds a person. Throws `.conflict` where the login is taken.
    func createUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError)

    /// One person by login; nil where there is none.
    func user(_ name: String) async throws(StoreError) -> UserRecord?

    /// People by login.
    func users(tenant: String) async throws(StoreError) -> [UserRecord]

    /// Replaces a person's row, and ends the person's sessions where the password changed or the person was disabled.
    func updateUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError)

    /// Keeps a session.
    func createSession(_ session: SessionRecord) async throws(StoreError)

    /// A session that has not ended; nil where there is none.
    func session(_ secretHash: [UInt8], nowMilliseconds: UInt64) async throws(StoreError) -> SessionRecord?

    /// Ends a session.
    func endSession(_ secretHash: [UInt8]) async throws(StoreError)

    /// Keeps an API token.
    func createAPIToken(_ token: APITokenRecord, audit: AuditEntry) async throws(StoreError)

    /// One API token, ended, revoked or not; nil where there is none.
    func apiToken(_ id: String) async throws(StoreError) -> APITokenRecord?

    /// API tokens of a person, newest first.
    func apiTokens(user: String) async throws(StoreError) -> [APITokenRecord]

    /// Revokes an API token.
    func revokeAPIToken(_ id: String, nowMilliseconds: UInt64, audit: AuditEntry) async throws(StoreError)

    /// Deletes sessions that have ended. Returns how many.
    func deleteEndedSessions(nowMilliseconds: UInt64) async throws(StoreError) -> Int
}
