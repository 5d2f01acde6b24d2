/// Names of IP protocols as people write them.
enum TransportName {
    /// `tcp` for 6; the number itself where there is no short name.
    static func of(_ number: UInt64) -> String {
        switch number {
        case 1: return "icmp"
        case 6: return "tcp"
        case 17: return "udp"
        case 58: return "icmpv6"
        default: return String(number)
        }
    }
}
