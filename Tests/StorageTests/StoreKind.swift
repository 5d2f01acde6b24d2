import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import Storage
import WireProtocol

/// The stores that pass the one conformance suite: the one in memory, that tests use in its place, and the one on disk.
enum StoreKind: String, CaseIterable, Sendable {
    case memory, sqlite

    /// Runs `body` with a fresh store.
    func with(_ body: (ConformanceFixture) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(ConformanceFixture(store: MemoryStore()))
        case .sqlite:
            let fixture = try StoreFixture()
            try await body(ConformanceFixture(store: fixture.store))
            await fixture.finish()
        }
    }
}

/// A store of any kind, and rows to put into it.
struct ConformanceFixture {
    static let now = StoreFixture.start
    static let other = "other"

    let store: any CollectorStore

    func entry(_ action: String, tenant: String = TenantName.standard) -> AuditEntry {
        AuditEntry(tenant: tenant, timeMilliseconds: Self.now, actor: "tester", action: action)
    }

    /// What was done, oldest first.
    func actions(tenant: String = TenantName.standard) async throws -> [String] {
        try await store.auditRecords(tenant: tenant, before: nil, limit: 1000).map(\.entry.action).reversed()
    }

    @discardableResult
    func enrol(_ name: String, site: String = "s", tenant: String = TenantName.standard) async throws -> GatewayKey {
        let key = GatewayKey(tenant: tenant, gateway: name)
        let id = "token-\(tenant)-\(name)"
        try await store.createToken(
            StoreFixture.token(id, tenant: tenant),
            audit: entry("token.create", tenant: tenant)
        )
        _ = try await store.redeemToken(StoreFixture.credential(id), nowMilliseconds: Self.now) { _ in
            var record = GatewayRecord(key: key, name: name)
            record.site = site
            return IssuedCertificate(gateway: record, certificate: [])
        }
        return key
    }

    func record(_ key: GatewayKey) async throws -> GatewayRecord? {
        try await store.gateway(key, nowMilliseconds: Self.now)?.record
    }

    func connect(_ key: GatewayKey, instance: String = "a", epoch: UInt64 = 1, at now: UInt64 = now) async throws
        -> GatewayRecord
    {
        var agent = AgentSummary()
        (agent.instance, agent.bootEpoch, agent.hostname) = (instance, epoch, "host")
        return try await store.recordConnection(
            ConnectionRecord(gateway: key, agent: agent, generation: 2, policyHash: "ab", nowMilliseconds: now)
        )
    }

    @discardableResult
    func submit(_ key: GatewayKey, _ reports: [Report], at now: UInt64 = now) async throws -> IngestOutcome {
        try await store.ingest(IngestSubmission(gateway: key, reports: reports, receivedMilliseconds: now))
    }

    func policy(
        _ hash: String,
        generation: UInt64,
        tenant: String = TenantName.standard,
        gateways: [String] = [],
        sites: [String] = []
    ) async throws {
        let policy = PolicyRecord(
            tenant: tenant,
            hash: hash,
            generation: generation,
            issuedAtSeconds: 1,
            notAfterSeconds: 2,
            keyIdentifier: "k",
            targetGateways: gateways,
            targetSites: sites,
            allowlists: ["cameras"],
            envelope: Array(hash.utf8),
            actor: "tester",
            storedMilliseconds: Self.now
        )
        try await store.storePolicy(policy, audit: entry("policy.store", tenant: tenant))
    }

    func assign(_ hash: String, to gateways: [String]? = nil, tenant: String = TenantName.standard) async throws
        -> AssignmentOutcome
    {
        try await store.assignPolicy(
            hash,
            tenant: tenant,
            gateways: gateways,
            nowMilliseconds: Self.now,
            audit: entry("policy.push", tenant: tenant)
        )
    }

    static func user(_ name: String, tenant: String = TenantName.standard, hash: String = "h") -> UserRecord {
        UserRecord(
            tenant: tenant,
            name: name,
            role: .viewer,
            passwordHash: hash,
            mustChangePassword: false,
            createdMilliseconds: now
        )
    }
}
