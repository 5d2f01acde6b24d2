internal import NetworkTypes

/// EtherNet/IP encapsulation and its ListIdentity reply; all little-endian except the socket address.
///
/// ```
/// command (2) = 0x63 | length (2) | session (4) | status (4) | context (8) | options (4)
/// count (2) | type (2) = 0x0C | length (2) | version (2) | socket address (16) | vendor (2) | device type (2)
/// | product code (2) | major (1) | minor (1) | status (2) | serial number (4) | name (1 + n) | state (1)
/// ```
/// A question has the header alone.
extension IndustrialDeclaration {
    mutating func readEtherNetIP(_ reader: inout ByteReader) throws(DecodeError) {
        guard reader.remaining >= 24 else { throw reader.error(.truncated) }
        let command = try reader.readUInt16LittleEndian()
        let length = Int(try reader.readUInt16LittleEndian())
        guard command == 0x63, length >= 2 else { return }
        try reader.skip(4)
        guard try reader.readUInt32() == 0 else { return }
        try reader.skip(12)
        var content = try body(&reader, count: length)
        guard try content.readUInt16LittleEndian() >= 1, try content.readUInt16LittleEndian() == 0x0C else { return }
        var item = try content.slice(Int(try content.readUInt16LittleEndian()))
        try item.skip(18)
        let vendor = UInt32(try item.readUInt16LittleEndian())
        let type = UInt32(try item.readUInt16LittleEndian())
        let product = UInt32(try item.readUInt16LittleEndian())
        let major = UInt32(try item.readUInt8())
        let minor = UInt32(try item.readUInt8())
        try item.skip(6)
        add(.vendorID, vendor)
        add(.type, type)
        add(.product, vendor, type, product)
        add(.firmware, major, minor, separator: 0x2E)
        try addText(.model, &item, count: Int(try item.readUInt8()))
    }
}
