public import CollectorCore

/// The audit log: append only, hash-chained.
public protocol AuditStore: Sendable {
    /// Appends what was done.
    @discardableResult
    func appendAudit(_ entry: AuditEntry) async throws(StoreError) -> AuditRecord

    /// Lines of a tenant, newest first; before a sequence number, or from the newest where it is nil.
    func auditRecords(tenant: String, before: UInt64?, limit: Int) async throws(StoreError) -> [AuditRecord]

    /// Recomputes the chain over all tenants.
    func verifyAudit() async throws(StoreError) -> AuditVerification
}

/// What the recomputing of the audit log's chain came to.
public struct AuditVerification: Hashable, Sendable {
    /// Lines that were checked.
    public var checkedCount: UInt64
    /// The first line that does not fit; nil where all do.
    public var firstBroken: UInt64?

    /// An outcome.
    public init(checkedCount: UInt64, firstBroken: UInt64?) {
        self.checkedCount = checkedCount
        self.firstBroken = firstBroken
    }
}
