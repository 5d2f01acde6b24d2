internal import NetworkTypes

/// CoAP (RFC 7252 §3), links in it (RFC 6690 §2), and the reports that Shelly devices send by it unasked ("CoIoT", Shelly
/// technical documentation).
///
/// ```
/// version 2 bits = 1 | type 2 bits | token length 4 bits | code (1) | message (2) | token | options | 0xFF | payload
/// option: delta 4 bits | length 4 bits | [delta (1-2)] | [length (1-2)] | value
/// ```
extension IndustrialDeclaration {
    /// Content-Format (§5.10.3); application/link-format.
    private static let contentFormat: UInt32 = 12
    private static let linkFormat: UInt8 = 40
    /// CoIoT: type, identifier and revision of the device, `SHSW-1#A1B2C3#1`.
    private static let shellyDevice: UInt32 = 3332

    mutating func readCoAP(_ reader: inout ByteReader) throws(DecodeError) {
        let first = try reader.readUInt8()
        guard first >> 6 == 1, first & 0x0F <= 8 else { throw reader.error(.unsupported) }
        let code = try reader.readUInt8()
        // 2.xx, 4.xx, 5.xx answer; 0.30 is CoIoT's own.
        let answers = code >> 5 == 2 || code >> 5 == 4 || code >> 5 == 5
        guard answers || code == 30 else { return }
        try reader.skip(2 + Int(first & 0x0F))
        var number: UInt32 = 0
        var isLinks = false
        while let head = reader.peek(), head != 0xFF {
            try reader.skip(1)
            number += try IndustrialDeclaration.extended(&reader, head >> 4)
            guard number <= 0xFFFF else { throw reader.error(.malformed) }
            let value = try reader.slice(Int(try IndustrialDeclaration.extended(&reader, head & 0x0F)))
            if number == IndustrialDeclaration.contentFormat {
                isLinks = value.remaining == 1 && value.peek() == IndustrialDeclaration.linkFormat
            } else if number == IndustrialDeclaration.shellyDevice, code == 30 {
                let device = IndustrialDeclaration.text(value).split(0x23)
                if device.count == 3 { add(.model, device[0]) }
            }
        }
        guard answers else { return }
        add(.type, "server")
        guard isLinks, !reader.isAtEnd else { return }
        try reader.skip(1)
        readLinks(&reader)
    }

    /// Delta or length of an option.
    private static func extended(_ reader: inout ByteReader, _ nibble: UInt8) throws(DecodeError) -> UInt32 {
        switch nibble {
        case 13: return UInt32(try reader.readUInt8()) + 13
        case 14: return UInt32(try reader.readUInt16()) + 269
        case 15: throw reader.error(.malformed)
        default: return UInt32(nibble)
        }
    }

    /// `</path>;rt="type type";...,`: paths, and types of resources (rt), which may be registered ones.
    private mutating func readLinks(_ reader: inout ByteReader) {
        var index = reader.position
        var isQuoted = false
        while index < reader.end {
            let rest = ByteReader(reader.bytes, from: index, to: reader.end)
            switch reader.bytes[index] {
            case 0x22: isQuoted = !isQuoted
            case 0x3C where !isQuoted: add(.link, IndustrialDeclaration.word(rest, from: 1, to: 0x3E))
            case 0x3B where !isQuoted && rest.starts(with: [0x3B, 0x72, 0x74, 0x3D]):
                let hasQuotes = rest.peek(4) == 0x22
                add(.type, IndustrialDeclaration.word(rest, from: hasQuotes ? 5 : 4, to: hasQuotes ? 0x22 : 0x2C))
            default: break
            }
            index += 1
        }
    }

    private static func word(_ reader: borrowing ByteReader, from start: Int, to end: UInt8) -> ByteString {
        var last = reader.position + start
        while last < reader.end, reader.bytes[last] != end { last += 1 }
        return text(ByteReader(reader.bytes, from: reader.position + start, to: last))
    }
}
