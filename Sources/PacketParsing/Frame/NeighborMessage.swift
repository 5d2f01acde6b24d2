public import NetworkTypes

/// A message of IPv6 neighbour discovery (RFC 4861 §4).
///
/// ```
/// type (1) | code (1) | checksum (2)
/// router advertisement:    hop limit (1) | flags (1) | lifetime (2) | timers (8) | options
/// neighbour solicitation:  0 (4) | target (16) | options
/// neighbour advertisement: router, solicited, override (4) | target (16) | options
/// ```
public struct NeighborMessage: Hashable, Sendable {
    /// 133 and 134 solicit and advertise routers, 135 and 136 neighbours.
    public let type: UInt8
    /// Router advertisement: the sender offers itself as default router.
    public let isDefaultRouter: Bool
    /// Neighbour advertisement: the address that the sender holds.
    public let advertisedAddress: IPAddress?
    /// The sender's own hardware address, where an option names it.
    public private(set) var hardwareAddress: MACAddress?

    /// A message; other types of ICMPv6 are unsupported.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        type = try reader.readUInt8()
        guard (133...136).contains(type), try reader.readUInt8() == 0 else { throw reader.error(.unsupported) }
        try reader.skip(2)
        var isRouter = false
        var target: IPAddress?
        if type == 134 {
            try reader.skip(2)
            isRouter = try reader.readUInt16() > 0
            try reader.skip(8)
        } else {
            try reader.skip(4)
            if type > 134 { target = try IPAddress(parsingV6: &reader) }
        }
        isDefaultRouter = isRouter
        advertisedAddress = type == 136 ? target : nil
        var count = 0
        while !reader.isAtEnd {
            guard count < TypeLengthValue.maximumCount else { throw reader.error(.limitExceeded) }
            count += 1
            let option = try TypeLengthValue(parsing: &reader, layout: .eights)
            // 1 is the sender's address, 2 the target's.
            guard option.type == (type == 136 ? 2 : 1) else { continue }
            var value = option.value(in: reader)
            hardwareAddress = try MACAddress(parsing: &value)
        }
    }
}
