/// More than so much a second from one device is a flood, whatever its policy says: packets of devices in enforce mode are
/// dropped without an answer, in monitor mode they are reported. 0 for no limit.
///
/// Counted is what begins something or is refused. What belongs to a connection that was judged is limited by the policy
/// (`RateLimits`): a camera's stream is no flood.
public struct FloodLimits: Hashable, Sendable {
    /// TCP connections begun: SYN packets.
    public var syn: UInt32 = 100
    /// Refused UDP packets.
    public var udp: UInt32 = 1000
    /// ICMP and ICMPv6 that answer nothing and are not answered.
    public var icmp: UInt32 = 100
    /// Packets to the gateway's DNS.
    public var dns: UInt32 = 500
    /// Refused packets of any other protocol, as GRE.
    public var other: UInt32 = 50

    /// The defaults.
    public init() {}

    /// The limit that a reason tells of; 0 for reasons that are no floods.
    public subscript(_ reason: VerdictReason) -> UInt32 {
        switch reason {
        case .synFlood: return syn
        case .udpFlood: return udp
        case .icmpFlood: return icmp
        case .dnsFlood: return dns
        case .otherFlood: return other
        default: return 0
        }
    }
}

extension VerdictReason {
    /// The reasons that are floods.
    public static let floods: [VerdictReason] = [.synFlood, .udpFlood, .icmpFlood, .dnsFlood, .otherFlood]

    /// Whether a packet was one too many of a flood.
    public var isFlood: Bool {
        rawValue >= VerdictReason.synFlood.rawValue && rawValue <= VerdictReason.otherFlood.rawValue
    }
}
