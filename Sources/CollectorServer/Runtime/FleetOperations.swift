public import CollectorCore
import NetworkTypes
import Policy
public import Storage
import WireProtocol

/// What an operator does to gateways: first written to the store with its audit line, then carried to the live
/// connections. API and console use this and never the registry itself.
public struct FleetOperations: Sendable {
    private let store: any CollectorStore
    private let registry: AgentRegistry
    private let clock: WallClock

    /// Operations on a store and its live connections.
    init(store: any CollectorStore, registry: AgentRegistry, clock: WallClock) {
        self.store = store
        self.registry = registry
        self.clock = clock
    }

    /// Makes a stored policy the target of gateways, and writes it at once to those that are connected. The others get
    /// it when they connect.
    ///
    /// - Parameters:
    ///   - hash: of the envelope, lower-case hexadecimal digits.
    ///   - gateways: which; nil for all it is meant for.
    ///   - actor: who, for the audit log.
    public func pushPolicy(
        _ hash: String,
        tenant: String,
        gateways: [String]?,
        actor: String
    ) async throws(StoreError) -> AssignmentOutcome {
        guard let policy = try await store.policy(hash, tenant: tenant) else { throw .notFound("policy \(hash)") }
        let now = clock.nowMilliseconds
        let whom = gateways.map { $0.joined(separator: ", ") } ?? "all it is meant for"
        let outcome = try await store.assignPolicy(
            hash,
            tenant: tenant,
            gateways: gateways,
            nowMilliseconds: now,
            audit: entry(tenant, actor, "policy.push", hash, "generation \(policy.generation) to \(whom)")
        )
        let bytes = Hexadecimal.decode(ByteString(utf8: hash)) ?? []
        // An assignment that stands already keeps its time: what a gateway has, or tries, is not pushed anew.
        let assigned = Set(outcome.assigned)
        var orders: [GatewayKey: UInt64] = [:]
        for assignment in try await store.assignments(policy: hash, tenant: tenant)
        where assigned.contains(assignment.gateway) {
            orders[assignment.gateway] = assignment.assignedMilliseconds
        }
        for gateway in await registry.push(policy, hash: bytes, to: orders) {
            try await store.recordPush(of: hash, to: gateway, nowMilliseconds: now)
        }
        return outcome
    }

    /// Keeps a signed file, and offers it at once to the gateways that are connected: it returns which. The
    /// others are offered it when they connect.
    public func pushFile(_ record: SignedFileRecord, actor: String) async throws(StoreError) -> [String] {
        let detail = "version \(record.version), key \(record.keyIdentifier)"
        try await store.storeFile(
            record,
            audit: entry(record.tenant, actor, "\(record.kind.name.text).push", record.hash, detail)
        )
        return await registry.adopt(record).map(\.gateway)
    }

    /// Writes a line of the audit log for what is no matter of the store.
    func note(
        tenant: String,
        actor: String,
        action: String,
        subject: String,
        detail: String
    ) async throws(StoreError) {
        try await store.appendAudit(entry(tenant, actor, action, subject, detail))
    }

    /// Bans a gateway and closes its live connection at once.
    public func ban(_ gateway: GatewayKey, reason: String, actor: String) async throws(StoreError) {
        let ban = BanRecord(actor: actor, reason: reason, sinceMilliseconds: clock.nowMilliseconds)
        try await store.ban(
            gateway,
            ban,
            audit: entry(gateway.tenant, actor, "gateway.ban", gateway.gateway, reason)
        )
        await registry.close(gateway, .policyViolation("gateway \(gateway.gateway) is banned: \(reason)"))
    }

    /// Lifts a ban; the gateway may connect again.
    public func unban(_ gateway: GatewayKey, actor: String) async throws(StoreError) {
        try await store.unban(gateway, audit: entry(gateway.tenant, actor, "gateway.unban", gateway.gateway, ""))
    }

    /// Ends a hold. All connections of the gateway are closed; the first that comes back counts as the right one.
    public func endHold(_ gateway: GatewayKey, actor: String) async throws(StoreError) {
        try await store.endHold(gateway, audit: entry(gateway.tenant, actor, "gateway.release", gateway.gateway, ""))
        await registry.close(gateway, .replaced)
    }

    /// Lets a device out of quarantine. False where its gateway is not connected; then nothing is done.
    public func releaseDevice(
        _ device: String,
        of gateway: GatewayKey,
        actor: String
    ) async throws(StoreError) -> Bool {
        let found = try await store.device(device, of: gateway, nowMilliseconds: clock.nowMilliseconds)
        guard found != nil else { throw .notFound("device \(device) of gateway \(gateway.gateway)") }
        var release = DeviceRelease()
        release.device = ByteString(utf8: device)
        guard await registry.send(.release(release), to: gateway) else { return false }
        try await store.appendAudit(
            entry(gateway.tenant, actor, "device.release", device, "behind gateway \(gateway.gateway)")
        )
        return true
    }

    /// How many agents are connected.
    public func connectedCount() async -> Int { await registry.connectedCount }

    private func entry(
        _ tenant: String,
        _ actor: String,
        _ action: String,
        _ subject: String,
        _ detail: String
    ) -> AuditEntry {
        AuditEntry(
            tenant: tenant,
            timeMilliseconds: clock.nowMilliseconds,
            actor: actor,
            action: action,
            subject: subject,
            detail: detail
        )
    }
}
