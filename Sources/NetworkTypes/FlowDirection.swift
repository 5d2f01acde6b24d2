/// Where a connection that a device opened leads.
public enum FlowDirection: UInt8, Hashable, Sendable {
    /// Beyond the gateway.
    case internet = 0
    /// To the gateway itself.
    case gateway = 1
    /// To something else on the devices' networks.
    case device = 2

    /// `internet`, `gateway`, `device`
    public var name: StaticString {
        switch self {
        case .internet: return "internet"
        case .gateway: return "gateway"
        case .device: return "device"
        }
    }
}
