public import NetworkTypes

/// A client began TLS over TCP, or QUIC: on which flow, and which server it asked for.
public struct ServerNameSighting: Hashable, Sendable {
    /// Most bytes kept of a name: one more than a domain name with its final dot has.
    public static let maximumNameLength = 255

    /// What the ClientHello says in its server_name (RFC 6066 §3).
    public enum Name: Hashable, Sendable {
        /// This name, as it was sent; of more than `maximumNameLength` bytes the first.
        case named(ByteString)
        /// Nothing.
        case absent
        /// It could not be read: in too many pieces or too long, not finished in time, or not what it should be.
        case unread
    }

    /// Who sent it.
    public var device: MACAddress
    /// From which address.
    public var client: IPAddress
    /// To which.
    public var server: IPAddress
    /// TCP or UDP.
    public var transport: TransportProtocol
    /// From which port.
    public var clientPort: UInt16
    /// To which.
    public var serverPort: UInt16
    /// The server asked for.
    public var name: Name

    /// A sighting.
    public init(
        device: MACAddress,
        client: IPAddress,
        server: IPAddress,
        transport: TransportProtocol,
        clientPort: UInt16,
        serverPort: UInt16,
        name: Name
    ) {
        self.device = device
        self.client = client
        self.server = server
        self.transport = transport
        self.clientPort = clientPort
        self.serverPort = serverPort
        self.name = name
    }
}
