public import NetworkTypes

/// A message of the Network Time Protocol (RFC 5905 §7.3), as far as it tells of its sender.
///
/// ```
/// leap (2), version (3), mode (3) | stratum (1) | poll (1) | precision (1) | root delay (4) | root dispersion (4)
/// reference identifier (4) | reference, origin, receive, transmit timestamp (8 each)
/// ```
public struct NTPMessage: Hashable, Sendable {
    /// Bytes without extension fields and authentication.
    public static let length = 48

    /// 3: asks; 4: answers; 5: tells everybody.
    public let mode: UInt8
    /// What does not change from message to message: `version=4 stratum=1 precision=-20 reference=GPS` of a server;
    /// of a client also the leap indicator, the poll interval, and which of the fields it fills in at all.
    public let traits: ByteString

    /// A message; the control and private modes (6 and 7) are unsupported.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        guard reader.remaining >= NTPMessage.length else { throw reader.error(.truncated) }
        let first = try reader.readUInt8()
        mode = first & 7
        let version = first >> 3 & 7
        guard mode >= 1, mode <= 5, version >= 1, version <= 4 else { throw reader.error(.unsupported) }
        let stratum = try reader.readUInt8()
        let poll = Int8(bitPattern: try reader.readUInt8())
        let precision = Int8(bitPattern: try reader.readUInt8())
        var text: ByteString = "version=\(version) stratum=\(stratum) precision=\(precision)"
        if mode == 3 {
            text.append(" leap=\(first >> 6) poll=\(poll) fields=")
            // Root delay, root dispersion, reference, and the timestamps: reference, origin, receive, transmit.
            for (index, letter) in ([0x64, 0x73, 0x69, 0x66, 0x6F, 0x72, 0x74] as [UInt8]).enumerated() {
                let start = reader.position + (index < 3 ? index * 4 : index * 8 - 12)
                var isFilled = false
                for distance in 0..<(index < 3 ? 4 : 8) where reader.bytes[start + distance] != 0 { isFilled = true }
                if isFilled { text.append(byte: letter) }
            }
        }
        try reader.skip(8)
        // Of strata 0 and 1 the reference is a text (RFC 5905 §7.3, figure 12): GPS, or INIT; else an address.
        let reference = try reader.readBytes(4)
        if stratum < 2, reference[0] != 0 {
            text.append(" reference=")
            for byte in reference where byte > 0x20 && byte < 0x7F { text.append(byte: byte) }
        }
        traits = text
    }
}
