public import NetworkTypes

/// What is known of a datagram beside its bytes.
public struct Datagram: Hashable, Sendable {
    /// Who sent it.
    public let source: SocketAddress
    /// The address of this host it was sent to; nil where the kernel did not say. A reply must come from there.
    public let destination: IPAddress?
    /// The interface it came in on; 0 where the kernel did not say.
    public let interfaceIndex: UInt32
    /// Bytes of it in the buffer.
    public let count: Int
    /// Whether it was longer than the buffer.
    public let isTruncated: Bool
}
