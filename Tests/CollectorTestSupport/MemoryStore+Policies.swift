import CollectorCore
import Storage
import Synchronization

extension MemoryStore {
    public func storePolicy(_ policy: PolicyRecord, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        state.withLock { state in
            guard state.policies[policy.hash]?.tenant != policy.tenant else { return }
            state.policies[policy.hash] = policy
            MemoryStore.append(audit, &state)
        }
    }

    public func policies(tenant: String, limit: Int) async throws(StoreError) -> [PolicyRecord] {
        try checkOpen()
        let found = state.withLock { state in
            state.policies.values.filter { $0.tenant == tenant }
                .sorted { ($1.generation, $0.hash) < ($0.generation, $1.hash) }.prefix(MemoryStore.pageSize(limit))
        }
        return found.map { policy in
            var policy = policy
            policy.envelope = []
            return policy
        }
    }

    public func policy(_ hash: String, tenant: String) async throws(StoreError) -> PolicyRecord? {
        try checkOpen()
        return state.withLock { $0.policies[hash] }.flatMap { $0.tenant == tenant ? $0 : nil }
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
            let all = state.gateways.keys.filter { $0.tenant == tenant }.sorted().map(\.gateway)
            for name in gateways ?? all {
                let key = GatewayKey(tenant: tenant, gateway: name)
                if let reason = MemoryStore.assign(policy, key, nowMilliseconds, &state) {
                    outcome.skipped[name] = reason
                } else {
                    outcome.assigned.append(key)
                }
            }
            MemoryStore.append(audit, &state)
            return outcome
        }
        publish(.policy(tenant: tenant, hash: hash))
        return outcome
    }

    private static func assign(_ policy: PolicyRecord, _ key: GatewayKey, _ now: UInt64, _ state: inout State)
        -> String?
    {
        guard let record = state.gateways[key] else { return "there is no such gateway" }
        if record.ban != nil { return "it is banned" }
        guard policy.isMeant(for: key.gateway, site: record.site) else { return "the policy is not meant for it" }
        let own = state.assignments.firstIndex { $0.gateway == key && $0.policyHash == policy.hash }
        if record.policy.targetHash == policy.hash {
            if let own, state.assignments[own].state != .refused { return nil }
        } else if policy.generation <= record.policy.floorGeneration {
            return "its target is generation \(record.policy.floorGeneration) already"
        }
        state.gateways[key]?.policy.targetGeneration = policy.generation
        state.gateways[key]?.policy.targetHash = policy.hash
        if record.policy.refusal?.policyHash == policy.hash { state.gateways[key]?.policy.refusal = nil }
        if let own { state.assignments.remove(at: own) }
        for index in state.assignments.indices
        where state.assignments[index].gateway == key && state.assignments[index].state != .refused {
            state.assignments[index].state = .superseded
        }
        state.assignments.append(
            PolicyAssignment(
                gateway: key,
                policyHash: policy.hash,
                generation: policy.generation,
                assignedMilliseconds: now
            )
        )
        return nil
    }

    public func recordPush(of hash: String, to gateway: GatewayKey, nowMilliseconds: UInt64) async throws(StoreError) {
        try checkOpen()
        state.withLock { state in
            for index in state.assignments.indices
            where state.assignments[index].gateway == gateway && state.assignments[index].policyHash == hash {
                state.assignments[index].pushedMilliseconds = nowMilliseconds
                if state.assignments[index].state == .waiting { state.assignments[index].state = .pushed }
            }
        }
    }

    public func assignment(of hash: String, to gateway: GatewayKey) async throws(StoreError) -> PolicyAssignment? {
        try checkOpen()
        return state.withLock { state in
            state.assignments.first { $0.gateway == gateway && $0.policyHash == hash }
        }
    }

    public func assignments(policy hash: String, tenant: String) async throws(StoreError) -> [PolicyAssignment] {
        try checkOpen()
        return state.withLock { state in
            state.assignments.filter { $0.policyHash == hash && $0.gateway.tenant == tenant }
                .sorted { $0.gateway < $1.gateway }
        }
    }

    public func assignments(of gateway: GatewayKey, limit: Int) async throws(StoreError) -> [PolicyAssignment] {
        try checkOpen()
        return state.withLock { state in
            Array(
                state.assignments.filter { $0.gateway == gateway }
                    .sorted { ($1.generation, $0.policyHash) < ($0.generation, $1.policyHash) }
                    .prefix(MemoryStore.pageSize(limit))
            )
        }
    }
}
