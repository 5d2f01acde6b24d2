import CollectorCore
import Storage
import Synchronization

extension MemoryStore {
    public func createUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        let isNew = state.withLock { state in
            guard state.users[user.name] == nil else { return false }
            state.users[user.name] = user
            MemoryStore.append(audit, &state)
            return true
        }
        guard isNew else { throw .conflict("the login \(user.name) is taken") }
    }

    public func user(_ name: String) async throws(StoreError) -> UserRecord? {
        try checkOpen()
        return state.withLock { $0.users[name] }
    }

    public func users(tenant: String) async throws(StoreError) -> [UserRecord] {
        try checkOpen()
        return state.withLock { $0.users.values.filter { $0.tenant == tenant }.sorted { $0.name < $1.name } }
    }

    public func updateUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        let isThere = state.withLock { state in
            guard let before = state.users[user.name], before.tenant == user.tenant else { return false }
            state.users[user.name] = user
            if before.passwordHash != user.passwordHash || user.disabledMilliseconds != nil {
                state.sessions = state.sessions.filter { $0.value.user != user.name }
            }
            MemoryStore.append(audit, &state)
            return true
        }
        guard isThere else { throw .notFound("user \(user.name)") }
    }

    public func createSession(_ session: SessionRecord) async throws(StoreError) {
        try checkOpen()
        state.withLock { $0.sessions[session.secretHash] = session }
    }

    public func session(_ secretHash: [UInt8], nowMilliseconds: UInt64) async throws(StoreError) -> SessionRecord? {
        try checkOpen()
        return state.withLock { $0.sessions[secretHash] }.flatMap {
            $0.expiresMilliseconds > nowMilliseconds ? $0 : nil
        }
    }

    public func endSession(_ secretHash: [UInt8]) async throws(StoreError) {
        try checkOpen()
        state.withLock { $0.sessions[secretHash] = nil }
    }

    public func deleteEndedSessions(nowMilliseconds: UInt64) async throws(StoreError) -> Int {
        try checkOpen()
        return state.withLock { state in
            let before = state.sessions.count
            state.sessions = state.sessions.filter { $0.value.expiresMilliseconds > nowMilliseconds }
            return before - state.sessions.count
        }
    }

    public func createAPIToken(_ token: APITokenRecord, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        state.withLock { state in
            state.apiTokens[token.id] = token
            MemoryStore.append(audit, &state)
        }
    }

    public func apiToken(_ id: String) async throws(StoreError) -> APITokenRecord? {
        try checkOpen()
        return state.withLock { $0.apiTokens[id] }
    }

    public func apiTokens(user: String) async throws(StoreError) -> [APITokenRecord] {
        try checkOpen()
        return state.withLock { state in
            state.apiTokens.values.filter { $0.user == user }
                .sorted { ($1.createdMilliseconds, $0.id) < ($0.createdMilliseconds, $1.id) }
        }
    }

    public func revokeAPIToken(_ id: String, nowMilliseconds: UInt64, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        let isThere = state.withLock { state in
            guard let token = state.apiTokens[id] else { return false }
            guard token.revokedMilliseconds == nil else { return true }
            state.apiTokens[id]?.revokedMilliseconds = nowMilliseconds
            MemoryStore.append(audit, &state)
            return true
        }
        guard isThere else { throw .notFound("API token \(id)") }
    }

    // MARK: Enrolment tokens

    public func createToken(_ token: TokenRecord, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        state.withLock { state in
            state.tokens[token.id] = token
            MemoryStore.append(audit, &state)
        }
    }

    public func tokens(tenant: String, limit: Int) async throws(StoreError) -> [TokenRecord] {
        try checkOpen()
        return state.withLock { state in
            Array(
                state.tokens.values.filter { $0.tenant == tenant }
                    .sorted { ($1.createdMilliseconds, $0.id) < ($0.createdMilliseconds, $1.id) }
                    .prefix(MemoryStore.pageSize(limit))
            )
        }
    }

    public func token(_ id: String, tenant: String) async throws(StoreError) -> TokenRecord? {
        try checkOpen()
        return state.withLock { $0.tokens[id] }.flatMap { $0.tenant == tenant ? $0 : nil }
    }

    public func revokeToken(
        _ id: String,
        tenant: String,
        nowMilliseconds: UInt64,
        audit: AuditEntry
    ) async throws(StoreError) {
        guard let token = try await token(id, tenant: tenant) else { throw .notFound("token \(id)") }
        guard token.redeemedMilliseconds == nil else { throw .conflict("token \(id) was redeemed") }
        guard token.revokedMilliseconds == nil else { return }
        state.withLock { state in
            state.tokens[id]?.revokedMilliseconds = nowMilliseconds
            MemoryStore.append(audit, &state)
        }
    }
}
