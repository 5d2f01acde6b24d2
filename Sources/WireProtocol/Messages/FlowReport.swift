public import NetworkTypes

/// Where devices' connections led: what is new of it, or went on. Sent only where the gateway's configuration says so, and
/// only to a collector whose `Welcome` says that it takes it.
public struct FlowReport: Hashable, Sendable {
    /// Most flows of one report.
    public static let maximumFlowCount = 64

    /// The flows; each replaces what was reported of it before.
    public var flows: [Flow] = []

    /// One device, one destination, one service.
    public struct Flow: Hashable, Sendable {
        /// Who opened the connections.
        public var device = MACAddress(rawValue: 0)
        /// The name that the device had asked for the address, lower-case; empty where none is known.
        public var name: ByteString = ""
        /// The address that the last one went to.
        public var address = IPAddress(v4: 0)
        /// IP protocol number.
        public var transport = TransportProtocol(rawValue: 0)
        /// The server's port; for ICMP the type, 0 for protocols without either.
        public var port: UInt16 = 0
        /// Where to; only what leads beyond the gateway has a name.
        public var direction = FlowDirection.internet
        /// Connections, since the gateway began to count them.
        public var count: UInt64 = 0
        /// When the first was seen, milliseconds since 1970.
        public var firstMilliseconds: UInt64 = 0
        /// When one was last seen to be opened or open, milliseconds since 1970.
        public var lastMilliseconds: UInt64 = 0

        /// All fields at their zero.
        public init() {}
    }

    /// No flows.
    public init() {}
}
