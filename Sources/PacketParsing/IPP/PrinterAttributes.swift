public import NetworkTypes

/// What a printer answers of itself in the Internet Printing Protocol (RFC 8010 §3.1, RFC 8011 §5.4).
///
/// An answer is often longer than is kept of a stream: what stands in the part that is there is read.
public struct PrinterAttributes: Hashable, Sendable {
    /// Longest value that is taken; texts have at most 127 bytes, device identifiers some hundred (RFC 8011 §5.1).
    public static let maximumValueLength = 1023
    /// Most attributes that are looked at.
    public static let maximumAttributes = 1024

    /// `vendor`, `model` of the device identifier (IEEE 1284), `description` for printer-make-and-model, `firmware`.
    public private(set) var statements: [DeviceAnnouncement.Statement] = []
    /// Whether the end of the attributes was reached, or all that is wanted is there.
    public private(set) var isComplete = false

    /// The body of a response, whole or its beginning; as it is sent, or in the chunks of HTTP/1.1.
    ///
    /// ```
    /// version (2) | status (2) | request (4) | groups: tag (1) | value tag (1) | length (2), name | length (2), value | …
    /// ```
    /// - Throws: `unsupported` for what is no successful answer; never `truncated`: see `isComplete`.
    public init(parsing body: borrowing ByteReader) throws(DecodeError) {
        // A version is 1.0 to 2.2 (RFC 8011 §4.1.8); a chunk begins with a hexadecimal digit.
        if let first = body.peek(), first >= 0x30 {
            let joined = HTTPChunks.joined(body)
            try read(ByteReader(joined.span))
        } else {
            try read(body)
        }
    }

    private mutating func read(_ body: borrowing ByteReader) throws(DecodeError) {
        var reader = ByteReader(body.bytes, from: body.position, to: body.end)
        guard reader.remaining >= 8 else { return }
        let version = try reader.readUInt8()
        try reader.skip(1)
        // Successful ones are below 0x0100 (RFC 8011 §4.1.6.1).
        guard version == 1 || version == 2, try reader.readUInt16() < 0x0100 else { throw reader.error(.unsupported) }
        try reader.skip(4)
        do throws(DecodeError) {
            try readGroups(&reader)
        } catch {
            guard error.reason == .truncated else { throw error }
        }
        if wants.isEmpty { isComplete = true }
    }

    /// What is not there yet.
    private var wants: [ByteString] {
        PrinterAttributes.names.filter { name in !found.contains(name) }
    }

    private static let names: [ByteString] = [
        "printer-make-and-model", "printer-device-id", "printer-firmware-string-version",
    ]
    private var found: [ByteString] = []

    private mutating func readGroups(_ reader: inout ByteReader) throws(DecodeError) {
        for _ in 0..<PrinterAttributes.maximumAttributes {
            let tag = try reader.readUInt8()
            // 0x00...0x0F begin a group, 3 ends the attributes.
            guard tag > 0x0F else {
                if tag == 3 {
                    isComplete = true
                    return
                }
                continue
            }
            let nameLength = Int(try reader.readUInt16())
            let name = ByteString(try reader.readBytes(nameLength))
            let valueLength = Int(try reader.readUInt16())
            guard wants.contains(name), valueLength <= PrinterAttributes.maximumValueLength else {
                try reader.skip(valueLength)
                continue
            }
            let value = ByteString(try reader.readBytes(valueLength)).trimmed
            found.append(name)
            switch name {
            case PrinterAttributes.names[0]: add(.description, value)
            case PrinterAttributes.names[1]: readDeviceIdentifier(value)
            default: add(.firmware, value)
            }
        }
        throw reader.error(.limitExceeded)
    }

    /// `MFG:HP;MDL:LaserJet 400 M401dn;CLS:PRINTER;` (IEEE 1284-2000 §7.6).
    private mutating func readDeviceIdentifier(_ text: ByteString) {
        for field in text.split(0x3B) {
            let parts = field.bytes.split(separator: 0x3A, maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = ByteString(Array(parts[1])).trimmed
            switch ByteString(Array(parts[0])).trimmed.lowercasedASCII {
            case "mfg", "manufacturer": add(.vendor, value)
            case "mdl", "model": add(.model, value)
            default: break
            }
        }
    }

    private mutating func add(_ subject: DeviceAnnouncement.Subject, _ value: ByteString) {
        guard !value.isEmpty, !statements.contains(where: { $0.subject == subject }) else { return }
        statements.append(DeviceAnnouncement.Statement(subject: subject, value: value))
    }
}
