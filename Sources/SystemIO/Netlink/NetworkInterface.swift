public import NetworkTypes

/// One network interface.
public struct NetworkInterface: Hashable, Sendable {
    /// The kernel's number.
    public let index: UInt32
    /// `eth0`
    public let name: ByteString
    /// The hardware address, where it has one of six octets.
    public let hardwareAddress: MACAddress?
    /// IFF_UP: set up by the administrator.
    public let isUp: Bool
    /// IFF_RUNNING: has a carrier.
    public let isRunning: Bool
    /// IFF_LOOPBACK.
    public let isLoopback: Bool
    /// The bridge or bond it belongs to; 0 for none.
    public let master: UInt32
    /// Addresses with the length of their network.
    public internal(set) var addresses: [Address] = []

    /// An address of this host, and the network it lies in.
    public struct Address: Hashable, Sendable {
        /// The address itself.
        public let address: IPAddress
        /// Network bits.
        public let prefixLength: Int

        /// The network.
        public var network: IPPrefix? { IPPrefix(address, length: prefixLength) }
    }
}
