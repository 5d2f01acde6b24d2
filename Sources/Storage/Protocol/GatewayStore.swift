public import CollectorCore

/// Gateways and the devices behind them.
public protocol GatewayStore: Sendable {
    /// Gateways by name, with what the posture needs of their devices.
    func gateways(_ query: GatewayQuery) async throws(StoreError) -> [GatewayOverview]

    /// One gateway; nil where there is none.
    func gateway(_ key: GatewayKey, nowMilliseconds: UInt64) async throws(StoreError) -> GatewayOverview?

    /// Devices by key.
    func devices(_ query: DeviceQuery) async throws(StoreError) -> [DeviceOverview]

    /// One device; nil where there is none.
    func device(
        _ key: String,
        of gateway: GatewayKey,
        nowMilliseconds: UInt64
    ) async throws(StoreError) -> DeviceOverview?

    /// Bans a gateway. Banning one that is banned keeps the first ban.
    func ban(_ gateway: GatewayKey, _ ban: BanRecord, audit: AuditEntry) async throws(StoreError)

    /// Lifts a ban.
    func unban(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError)

    /// Holds a gateway, with an incident: two hosts have its identity.
    func hold(_ gateway: GatewayKey, _ hold: HoldRecord) async throws(StoreError)

    /// Ends a hold; the next agent that connects with the identity counts as the right one.
    func endHold(_ gateway: GatewayKey, audit: AuditEntry) async throws(StoreError)

    /// Renames a gateway, or moves it to another site; nil leaves a field alone.
    func update(
        _ gateway: GatewayKey,
        name: String?,
        site: String?,
        labels: [String: String]?,
        audit: AuditEntry
    ) async throws(StoreError)

    /// A certificate was issued to a gateway, and may be handed to it once this returns. Throws `.conflict`, with its
    /// words, where the gateway is banned or held: in the same transaction, so that a ban cannot be passed by.
    func recordCertificate(
        _ certificate: CertificateSummary,
        of gateway: GatewayKey,
        audit: AuditEntry
    ) async throws(StoreError)
}

/// Which gateways.
public struct GatewayQuery: Hashable, Sendable {
    /// Of this tenant.
    public var tenant: String
    /// Only at this site; nil for all.
    public var site: String?
    /// Only those after this identifier: the cursor of the next page, the last of this one.
    public var after: String?
    /// At most so many.
    public var limit = StoreLimits.maximumPageSize
    /// The end of the window in which violations are counted.
    public var nowMilliseconds: UInt64

    /// All gateways of a tenant, in the order of their identifiers.
    public init(tenant: String = TenantName.standard, nowMilliseconds: UInt64) {
        self.tenant = tenant
        self.nowMilliseconds = nowMilliseconds
    }
}

/// Which devices.
public struct DeviceQuery: Hashable, Sendable {
    /// Of this tenant.
    public var tenant: String
    /// Only behind this gateway; nil for all.
    public var gateway: String?
    /// Only of this class; nil for all.
    public var deviceClass: String?
    /// Only those in quarantine, or not; nil for all.
    public var isQuarantined: Bool?
    /// Only those after this (gateway, key): the cursor of the next page, the last of this one.
    public var after: (gateway: String, key: String)? {
        get { afterGateway.map { ($0, afterKey) } }
        set {
            afterGateway = newValue?.gateway
            afterKey = newValue?.key ?? ""
        }
    }
    /// At most so many.
    public var limit = StoreLimits.maximumPageSize
    /// The end of the window in which violations are counted.
    public var nowMilliseconds: UInt64

    private var afterGateway: String?
    private var afterKey = ""

    /// All devices of a tenant, in the order of gateway and key.
    public init(tenant: String = TenantName.standard, gateway: String? = nil, nowMilliseconds: UInt64) {
        self.tenant = tenant
        self.gateway = gateway
        self.nowMilliseconds = nowMilliseconds
    }
}
