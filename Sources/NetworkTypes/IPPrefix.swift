/// An address block in CIDR notation (RFC 4632).
public struct IPPrefix: Hashable, Sendable {
    /// The first address; its host bits are zero.
    public let address: IPAddress
    /// Network bits: 0...32 or 0...128.
    public let length: Int

    /// The block of `length` bits around `address`; nil if `length` exceeds the family's bits. Host bits are cleared.
    public init?(_ address: IPAddress, length: Int) {
        guard length >= 0, length <= address.bitWidth else { return nil }
        let (high, low) = IPPrefix.mask(address.family, length)
        self.length = length
        self.address =
            address.family == .v4
            ? IPAddress(v4: UInt32(truncatingIfNeeded: address.low & low))
            : IPAddress(v6High: address.high & high, low: address.low & low)
    }

    /// The block of one address.
    public init(host address: IPAddress) {
        self.address = address
        self.length = address.bitWidth
    }

    /// `192.0.2.0/24`, or an address alone for a block of one; nil for anything else, also where host bits are set.
    public init?(_ text: ByteString) {
        let parts = text.split(0x2F)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(host: address)
            return
        }
        guard parts[1].count <= 3, let length = Decimal.parse(parts[1], limit: UInt64(address.bitWidth)) else {
            return nil
        }
        self.init(address, length: Int(length))
        guard self.address == address else { return nil }
    }

    /// Whether `other` lies in the block.
    public func contains(_ other: IPAddress) -> Bool {
        guard other.family == address.family else { return false }
        let (high, low) = IPPrefix.mask(address.family, length)
        return other.high & high == address.high && other.low & low == address.low
    }

    /// Whether the two blocks share an address.
    public func overlaps(_ other: IPPrefix) -> Bool {
        length <= other.length ? contains(other.address) : other.contains(address)
    }

    /// Whether it is a single address.
    public var isHost: Bool { length == address.bitWidth }

    private static func mask(_ family: IPAddress.Family, _ length: Int) -> (high: UInt64, low: UInt64) {
        func upper(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : UInt64.max << UInt64(64 - Swift.min(bits, 64)) }
        switch family {
        case .v4: return (0, length == 0 ? 0 : UInt64(UInt32.max << UInt32(32 - length)))
        case .v6: return (upper(length), upper(length - 64))
        }
    }

    /// `192.0.2.0/24`; a block of one address has no suffix.
    public var byteString: ByteString {
        var text = address.byteString
        if !isHost {
            text.append(byte: 0x2F)
            text.append(decimal: length)
        }
        return text
    }
}

extension IPPrefix: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
