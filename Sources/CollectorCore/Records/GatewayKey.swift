/// Names a gateway: every table and every query is keyed by tenant first, then by gateway.
public struct GatewayKey: Hashable, Sendable, Codable {
    /// The tenant; `TenantName.standard` where there is but one.
    public var tenant: String
    /// The identifier in the gateway's certificate: `spiffe://<trust-domain>/gateway/<gateway>`.
    public var gateway: String

    /// A key.
    public init(tenant: String = TenantName.standard, gateway: String) {
        self.tenant = tenant
        self.gateway = gateway
    }
}

extension GatewayKey: Comparable {
    /// By tenant, then by gateway.
    public static func < (left: GatewayKey, right: GatewayKey) -> Bool {
        left.tenant == right.tenant ? left.gateway < right.gateway : left.tenant < right.tenant
    }
}
