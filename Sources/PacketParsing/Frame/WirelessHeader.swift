internal import NetworkTypes

/// The header of an IEEE 802.11 data frame (IEEE 802.11-2020 §9.3.2), with a radiotap header before it or not.
///
/// ```
/// frame control (2) | duration (2) | address 1, 2, 3 (6 each) | sequence (2) | [address 4] | [QoS (2)] | [HT (4)] | LLC
/// radiotap        version (1) | 0 (1) | length (2) | present (4) ... | fields; all little-endian (radiotap.org)
/// ```
struct WirelessHeader {
    /// Most words that say which fields a radiotap header has.
    private static let maximumPresentWords = 8

    /// Who sent the frame; nil for frames that carry no data, or that cannot be read: encrypted, later fragments,
    /// several packets in one (A-MSDU), damaged on the air.
    let source: MACAddress?
    /// For whom.
    let destination: MACAddress?

    /// A header; the reader is left at the LLC.
    init(parsing reader: inout ByteReader, hasRadiotap: Bool) throws(DecodeError) {
        let flags = hasRadiotap ? try WirelessHeader.radiotapFlags(&reader) : 0
        let start = reader.position
        let kind = try reader.readUInt8()
        let control = try reader.readUInt8()
        // Version 0, type data, and of the subtypes those that have data.
        guard kind & 0x4F == 0x08, control & 0x40 == 0, flags & 0x40 == 0 else {
            source = nil
            destination = nil
            return
        }
        try reader.skip(2)
        let first = try MACAddress(parsing: &reader)
        let second = try MACAddress(parsing: &reader)
        let third = try MACAddress(parsing: &reader)
        var isWhole = try reader.readUInt16LittleEndian() & 0xF == 0
        var sender: MACAddress
        // Table 9-30: to the distribution system 1, from it 2.
        switch control & 3 {
        case 0, 1: sender = second
        case 2: sender = third
        default: sender = try MACAddress(parsing: &reader)
        }
        destination = control & 1 == 0 ? first : third
        if kind & 0x80 != 0 {
            if try reader.readUInt16LittleEndian() & 0x80 != 0 { isWhole = false }
            if control & 0x80 != 0 { try reader.skip(4) }
        }
        // Some cards pad the header to four bytes, and say so.
        if flags & 0x20 != 0 { try reader.skip((4 - (reader.position - start) % 4) % 4) }
        source = isWhole ? sender : nil
    }

    /// Passes over the radiotap header; its flags, or 0 where it has none.
    private static func radiotapFlags(_ reader: inout ByteReader) throws(DecodeError) -> UInt8 {
        let start = reader.position
        guard try reader.readUInt16() >> 8 == 0 else { throw reader.error(.unsupported) }
        let length = Int(try reader.readUInt16LittleEndian())
        let present = try reader.readUInt32LittleEndian()
        var word = present
        var count = 1
        while word & 0x8000_0000 != 0 {
            guard count < maximumPresentWords else { throw reader.error(.limitExceeded) }
            count += 1
            word = try reader.readUInt32LittleEndian()
        }
        var flags: UInt8 = 0
        if present & 2 != 0 {
            // The time stamp before them is aligned to its own length.
            if present & 1 != 0 { try reader.skip((8 - (reader.position - start) % 8) % 8 + 8) }
            flags = try reader.readUInt8()
        }
        guard start + length >= reader.position else { throw reader.error(.malformed) }
        try reader.seek(to: start + length)
        return flags
    }
}
