public import NetworkTypes

/// What is counted together: one device, one destination, one service.
public struct FlowKey: Hashable, Sendable {
    /// Who opened the connections.
    public var device: MACAddress
    /// The name that the device had asked for the address; empty where none is known.
    public var name: ByteString
    /// The address, where it is what names the destination; else unspecified: a name has many, the gateway too.
    public var address: IPAddress
    /// The transport protocol.
    public var transport: TransportProtocol
    /// The server's port; for ICMP the type.
    public var port: UInt16
    /// Where to.
    public var direction: FlowDirection

    /// The key of a connection. `name` counts only for what lies beyond the gateway.
    public init(_ flow: OpenedFlow, name: DomainName?, direction: FlowDirection) {
        device = flow.device
        self.name = direction == .internet ? name?.byteString ?? "" : ""
        let isNamed = direction == .gateway || !self.name.isEmpty
        address = isNamed ? IPAddress(v4: 0) : flow.destination
        transport = flow.transport
        port = flow.port
        self.direction = direction
    }

    /// From its parts.
    init(
        device: MACAddress,
        name: ByteString,
        address: IPAddress,
        transport: TransportProtocol,
        port: UInt16,
        direction: FlowDirection
    ) {
        self.device = device
        self.name = name
        self.address = address
        self.transport = transport
        self.port = port
        self.direction = direction
    }

    /// The name, `gateway`, or the address.
    public var destination: ByteString {
        if direction == .gateway { return "gateway" }
        return name.isEmpty ? address.byteString : name
    }
}
