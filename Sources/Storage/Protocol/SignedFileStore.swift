public import CollectorCore
public import Policy

/// Signed files: the last few of each kind and tenant.
public protocol SignedFileStore: Sendable {
    /// Keeps a file, which is from then on what the tenant's gateways should have of its kind. The oldest of the kind beyond
    /// `StoreLimits.maximumSignedFiles` goes. Handing in the present one again changes nothing; one that cannot follow
    /// it is a `conflict`.
    func storeFile(_ file: SignedFileRecord, audit: AuditEntry) async throws(StoreError)

    /// Files of a kind, the last one first, without their bytes.
    func files(_ kind: FileKind, tenant: String) async throws(StoreError) -> [SignedFileRecord]

    /// What the tenant's gateways should have of a kind, with its bytes; nil where nothing was handed in.
    func targetFile(_ kind: FileKind, tenant: String) async throws(StoreError) -> SignedFileRecord?
}
