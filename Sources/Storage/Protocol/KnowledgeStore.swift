public import CollectorCore

/// Signed knowledge files: the last few of each tenant.
public protocol KnowledgeStore: Sendable {
    /// Keeps a file, which is from then on what the tenant's gateways should have. The oldest beyond
    /// `StoreLimits.maximumKnowledgeFiles` goes. Handing in the present one again changes nothing; one that cannot follow
    /// it is a `conflict`.
    func storeKnowledge(_ knowledge: KnowledgeRecord, audit: AuditEntry) async throws(StoreError)

    /// Knowledge files, the last one first, without their bytes.
    func knowledge(tenant: String) async throws(StoreError) -> [KnowledgeRecord]

    /// What the tenant's gateways should have, with its bytes; nil where nothing was handed in.
    func targetKnowledge(tenant: String) async throws(StoreError) -> KnowledgeRecord?
}
