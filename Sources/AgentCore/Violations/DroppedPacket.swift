public import NetworkTypes

/// A packet that the kernel dropped, or would have, as its log copy tells.
public struct DroppedPacket: Hashable, Sendable {
    /// Who sent it, or whom it was for.
    public var device: MACAddress
    /// Where it wanted to go.
    public var destination: IPAddress
    /// The name the device asked for that address, for `VerdictReason.serverName` the one it asked the server for; empty
    /// where that is not known.
    public var destinationName: ByteString
    /// Its transport protocol.
    public var transport: TransportProtocol
    /// Destination port; for ICMP the type.
    public var port: UInt16
    /// Source port of TCP and UDP, where known; else 0.
    public var sourcePort: UInt16 = 0
    /// Whether the address it came from is another device's, or of none that can be on the link: no mistake of a moment.
    public var isForged = false
    /// Why, and under which policy.
    public var prefix: ViolationPrefix
    /// The TCP sequence number of a SYN; nil for anything else.
    public var synSequenceNumber: UInt32?

    /// A dropped packet.
    public init(
        device: MACAddress,
        destination: IPAddress,
        destinationName: ByteString = "",
        transport: TransportProtocol,
        port: UInt16,
        prefix: ViolationPrefix,
        synSequenceNumber: UInt32? = nil
    ) {
        self.device = device
        self.destination = destination
        self.destinationName = destinationName
        self.transport = transport
        self.port = port
        self.prefix = prefix
        self.synSequenceNumber = synSequenceNumber
    }
}
