public import CollectorCore

/// What the collector keeps, whatever keeps it. Every implementation passes the one conformance suite of `StorageTests`.
///
/// - Every method is one transaction: what it returned is on disk, what threw changed nothing.
/// - Every query is held to one tenant.
/// - Times are milliseconds since 1970 and come from the caller: a store reads no clock.
public protocol CollectorStore: IngestStore, GatewayStore, EventStore, FlowStore, PolicyStore, SignedFileStore,
    TokenStore, PersonStore, AuditStore
{
    /// Changes from now on. Bounded: who reads too slowly gets `.everything` in place of what it missed.
    func changes() -> AsyncStream<StoreChange>

    /// Writes what is pending and closes the files; every later call throws `StoreError.closed`.
    func close() async

    /// Whether a read and a write work now; throws why not.
    func checkHealth() async throws(StoreError)
}
