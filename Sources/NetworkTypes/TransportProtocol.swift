/// An IP protocol number (IANA "Assigned Internet Protocol Numbers").
public struct TransportProtocol: RawRepresentable, Hashable, Sendable {
    /// The number in the IP header.
    public let rawValue: UInt8

    /// Any number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// RFC 792.
    public static let icmp = TransportProtocol(rawValue: 1)
    /// RFC 9293.
    public static let tcp = TransportProtocol(rawValue: 6)
    /// RFC 768.
    public static let udp = TransportProtocol(rawValue: 17)
    /// RFC 2784.
    public static let gre = TransportProtocol(rawValue: 47)
    /// RFC 4443.
    public static let icmpv6 = TransportProtocol(rawValue: 58)

    /// `tcp`, `udp`, `icmp`, `icmpv6`, `gre`, or the number.
    public var byteString: ByteString {
        switch self {
        case .tcp: return "tcp"
        case .udp: return "udp"
        case .icmp: return "icmp"
        case .icmpv6: return "icmpv6"
        case .gre: return "gre"
        default:
            var text = ByteString()
            text.append(decimal: rawValue)
            return text
        }
    }
}

extension TransportProtocol: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
