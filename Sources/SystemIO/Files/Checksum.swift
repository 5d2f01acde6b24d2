/// CRC-32C, the Castagnoli polynomial (RFC 3720 section 12.1), reflected.
///
/// Guards records against a torn write, not against an attacker. The table is made once per process: 1 KiB.
struct Checksum {
    private let table: [UInt32]

    init() {
        table = (0..<256).map { index in
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            return value
        }
    }

    /// The checksum of `bytes[range]`.
    func of(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        var value = UInt32.max
        for index in range {
            value = value >> 8 ^ table[Int(truncatingIfNeeded: (value ^ UInt32(bytes[index])) & 0xFF)]
        }
        return ~value
    }
}
