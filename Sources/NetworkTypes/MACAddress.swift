/// A 48-bit Ethernet address (IEEE 802).
public struct MACAddress: Hashable, Sendable {
    /// The address in the low 48 bits, first octet highest.
    public let rawValue: UInt64

    /// The low 48 bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue & 0xFFFF_FFFF_FFFF }

    /// Six octets from a frame.
    @inlinable
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        let high = UInt64(try reader.readUInt16())
        let low = UInt64(try reader.readUInt32())
        self.init(rawValue: high << 32 | low)
    }

    /// Twelve digits, in pairs with `:` or `-` between them; nil for anything else.
    public init?(_ text: ByteString) {
        guard text.count == 17 else { return nil }
        var value: UInt64 = 0
        for index in 0..<6 {
            let start = index * 3
            guard let high = Hexadecimal.value(text.bytes[start]),
                let low = Hexadecimal.value(text.bytes[start + 1])
            else { return nil }
            if index < 5, text.bytes[start + 2] != 0x3A, text.bytes[start + 2] != 0x2D { return nil }
            value = value << 8 | UInt64(high << 4 | low)
        }
        self.init(rawValue: value)
    }

    /// ff:ff:ff:ff:ff:ff
    public static let broadcast = MACAddress(rawValue: 0xFFFF_FFFF_FFFF)

    /// Six octets in the order of transmission.
    public var octets: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> UInt64(40 - $0 * 8)) } }

    /// The first three octets, the assignment of an IEEE MA-L block.
    @inlinable
    public var organizationallyUniqueIdentifier: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 24) }

    /// Group bit: broadcast and multicast.
    @inlinable
    public var isMulticast: Bool { rawValue & 0x0100_0000_0000 != 0 }

    /// Not assigned by a manufacturer (randomised or virtual): it says nothing of a vendor.
    @inlinable
    public var isLocallyAdministered: Bool { rawValue & 0x0200_0000_0000 != 0 }

    /// All zero.
    @inlinable
    public var isZero: Bool { rawValue == 0 }

    /// `ac:cc:8e:01:02:03`
    public var byteString: ByteString {
        var text = ByteString()
        text.bytes.reserveCapacity(17)
        for index in 0..<6 {
            if index > 0 { text.append(byte: 0x3A) }
            text.append(hexadecimal: UInt8(truncatingIfNeeded: rawValue >> UInt64(40 - index * 8)), digits: 2)
        }
        return text
    }
}

extension MACAddress: Comparable {
    /// Numerical order.
    public static func < (left: MACAddress, right: MACAddress) -> Bool { left.rawValue < right.rawValue }
}

extension MACAddress: CustomStringConvertible {
    /// `ac:cc:8e:01:02:03`
    public var description: String { byteString.text }
}
