import CollectorCore
import Storage
import Synchronization

extension MemoryStore {
    public func createUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError) {
        let isNew = state.withLock { state in
            guard state.users[user.name] == nil else { return false }
            state.users[user.name] = user
            return true
        }
        guard isNew else { throw .conflict("the login \(user.name) is taken") }
        self.audit(audit)
    }

    public func user(_ name: String) async throws(StoreError) -> UserRecord? { state.withLock { $0.users[name] } }

    public func users(tenant: String) async throws(StoreError) -> [UserRecord] {
        state.withLock { $0.users.values.filter { $0.tenant == tenant }.sorted { $0.name < $1.name } }
    }

    public func updateUser(_ user: UserRecord, audit: AuditEntry) async throws(StoreError) {
        state.withLock { $0.users[user.name] = user }
        self.audit(audit)
    }

    public func createSession(_ session: SessionRecord) async throws(StoreError) {
        state.withLock { $0.sessions[session.secretHash] = session }
    }

    public func session(_ secretHash: [UInt8], nowMilliseconds: UInt64) async throws(StoreError) -> SessionRecord? {
        state.withLock { $0.sessions[secretHash] }.flatMap { $0.expiresMilliseconds > nowMilliseconds ? $0 : nil }
    }

    public func endSession(_ secretHash: [UInt8]) async throws(StoreError) {
        state.withLock { $0.sessions[secretHash] = nil }
    }

    public func createAPIToken(_ token: APITokenRecord, audit: AuditEntry) async throws(StoreError) {
        state.withLock { $0.apiTokens[token.id] = token }
        self.audit(audit)
    }

    public func apiToken(_ id: String) async throws(StoreError) -> APITokenRecord? {
        state.withLock { $0.apiTokens[id] }
    }

    public func apiTokens(user: String) async throws(StoreError) -> [APITokenRecord] {
        state.withLock { $0.apiTokens.values.filter { $0.user == user } }
    }

    public func revokeAPIToken(_ id: String, nowMilliseconds: UInt64, audit: AuditEntry) async throws(StoreError) {
        state.withLock { $0.apiTokens[id]?.revokedMilliseconds = nowMilliseconds }
        self.audit(audit)
    }

    public func deleteEndedSessions(nowMilliseconds: UInt64) async throws(StoreError) -> Int { 0 }

    public func createToken(_ token: TokenRecord, audit: AuditEntry) async throws(StoreError) {
        state.withLock { $0.tokens[token.id] = token }
        self.audit(audit)
    }

    public func tokens(tenant: String, limit: Int) async throws(StoreError) -> [TokenRecord] {
        state.withLock { state in
            Array(
                state.tokens.values.filter { $0.tenant == tenant }
                    .sorted { $0.createdMilliseconds > $1.createdMilliseconds }.prefix(limit)
            )
        }
    }

    public func token(_ id: String, tenant: String) async throws(StoreError) -> TokenRecord? {
        state.withLock { $0.tokens[id] }.flatMap { $0.tenant == tenant ? $0 : nil }
    }

    public func revokeToken(
        _ id: String,
        tenant: String,
        nowMilliseconds: UInt64,
        audit: AuditEntry
    ) async throws(StoreError) {
        guard let token = try await token(id, tenant: tenant) else { throw .notFound("token \(id)") }
        guard token.redeemedMilliseconds == nil else { throw .conflict("token \(id) was redeemed") }
        state.withLock { $0.tokens[id]?.revokedMilliseconds = nowMilliseconds }
        self.audit(audit)
    }

    public func redeemToken(
        _ credential: TokenCredential,
        nowMilliseconds: UInt64,
        issue: @escaping @Sendable (TokenRecord) throws -> IssuedCertificate
    ) async throws(StoreError) -> IssuedCertificate { throw .failed("not in memory") }

    public func storePolicy(_ policy: PolicyRecord, audit: AuditEntry) async throws(StoreError) {
        state.withLock { $0.policies[policy.hash] = $0.policies[policy.hash] ?? policy }
        self.audit(audit)
    }

    public func policies(tenant: String, limit: Int) async throws(StoreError) -> [PolicyRecord] {
        state.withLock { state in
            Array(
                state.policies.values.filter { $0.tenant == tenant }.sorted { $0.generation > $1.generation }
                    .prefix(limit)
            )
        }
    }

    public func policy(_ hash: String, tenant: String) async throws(StoreError) -> PolicyRecord? {
        state.withLock { $0.policies[hash] }.flatMap { $0.tenant == tenant ? $0 : nil }
    }

    public func assignPolicy(
        _ hash: String,
        tenant: String,
        gateways: [String]?,
        nowMilliseconds: UInt64,
        audit: AuditEntry
    ) async throws(StoreError) -> AssignmentOutcome {
        guard let policy = try await policy(hash, tenant: tenant) else { throw .notFound("policy \(hash)") }
        let outcome = state.withLock { state in
            var outcome = AssignmentOutcome()
            for (key, record) in state.gateways.sorted(by: { $0.key < $1.key }) where key.tenant == tenant {
                if let gateways, !gateways.contains(key.gateway) { continue }
                if record.ban != nil || !policy.isMeant(for: key.gateway, site: record.site) {
                    if gateways != nil { outcome.skipped[key.gateway] = "it is not meant for it" }
                } else if record.policy.targetGeneration >= policy.generation {
                    outcome.skipped[key.gateway] = "it has generation \(record.policy.targetGeneration)"
                } else {
                    state.gateways[key]?.policy.targetGeneration = policy.generation
                    state.gateways[key]?.policy.targetHash = hash
                    state.assignments.append(
                        PolicyAssignment(
                            gateway: key,
                            policyHash: hash,
                            generation: policy.generation,
                            assignedMilliseconds: nowMilliseconds
                        )
                    )
                    outcome.assigned.append(key)
                }
            }
            return outcome
        }
        self.audit(audit)
        publish(.policy(tenant: tenant, hash: hash))
        return outcome
    }

    public func recordPush(of hash: String, to gateway: GatewayKey, nowMilliseconds: UInt64) async throws(StoreError) {}

    public func assignments(policy hash: String, tenant: String) async throws(StoreError) -> [PolicyAssignment] {
        state.withLock { $0.assignments.filter { $0.policyHash == hash && $0.gateway.tenant == tenant } }
    }

    public func assignments(of gateway: GatewayKey, limit: Int) async throws(StoreError) -> [PolicyAssignment] {
        state.withLock { Array($0.assignments.reversed().filter { $0.gateway == gateway }.prefix(limit)) }
    }
}
