public import NetworkTypes

/// Names a flow of a gateway: one device, one destination, one service.
public struct DeviceFlowKey: Hashable, Sendable {
    /// The device's key: `mac:ac:cc:8e:01:02:03`.
    public var device: String
    /// Where to.
    public var direction: FlowDirection
    /// The name, the address where no name is known, or `gateway`.
    public var destination: String
    /// IP protocol.
    public var transport: TransportProtocol
    /// The server's port; for ICMP the type, 0 for protocols without either.
    public var port: UInt16

    /// A key.
    public init(
        device: String,
        direction: FlowDirection,
        destination: String,
        transport: TransportProtocol,
        port: UInt16
    ) {
        self.device = device
        self.direction = direction
        self.destination = destination
        self.transport = transport
        self.port = port
    }
}

extension DeviceFlowKey: Comparable {
    /// By device, direction, destination, protocol, port: the order of listings.
    public static func < (left: DeviceFlowKey, right: DeviceFlowKey) -> Bool {
        (left.device, left.direction.rawValue, left.destination, left.transport.rawValue, left.port)
            < (right.device, right.direction.rawValue, right.destination, right.transport.rawValue, right.port)
    }
}

/// Where a device's connections led, as its gateway reported it.
public struct DeviceFlowRecord: Hashable, Sendable {
    /// Which.
    public var key: DeviceFlowKey
    /// The address that the last connection went to.
    public var address: String
    /// Connections, in all.
    public var count: UInt64
    /// When the first was seen, by the gateway's clock, milliseconds since 1970, as all times here.
    public var firstMilliseconds: UInt64
    /// When one was last seen; never later than the report came.
    public var lastMilliseconds: UInt64
    /// When the gateway began the count that it reported last. It begins anew where the gateway had forgotten the flow.
    public var countedSinceMilliseconds: UInt64
    /// Connections of the counts before that one.
    public var earlierCount: UInt64

    /// A flow as the store has it.
    public init(
        key: DeviceFlowKey,
        address: String,
        count: UInt64,
        firstMilliseconds: UInt64,
        lastMilliseconds: UInt64,
        countedSinceMilliseconds: UInt64,
        earlierCount: UInt64
    ) {
        self.key = key
        self.address = address
        self.count = count
        self.firstMilliseconds = firstMilliseconds
        self.lastMilliseconds = lastMilliseconds
        self.countedSinceMilliseconds = countedSinceMilliseconds
        self.earlierCount = earlierCount
    }
}
