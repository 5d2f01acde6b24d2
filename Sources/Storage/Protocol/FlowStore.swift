public import CollectorCore

/// Where devices' connections led, of gateways that report it.
public protocol FlowStore: Sendable {
    /// Flows in the order of their keys.
    func flows(_ query: FlowQuery) async throws(StoreError) -> [DeviceFlowRecord]

    /// Forgets the flows that were last seen before a time, of all tenants. Returns how many those were.
    func forgetFlows(beforeMilliseconds: UInt64) async throws(StoreError) -> Int
}

/// Which flows.
public struct FlowQuery: Hashable, Sendable {
    /// Of this gateway.
    public var gateway: GatewayKey
    /// Only of this device; nil for all behind it.
    public var device: String?
    /// Only those after this one: the cursor of the next page, the last of this one.
    public var after: DeviceFlowKey?
    /// At most so many.
    public var limit = StoreLimits.maximumPageSize

    /// All flows of a gateway, or of one device behind it.
    public init(gateway: GatewayKey, device: String? = nil) {
        self.gateway = gateway
        self.device = device
    }
}
