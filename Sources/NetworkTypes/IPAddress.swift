/// An IPv4 or IPv6 address.
///
/// Stored as 128 bits; an IPv4 address is never mixed up with its IPv6-mapped form.
public struct IPAddress: Hashable, Sendable {
    /// Which protocol the address belongs to.
    public enum Family: UInt8, Hashable, Sendable {
        /// 32 bits (RFC 791).
        case v4 = 4
        /// 128 bits (RFC 4291).
        case v6 = 6
    }

    /// The family.
    public let family: Family
    /// Upper 64 bits of an IPv6 address; 0 for IPv4.
    public let high: UInt64
    /// Lower 64 bits of an IPv6 address; the 32 bits of an IPv4 address.
    public let low: UInt64

    /// An IPv4 address from its 32 bits.
    @inlinable
    public init(v4 bits: UInt32) {
        family = .v4
        high = 0
        low = UInt64(bits)
    }

    /// An IPv6 address from its halves.
    @inlinable
    public init(v6High high: UInt64, low: UInt64) {
        family = .v6
        self.high = high
        self.low = low
    }

    /// Four octets from a frame.
    @inlinable
    public init(parsingV4 reader: inout ByteReader) throws(DecodeError) {
        self.init(v4: try reader.readUInt32())
    }

    /// Sixteen octets from a frame.
    @inlinable
    public init(parsingV6 reader: inout ByteReader) throws(DecodeError) {
        let high = try reader.readUInt64()
        self.init(v6High: high, low: try reader.readUInt64())
    }

    /// 4 or 16 octets in network order; nil for another count.
    public init?(octets: [UInt8]) {
        func word(_ range: Range<Int>) -> UInt64 { octets[range].reduce(0) { $0 << 8 | UInt64($1) } }
        switch octets.count {
        case 4: self.init(v4: UInt32(word(0..<4)))
        case 16: self.init(v6High: word(0..<8), low: word(8..<16))
        default: return nil
        }
    }

    /// Number of bits: 32 or 128.
    @inlinable
    public var bitWidth: Int { family == .v4 ? 32 : 128 }

    /// 4 or 16 octets in network order.
    public var octets: [UInt8] {
        switch family {
        case .v4: return (0..<4).map { UInt8(truncatingIfNeeded: low >> UInt64(24 - $0 * 8)) }
        case .v6:
            return (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - $0 * 8)) }
                + (0..<8).map { UInt8(truncatingIfNeeded: low >> UInt64(56 - $0 * 8)) }
        }
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then numerical order.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        if left.family != right.family { return left.family == .v4 }
        return left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

extension IPAddress {
    /// 0.0.0.0 or ::
    public var isUnspecified: Bool { high == 0 && low == 0 }

    /// 127.0.0.0/8 or ::1
    public var isLoopback: Bool {
        family == .v4 ? low >> 24 == 127 : high == 0 && low == 1
    }

    /// 169.254.0.0/16 (RFC 3927; cloud metadata services live here) or fe80::/10 (RFC 4291).
    public var isLinkLocal: Bool {
        family == .v4 ? low >> 16 == 0xA9FE : high >> 54 == 0x3FA
    }

    /// 224.0.0.0/4 or ff00::/8
    public var isMulticast: Bool {
        family == .v4 ? low >> 28 == 0xE : high >> 56 == 0xFF
    }

    /// RFC 1918 and RFC 6598 (shared, 100.64.0.0/10) networks, or fc00::/7 (RFC 4193).
    public var isPrivate: Bool {
        switch family {
        case .v4:
            return low >> 24 == 10 || low >> 20 == 0xAC1 || low >> 16 == 0xC0A8 || low >> 22 == 0x191
        case .v6: return high >> 57 == 0x7E
        }
    }

    /// The IPv4 address inside ::ffff:0:0/96, if it is one.
    public var mappedV4: IPAddress? {
        guard family == .v6, high == 0, low >> 32 == 0xFFFF else { return nil }
        return IPAddress(v4: UInt32(truncatingIfNeeded: low))
    }
}
