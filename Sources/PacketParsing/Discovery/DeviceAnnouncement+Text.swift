internal import NetworkTypes

/// The protocols that put JSON or XML into a datagram. Only what answers and announces has the fields that are looked
/// for; nothing is taken apart that is not wanted.
extension DeviceAnnouncement {
    /// Longest value of a field; what is longer is none.
    public static let maximumValueLength = 128

    /// What stands before a value, and what the value is about.
    private static let fields: [(mark: ByteString, subject: Subject)] = [
        // Dahua.
        ("\"DeviceType\"", .model), ("\"DeviceClass\"", .type), ("\"Vendor\"", .vendor), ("\"Version\"", .firmware),
        // Hikvision.
        ("<DeviceDescription>", .model), ("<SoftwareVersion>", .firmware),
        // TP-Link: Kasa, then Tapo.
        ("\"model\"", .model), ("\"type\"", .type), ("\"mic_type\"", .type), ("\"sw_ver\"", .firmware),
        ("\"alias\"", .name), ("\"device_model\"", .model), ("\"device_type\"", .type),
        // Tuya.
        ("\"productKey\"", .product), ("\"version\"", .version), ("\"gwId\"", .identifier),
    ]

    /// One pass: what begins like a mark, with a quotation mark or a bracket, is compared with all of them.
    mutating func readText(_ reader: borrowing ByteReader) {
        for index in reader.position..<reader.end where reader.bytes[index] == 0x22 || reader.bytes[index] == 0x3C {
            let rest = ByteReader(reader.bytes, from: index, to: reader.end)
            for field in DeviceAnnouncement.fields where rest.starts(with: field.mark) {
                // The first of several holds: what comes later belongs to parts of the device.
                guard self[field.subject] == nil else { continue }
                add(field.subject, DeviceAnnouncement.value(from: index + field.mark.count, in: reader))
            }
        }
    }

    /// The text of the string, number or element that begins there; nil where its end is missing.
    private static func value(from start: Int, in reader: borrowing ByteReader) -> ByteString? {
        var index = start
        while index < reader.end, reader.bytes[index] <= 0x20 || reader.bytes[index] == 0x3A { index += 1 }
        let isQuoted = index < reader.end && reader.bytes[index] == 0x22
        if isQuoted { index += 1 }
        var value = ByteString()
        while index < reader.end, value.count <= maximumValueLength {
            let byte = reader.bytes[index]
            switch byte {
            case 0x22 where isQuoted: return value
            // A comma, a brace, a bracket, the end of an element.
            case 0x2C where !isQuoted, 0x3C where !isQuoted, 0x5D where !isQuoted, 0x7D where !isQuoted:
                return value.trimmed
            // What a backslash hides is taken as it is; \u and the like have no place in names of models.
            case 0x5C where isQuoted && index + 1 < reader.end:
                index += 1
                value.append(byte: reader.bytes[index])
            default: value.append(byte: byte)
            }
            index += 1
        }
        return nil
    }

    /// Each byte is the exclusive or of the plain byte and the scrambled one before it, the first of 171.
    mutating func readScrambledText(_ reader: borrowing ByteReader) {
        var plain: [UInt8] = []
        var key: UInt8 = 171
        for index in reader.position..<reader.end {
            let byte = reader.bytes[index]
            plain.append(byte ^ key)
            key = byte
        }
        readText(ByteReader(plain.span))
    }

    /// `000055AA` of protocol versions up to 3.4, `00006699` of 3.5. The frame alone says that a Tuya device announces itself;
    /// what it says is for `TuyaBroadcast`.
    mutating func readTuya(_ reader: borrowing ByteReader) {
        if reader.starts(with: [0, 0, 0x55, 0xAA]) {
            add(.type, "frame-55aa")
        } else if reader.starts(with: [0, 0, 0x66, 0x99]) {
            add(.type, "frame-6699")
        }
    }

    /// ```
    /// size (2) | protocol and flags (2) | source (4) | target (8) | 0 (6) | flags, sequence (2) | 0 (8)
    /// type (2) | 0 (2) | payload; all little-endian
    /// ```
    /// StateService (3) says that the sender is such a device; StateVersion (33) which one.
    mutating func readLIFX(_ reader: inout ByteReader) throws(DecodeError) {
        let size = try reader.readUInt16LittleEndian()
        let isLIFX = try reader.readUInt16LittleEndian() & 0x0FFF == 1024 && Int(size) == reader.remaining + 4
        guard isLIFX else { throw reader.error(.unsupported) }
        try reader.skip(28)
        let type = try reader.readUInt16LittleEndian()
        try reader.skip(2)
        if type == 3 { add(.type, "service") }
        guard type == 33 else { return }
        let vendor = try reader.readUInt32LittleEndian()
        add(.product, "\(vendor)/\(try reader.readUInt32LittleEndian())")
    }
}
