import CollectorCore
import Storage
import Synchronization

extension MemoryStore {
    public func storeKnowledge(_ knowledge: KnowledgeRecord, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        let fault = state.withLock { state -> String? in
            var kept = state.knowledge[knowledge.tenant] ?? []
            if let before = kept.first {
                if before.envelope == knowledge.envelope { return nil }
                if let fault = knowledge.fault(after: before) { return fault }
            }
            kept.insert(knowledge, at: 0)
            state.knowledge[knowledge.tenant] = Array(kept.prefix(StoreLimits.maximumKnowledgeFiles))
            MemoryStore.append(audit, &state)
            return nil
        }
        if let fault { throw .conflict(fault) }
    }

    public func knowledge(tenant: String) async throws(StoreError) -> [KnowledgeRecord] {
        try checkOpen()
        return state.withLock { $0.knowledge[tenant] ?? [] }.map { record in
            var record = record
            record.file = []
            return record
        }
    }

    public func targetKnowledge(tenant: String) async throws(StoreError) -> KnowledgeRecord? {
        try checkOpen()
        return state.withLock { $0.knowledge[tenant]?.first }
    }
}
