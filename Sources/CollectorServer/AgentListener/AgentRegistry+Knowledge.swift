import CollectorCore
import Logging
import Storage

// The knowledge file that the gateways of a tenant should have: read once, then shared by every connection.
extension AgentRegistry {
    /// Most tenants whose file is kept in memory.
    static let maximumKnowledgeTargets = 8

    /// A tenant has a new one: it is offered to all that are connected. Returns which those are.
    func adopt(_ record: KnowledgeRecord) -> [GatewayKey] {
        guard let target = KnowledgeTarget(record) else { return [] }
        keep(target, tenant: record.tenant)
        return offer(target, tenant: record.tenant)
    }

    /// A gateway was let in: it is offered what its tenant has.
    func offerKnowledge(to gateway: GatewayKey) async {
        let tenant = gateway.tenant
        if knowledge[tenant] == nil {
            let found = await query(tenant)
            // A push may have come meanwhile, and is newer.
            if knowledge[tenant] == nil { keep(found.flatMap { KnowledgeTarget($0) }, tenant: tenant) }
        }
        if let known = knowledge[tenant], let target = known { offer(target, to: gateway) }
    }

    private func query(_ tenant: String) async -> KnowledgeRecord? {
        if let query = knowledgeQueries[tenant] { return await query.value }
        let (store, log) = (store, log)
        let query = Task { () -> KnowledgeRecord? in
            do {
                return try await store.targetKnowledge(tenant: tenant)
            } catch {
                log.error("cannot read the knowledge of tenant \(tenant): \(error)")
                return nil
            }
        }
        knowledgeQueries[tenant] = query
        let found = await query.value
        knowledgeQueries[tenant] = nil
        return found
    }

    private func keep(_ target: KnowledgeTarget?, tenant: String) {
        if knowledge[tenant] == nil, knowledge.count >= Self.maximumKnowledgeTargets, let other = knowledge.keys.first {
            knowledge[other] = nil
        }
        knowledge.updateValue(target, forKey: tenant)
    }
}
