internal import NetworkTypes

/// BACnet/IP (ANSI/ASHRAE 135-2020: annex J, clauses 6.2, 20.1, 20.2).
///
/// ```
/// 0x81 | function (1) | length (2) | [address (6) of Forwarded-NPDU]
/// version (1) = 1 | control (1) | [DNET (2) DLEN (1) DADR] | [SNET (2) SLEN (1) SADR] | [hop count (1)]
/// I-Am          0x10 | 0 | object identifier | greatest APDU | segmentation | vendor identifier
/// ComplexACK    0x30 | invoke identifier (1) | service (1) | tags ...
/// ```
extension IndustrialDeclaration {
    private struct BACnetTag {
        var number: UInt8
        var isContext: Bool
        /// Bytes of the value, 0 for an opening or closing tag.
        var length: Int
        var opens: Bool
        var closes: Bool
    }

    mutating func readBACnet(_ reader: inout ByteReader, _ source: IPAddress?) throws(DecodeError) {
        guard try reader.readUInt8() == 0x81 else { throw reader.error(.unsupported) }
        let function = try reader.readUInt8()
        let length = Int(try reader.readUInt16())
        guard length >= 4 else { throw reader.error(.malformed) }
        var packet = try body(&reader, count: length - 4)
        switch function {
        // Unicast, broadcast, and a foreign device's own broadcast.
        case 0x09...0x0B: break
        case 0x04:
            let origin = UInt64(try packet.readUInt32())
            try packet.skip(2)
            // A broadcast of another network, passed on by a management device; some pass on their own too.
            guard let source, source.family == .v4, source.low & 0xFFFF_FFFF == origin else {
                isRelayed = true
                return
            }
        default: return
        }
        guard try packet.readUInt8() == 1 else { throw packet.error(.unsupported) }
        let control = try packet.readUInt8()
        if control & 0x20 != 0 {
            try packet.skip(2)
            try packet.skip(Int(try packet.readUInt8()))
        }
        if control & 0x08 != 0 {
            // From a network behind the sender.
            isRelayed = true
            if function != 0x04 { add(.type, "router") }
            return
        }
        if control & 0x20 != 0 { try packet.skip(1) }
        if control & 0x80 != 0 {
            // I-Am-Router-To-Network, Router-Available-To-Network
            let message = try packet.readUInt8()
            if message == 1 || message == 5 { add(.type, "router") }
            return
        }
        let kind = try packet.readUInt8()
        if kind >> 4 == 1 {
            guard try packet.readUInt8() == 0 else { return }
            try readIAm(&packet)
        } else if kind == 0x30 {
            try packet.skip(1)
            let service = try packet.readUInt8()
            if service == 12 || service == 14 { try readProperties(&packet, isMultiple: service == 14) }
        }
    }

    private mutating func readIAm(_ reader: inout ByteReader) throws(DecodeError) {
        let device = try IndustrialDeclaration.tag(&reader)
        guard !device.isContext, device.number == 12, device.length == 4 else { throw reader.error(.malformed) }
        guard try reader.readUInt32() >> 22 == 8 else { throw reader.error(.malformed) }
        for _ in 0..<2 { try reader.skip(try IndustrialDeclaration.tag(&reader).length) }
        let vendor = try IndustrialDeclaration.tag(&reader)
        guard !vendor.isContext, vendor.number == 2 else { throw reader.error(.malformed) }
        try addVendor(&reader, vendor.length)
    }

    private mutating func addVendor(_ reader: inout ByteReader, _ length: Int) throws(DecodeError) {
        guard length >= 1, length <= 4 else { throw reader.error(.malformed) }
        var number: UInt32 = 0
        for _ in 0..<length { number = number << 8 | UInt32(try reader.readUInt8()) }
        add(.vendorID, number)
    }

    /// ReadProperty: object [0], property [1], index [2], value [3]. ReadPropertyMultiple: object [0], then in [1]: property
    /// [2], index [3], value [4] or error [5]. Only what is said of a Device object is said of the device.
    private mutating func readProperties(_ reader: inout ByteReader, isMultiple: Bool) throws(DecodeError) {
        var depth = 0
        var isDevice = false
        var property: UInt32 = 0
        var count = 0
        while !reader.isAtEnd {
            count += 1
            guard count <= IndustrialDeclaration.maximumElements else { return }
            let tag = try IndustrialDeclaration.tag(&reader)
            if tag.opens {
                depth += 1
            } else if tag.closes {
                depth -= 1
            } else if tag.isContext, tag.length <= 4 {
                var number: UInt32 = 0
                for _ in 0..<tag.length { number = number << 8 | UInt32(try reader.readUInt8()) }
                if tag.number == 0, depth == 0 { isDevice = number >> 22 == 8 }
                if tag.number == (isMultiple ? 2 : 1), depth == (isMultiple ? 1 : 0) { property = number }
            } else {
                var value = try reader.slice(tag.length)
                guard !tag.isContext, isDevice, depth == (isMultiple ? 2 : 1) else { continue }
                if tag.number == 2, property == 120 {
                    try addVendor(&value, tag.length)
                } else if tag.number == 7, let subject = IndustrialDeclaration.subject(property) {
                    add(subject, try IndustrialDeclaration.characters(&value))
                }
            }
        }
    }

    /// vendor-name, model-name, firmware-revision, object-name; application-software-version is the site's own.
    private static func subject(_ property: UInt32) -> DeviceAnnouncement.Subject? {
        switch property {
        case 121: return .vendor
        case 70: return .model
        case 44: return .firmware
        case 77: return .name
        default: return nil
        }
    }

    /// Clause 20.2.9: a byte that names the character set, then the text; of UCS-2 only ASCII is kept, `?` stands for the rest.
    private static func characters(_ reader: inout ByteReader) throws(DecodeError) -> ByteString {
        switch try reader.readUInt8() {
        case 0, 5: return text(reader)
        case 4:
            var narrow: [UInt8] = []
            while reader.remaining >= 2 {
                let unit = try reader.readUInt16()
                narrow.append(unit < 0x80 ? UInt8(unit) : 0x3F)
            }
            return text(ByteReader(narrow.span))
        default: return ByteString()
        }
    }

    /// Clause 20.2.1.
    private static func tag(_ reader: inout ByteReader) throws(DecodeError) -> BACnetTag {
        let first = try reader.readUInt8()
        let isContext = first & 0x08 != 0
        let number = first >> 4 == 15 ? try reader.readUInt8() : first >> 4
        var length = Int(first & 0x07)
        let opens = isContext && length == 6
        let closes = isContext && length == 7
        if opens || closes {
            length = 0
        } else if !isContext, number == 1 {
            // The value of a Boolean is in its tag.
            length = 0
        } else if length == 5 {
            length = Int(try reader.readUInt8())
            if length == 254 {
                length = Int(try reader.readUInt16())
            } else if length == 255 {
                // Longer than a datagram.
                throw reader.error(.malformed)
            }
        }
        return BACnetTag(number: number, isContext: isContext, length: length, opens: opens, closes: closes)
    }
}
