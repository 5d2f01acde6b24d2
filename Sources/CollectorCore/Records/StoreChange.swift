/// Something in the store changed; who shows it reads it again.
public enum StoreChange: Hashable, Sendable {
    /// A gateway's row: connected, gone, proved, banned, …
    case gateway(GatewayKey)
    /// A device's row.
    case device(GatewayKey, device: String)
    /// New events of a gateway, up to this identifier.
    case events(GatewayKey, upTo: UInt64)
    /// A policy or its way through the fleet.
    case policy(tenant: String, hash: String)
    /// An enrolment token.
    case token(tenant: String, id: String)
    /// The listener was too slow and missed some: read everything again.
    case everything

    /// The tenant it concerns; nil for all.
    public var tenant: String? {
        switch self {
        case .gateway(let key), .device(let key, _), .events(let key, _): return key.tenant
        case .policy(let tenant, _), .token(let tenant, _): return tenant
        case .everything: return nil
        }
    }
}
