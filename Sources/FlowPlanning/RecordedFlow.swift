public import NetworkTypes
public import Policy

/// A line of `gatehouse-agent flows -o json`: what a device reached, how often, and what the device is held to be.
public struct RecordedFlow: Hashable, Sendable {
    /// The device as it was held to be when the flows were listed.
    public var device: DeviceFacts
    /// Where to.
    public var direction: FlowDirection
    /// The name the device had asked; nil where none is known, and for the gateway.
    public var name: DomainName?
    /// The address of the last connection.
    public var address: IPAddress
    /// TCP, UDP, ICMP or another.
    public var transport: TransportProtocol
    /// The server's port; for ICMP the type, 0 for protocols without either.
    public var port: UInt16
    /// Connections.
    public var count: UInt64
    /// Milliseconds since 1970.
    public var firstMilliseconds: UInt64
    /// Milliseconds since 1970.
    public var lastMilliseconds: UInt64

    /// A flow seen once.
    public init(
        device: DeviceFacts,
        direction: FlowDirection,
        name: DomainName?,
        address: IPAddress,
        transport: TransportProtocol,
        port: UInt16
    ) {
        self.device = device
        self.direction = direction
        self.name = name
        self.address = address
        self.transport = transport
        self.port = port
        count = 1
        firstMilliseconds = 0
        lastMilliseconds = 0
    }

    /// The name, `gateway`, or the address.
    public var destination: String {
        if direction == .gateway { return "gateway" }
        return (name?.byteString ?? address.byteString).text
    }

    /// `443/tcp`; without a port `icmp`, or the protocol's number.
    public var service: String {
        switch transport {
        case .icmp, .icmpv6: return "icmp"
        case .tcp, .udp: return "\(port)/\(transport)"
        default: return "protocol \(transport)"
        }
    }
}
