public import CollectorCore

/// What the agent listener writes.
public protocol IngestStore: Sendable {
    /// An agent connected and said who it is. Returns the gateway as it is after that.
    ///
    /// Throws `.notFound` for a gateway that was never enrolled.
    func recordConnection(_ connection: ConnectionRecord) async throws(StoreError) -> GatewayRecord

    /// The connection that said `instance` ended. A connection of another instance is left alone.
    func recordDisconnection(
        of gateway: GatewayKey,
        instance: String,
        reason: String,
        nowMilliseconds: UInt64
    ) async throws(StoreError)

    /// Takes reports of one gateway, in order. Returns when they are committed; many callers share a transaction.
    ///
    /// What the gateway's high-water mark covers already is dropped: sending again changes nothing.
    func ingest(_ submission: IngestSubmission) async throws(StoreError) -> IngestOutcome

    /// Something was heard of these gateways: keeps `lastSeenMilliseconds` fresh without a write for each ping.
    func recordSigns(of gateways: [GatewayKey], nowMilliseconds: UInt64) async throws(StoreError)

    /// Marks as silent, with an event each, the gateways of which nothing was heard since `beforeMilliseconds` and
    /// that were not marked yet.
    func markSilent(beforeMilliseconds: UInt64, nowMilliseconds: UInt64) async throws(StoreError) -> [GatewayKey]

    /// The collector starts: no agent can be connected yet.
    func resetConnections() async throws(StoreError)
}
