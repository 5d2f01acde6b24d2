internal import NetworkTypes

/// SNMP versions 1 and 2c (RFC 1157 §4.1, RFC 3416 §3, RFC 1901), in BER (ITU-T X.690).
///
/// ```
/// 30 { 02 version | 04 community | A2 { 02 request | 02 status | 02 index | 30 { 30 { 06 name | value } ... } } }
/// ```
/// Of what is answered, sysDescr.0, sysObjectID.0 and sysName.0 are taken (RFC 3418 §2).
extension IndustrialDeclaration {
    /// 1.3.6.1.2.1.1; the object and its instance follow.
    private static let systemGroup: [UInt8] = [0x2B, 6, 1, 2, 1, 1]

    mutating func readSNMP(_ reader: inout ByteReader) throws(DecodeError) {
        var message = try IndustrialDeclaration.element(&reader, 0x30)
        var version = try IndustrialDeclaration.element(&message, 0x02)
        guard version.remaining == 1, try version.readUInt8() <= 1 else { return }
        _ = try IndustrialDeclaration.element(&message, 0x04)
        guard message.peek() == 0xA2 else { return }
        var response = try IndustrialDeclaration.element(&message, 0xA2)
        _ = try IndustrialDeclaration.element(&response, 0x02)
        var status = try IndustrialDeclaration.element(&response, 0x02)
        guard status.remaining == 1, try status.readUInt8() == 0 else { return }
        _ = try IndustrialDeclaration.element(&response, 0x02)
        var bindings = try IndustrialDeclaration.element(&response, 0x30)
        var count = 0
        while !bindings.isAtEnd, count < IndustrialDeclaration.maximumElements {
            count += 1
            var binding = try IndustrialDeclaration.element(&bindings, 0x30)
            var name = try IndustrialDeclaration.element(&binding, 0x06)
            guard name.remaining == 8, name.starts(with: IndustrialDeclaration.systemGroup) else { continue }
            try name.skip(6)
            switch try name.readUInt16() {
            case 0x0100 where binding.peek() == 0x04:
                add(.description, IndustrialDeclaration.text(try IndustrialDeclaration.element(&binding, 0x04)))
            case 0x0200 where binding.peek() == 0x06:
                var value = try IndustrialDeclaration.element(&binding, 0x06)
                add(.product, IndustrialDeclaration.objectIdentifier(&value))
            case 0x0500 where binding.peek() == 0x04:
                add(.name, IndustrialDeclaration.text(try IndustrialDeclaration.element(&binding, 0x04)))
            default: break
            }
        }
    }

    /// The value of the next element, which must have this tag.
    @inline(never)
    @_lifetime(copy reader)
    private static func element(_ reader: inout ByteReader, _ tag: UInt8) throws(DecodeError) -> ByteReader {
        guard try reader.readUInt8() == tag else { throw reader.error(.unsupported) }
        var length = Int(try reader.readUInt8())
        if length == 0x81 {
            length = Int(try reader.readUInt8())
        } else if length == 0x82 {
            length = Int(try reader.readUInt16())
        } else if length >= 0x80 {
            throw reader.error(.unsupported)
        }
        return try reader.slice(length)
    }

    /// X.690 §8.19: `1.3.6.1.4.1.9.1.516`; empty where an arc needs more than 32 bits.
    private static func objectIdentifier(_ reader: inout ByteReader) -> ByteString {
        var text = ByteString()
        var arc: UInt32 = 0
        while let byte = try? reader.readUInt8() {
            guard arc < 1 << 25 else { return ByteString() }
            arc = arc << 7 | UInt32(byte & 0x7F)
            if byte & 0x80 != 0 { continue }
            if text.isEmpty {
                let first = Swift.min(arc / 40, 2)
                text.append(decimal: first)
                arc -= first * 40
            }
            text.append(byte: 0x2E)
            text.append(decimal: arc)
            arc = 0
            guard text.count <= maximumValueLength else { return ByteString() }
        }
        return text
    }
}
