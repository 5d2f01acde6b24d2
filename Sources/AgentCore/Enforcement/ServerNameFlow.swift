public import NetworkTypes

/// A flow of a device to a server, as the sets `cut4` and `cut6` know it.
public struct ServerNameFlow: Hashable, Sendable {
    /// Who began it.
    public var device: MACAddress
    /// With whom.
    public var server: IPAddress
    /// TCP or UDP.
    public var transport: TransportProtocol
    /// The device's port.
    public var clientPort: UInt16
    /// The server's.
    public var serverPort: UInt16

    /// A flow.
    public init(
        device: MACAddress,
        server: IPAddress,
        transport: TransportProtocol,
        clientPort: UInt16,
        serverPort: UInt16
    ) {
        self.device = device
        self.server = server
        self.transport = transport
        self.clientPort = clientPort
        self.serverPort = serverPort
    }

    /// The kernel set it belongs to.
    var setName: ByteString { RulesetNames.cut(server.family) }

    /// The element's key in nft's words: `ac:cc:8e:01:02:03 . 192.0.2.7 . tcp . 50000 . 443`.
    var elementKey: ByteString {
        "\(device.byteString) . \(server.byteString) . \(transport.byteString) . \(clientPort) . \(serverPort)"
    }
}
