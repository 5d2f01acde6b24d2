public import NetworkTypes

/// One entry of the kernel's connection tracking table, seen from the side that opened it.
public struct TrackedFlow: Hashable, Sendable {
    /// What tells one flow from another.
    public struct Tuple: Hashable, Sendable {
        /// Who opened it.
        public var source: IPAddress
        /// Whom it was opened to, before any address translation.
        public var destination: IPAddress
        /// IP protocol.
        public var transport: TransportProtocol
        /// 0 for protocols without ports.
        public var sourcePort: UInt16
        /// 0 for protocols without ports.
        public var destinationPort: UInt16
        /// ICMP echo identifier, type and code; nil for other protocols.
        public var icmp: ICMP?

        /// What conntrack keeps of an ICMP exchange.
        public struct ICMP: Hashable, Sendable {
            /// Echo identifier.
            public var identifier: UInt16
            /// Message type.
            public var type: UInt8
            /// Message code.
            public var code: UInt8

            /// From its fields.
            public init(identifier: UInt16, type: UInt8, code: UInt8) {
                self.identifier = identifier
                self.type = type
                self.code = code
            }
        }

        /// A tuple; both addresses must be of one family.
        public init(
            source: IPAddress,
            destination: IPAddress,
            transport: TransportProtocol,
            sourcePort: UInt16,
            destinationPort: UInt16,
            icmp: ICMP? = nil
        ) {
            self.source = source
            self.destination = destination
            self.transport = transport
            self.sourcePort = sourcePort
            self.destinationPort = destinationPort
            self.icmp = icmp
        }
    }

    /// The opener's view.
    public let original: Tuple
    /// Where the answers come from: the destination after translation, where there was any.
    public let replySource: IPAddress?
    /// The connection mark, in which the device's policy generation stands.
    public let mark: UInt32
    /// IPS_ bits (linux/netfilter/nf_conntrack_common.h).
    public let status: UInt32

    /// Whether packets went both ways (IPS_SEEN_REPLY).
    public var isAnswered: Bool { status & 2 != 0 }
}
