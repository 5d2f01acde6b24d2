public import NetworkTypes

/// A DHCPv6 message from a client (RFC 8415 §8), or one that relays passed on (§9).
///
/// ```
/// type (1) | transaction (3) | options: code (2) | length (2) | data
/// relayed: type (1) | hops (1) | link address (16) | peer address (16) | options, one of which is the message
/// ```
public struct DHCPv6Message: Hashable, Sendable {
    /// Most relays one behind the other.
    public static let maximumRelays = 4

    /// 1 SOLICIT, 3 REQUEST, 5 RENEW, 11 INFORMATION-REQUEST; 2 and 7 come from servers.
    public let type: UInt8
    /// Whether a relay passed it on.
    public let isRelayed: Bool
    /// The client's MAC address where a relay says it (RFC 6939), or where the client's link-local address shows it.
    public let relayedClient: MACAddress?
    /// All options in order (IANA "DHCPv6 Option Codes"); their values are in the reader they came from.
    public private(set) var options: [TypeLengthValue] = []

    /// A message.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        var relays = 0
        var client: MACAddress?
        while reader.peek() == 12 {
            guard relays < DHCPv6Message.maximumRelays else { throw reader.error(.limitExceeded) }
            relays += 1
            try reader.skip(18)
            let peer = try IPAddress(parsingV6: &reader)
            // The innermost relay is the client's neighbour.
            client = DHCPv6Message.hardwareAddress(in: peer)
            var inner: TypeLengthValue?
            var count = 0
            while !reader.isAtEnd {
                guard count < TypeLengthValue.maximumCount else { throw reader.error(.limitExceeded) }
                count += 1
                let option = try TypeLengthValue(parsing: &reader, layout: .words)
                if option.type == 9 { inner = option }
                guard option.type == 79, option.count == 8 else { continue }
                var value = option.value(in: reader)
                if try value.readUInt16() == 1 { client = try MACAddress(parsing: &value) }
            }
            guard let inner else { throw reader.error(.malformed) }
            reader = inner.value(in: reader)
        }
        isRelayed = relays > 0
        relayedClient = client
        type = try reader.readUInt8()
        try reader.skip(3)
        while !reader.isAtEnd {
            guard options.count < TypeLengthValue.maximumCount else { throw reader.error(.limitExceeded) }
            options.append(try TypeLengthValue(parsing: &reader, layout: .words))
        }
    }

    /// The MAC address that an interface identifier was made of (RFC 4291, appendix A).
    private static func hardwareAddress(in address: IPAddress) -> MACAddress? {
        guard address.isLinkLocal, (address.low >> 24) & 0xFFFF == 0xFFFE else { return nil }
        return MACAddress(rawValue: ((address.low >> 40) << 24 | address.low & 0xFF_FFFF) ^ 0x0200_0000_0000)
    }
}
