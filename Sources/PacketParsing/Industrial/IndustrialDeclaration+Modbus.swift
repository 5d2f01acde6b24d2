internal import NetworkTypes

/// Modbus/TCP, and UMAS within it.
///
/// ```
/// transaction (2) | protocol (2) = 0 | length (2) | unit (1) | function (1)
/// 0x2B | 0x0E | code (1) | conformity (1) | more follows (1) | next object (1) | count (1) | { object (1) | length (1) | value }
/// 0x5A | session (1) | 0xFE | range (2) | ident (4) | model (2) | version (2) | ... (12) | name (1 + n) ...
/// ```
/// UMAS is Schneider's own; the answer to its function 0x02 as Apache PLC4X describes it (umas.mspec), little-endian. An
/// answer does not tell the question, so only one is taken that has a name where that one has it.
extension IndustrialDeclaration {
    /// Bytes of a UMAS answer before the name.
    private static let umasNameOffset = 22

    mutating func readModbus(_ reader: inout ByteReader) throws(DecodeError) {
        // A stream's first segment may be short; of another protocol it is not.
        guard reader.remaining >= 6 else { throw reader.error(.truncated) }
        try reader.skip(2)
        guard try reader.readUInt16() == 0 else { throw reader.error(.unsupported) }
        let length = Int(try reader.readUInt16())
        // "MODBUS Messaging on TCP/IP" 1.0b §3.1.3; UMAS makes it longer.
        guard length >= 2, length <= 1100 else { throw reader.error(.malformed) }
        var message = try body(&reader, count: length)
        let unit = try message.readUInt8()
        switch try message.readUInt8() {
        case 0x2B:
            guard try message.readUInt8() == 0x0E else { return }
            // A question ends with the object it begins at.
            guard message.remaining > 2 else { return }
            // A gateway's other units are devices behind it (§4.4.2.2 of the same).
            guard unit <= 1 || unit == 255 else {
                isRelayed = true
                return
            }
            try message.skip(4)
            try readObjects(&message)
        case 0x5A:
            try message.skip(1)
            guard !message.isAtEnd, try message.readUInt8() == 0xFE else { return }
            add(.type, "umas")
            try readUMAS(&message)
        default: return
        }
    }

    private mutating func readObjects(_ reader: inout ByteReader) throws(DecodeError) {
        for _ in 0..<(try reader.readUInt8()) {
            let object = try reader.readUInt8()
            let length = Int(try reader.readUInt8())
            switch object {
            case 0: try addText(.vendor, &reader, count: length)
            case 1: try addText(.product, &reader, count: length)
            case 2: try addText(.firmware, &reader, count: length)
            case 4: try addText(.description, &reader, count: length)
            case 5: try addText(.model, &reader, count: length)
            default: try reader.skip(length)
            }
        }
    }

    private mutating func readUMAS(_ reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        guard let count = reader.peek(IndustrialDeclaration.umasNameOffset), count >= 4, count <= 32 else { return }
        try reader.skip(IndustrialDeclaration.umasNameOffset + 1)
        guard Int(count) <= reader.remaining else { return }
        let name = IndustrialDeclaration.text(try reader.slice(Int(count)))
        guard name.count == Int(count) else { return }
        for byte in name.bytes where byte < 0x20 || byte > 0x7E { return }
        add(.model, name)
        // Digits in four bits each: 0x0270 is 2.70.
        var version = ByteString()
        version.append(decimal: reader.bytes[start + 9])
        version.append(byte: 0x2E)
        version.append(hexadecimal: reader.bytes[start + 8], digits: 2)
        add(.firmware, version)
    }
}
