public import NetworkTypes

/// A connection that a device opened and the kernel let pass.
public struct OpenedFlow: Hashable, Sendable {
    /// Who opened it.
    public var device: MACAddress
    /// To whom, before any translation.
    public var destination: IPAddress
    /// Who answers, after any translation; nil where the kernel does not say.
    public var answeredBy: IPAddress?
    /// Its transport protocol.
    public var transport: TransportProtocol
    /// The server's port; for ICMP the type, 0 for protocols without either.
    public var port: UInt16

    /// A connection.
    public init(
        device: MACAddress,
        destination: IPAddress,
        answeredBy: IPAddress? = nil,
        transport: TransportProtocol,
        port: UInt16
    ) {
        self.device = device
        self.destination = destination
        self.answeredBy = answeredBy
        self.transport = transport
        self.port = port
    }
}
