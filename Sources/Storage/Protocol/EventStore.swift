public import CollectorCore
public import WireProtocol

/// What happened.
public protocol EventStore: Sendable {
    /// Events, newest first.
    func events(_ query: EventQuery) async throws(StoreError) -> [EventRecord]

    /// One event; nil where there is none.
    func event(_ id: UInt64, tenant: String) async throws(StoreError) -> EventRecord?

    /// Counts of events since a time, by kind.
    func eventCounts(tenant: String, sinceMilliseconds: UInt64) async throws(StoreError) -> [EventKind: UInt64]
}

/// Which events.
public struct EventQuery: Hashable, Sendable {
    /// Of this tenant.
    public var tenant: String
    /// Only of this gateway; nil for all.
    public var gateway: String?
    /// Only of this device; nil for all.
    public var device: String?
    /// Only of these kinds; empty for all.
    public var kinds: [EventKind] = []
    /// Only as severe as this, or more.
    public var minimumSeverity: Report.Severity = .informational
    /// Only those committed since, milliseconds since 1970.
    public var sinceMilliseconds: UInt64 = 0
    /// Only those with a lower identifier: the cursor of the next page, the last of this one. nil for the newest.
    public var before: UInt64?
    /// At most so many.
    public var limit = 100

    /// All events of a tenant.
    public init(tenant: String = TenantName.standard, gateway: String? = nil, device: String? = nil) {
        self.tenant = tenant
        self.gateway = gateway
        self.device = device
    }
}
