public import NetworkTypes

/// A TCP header (RFC 9293 §3.1).
///
/// ```
/// source port (2) | destination port (2) | sequence (4) | acknowledgement (4)
/// data offset, reserved, flags (2) | window (2) | checksum (2) | urgent pointer (2) | options
/// ```
public struct TCPHeader: Hashable, Sendable {
    /// From which port.
    public let sourcePort: UInt16
    /// To which port.
    public let destinationPort: UInt16
    /// Number of the first byte, or of the SYN.
    public let sequence: UInt32
    /// Number of the byte that is awaited.
    public let acknowledgement: UInt32
    /// CWR, ECE, URG, ACK, PSH, RST, SYN, FIN.
    public let flags: UInt8
    /// The four bits between data offset and flags; the lowest was NS (RFC 3540).
    public let reservedBits: UInt8
    /// Window as sent, not scaled.
    public let window: UInt16
    /// Urgent pointer.
    public let urgentPointer: UInt16
    /// Where the options begin, in the reader's coordinates.
    public let optionsStart: Int
    /// Bytes of options.
    public let optionsLength: Int

    /// A header; the reader is left at the payload.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        sourcePort = try reader.readUInt16()
        destinationPort = try reader.readUInt16()
        sequence = try reader.readUInt32()
        acknowledgement = try reader.readUInt32()
        let offset = try reader.readUInt8()
        flags = try reader.readUInt8()
        window = try reader.readUInt16()
        try reader.skip(2)
        urgentPointer = try reader.readUInt16()
        reservedBits = offset & 0xF
        let length = Int(offset >> 4) * 4
        guard length >= 20 else { throw reader.error(.malformed) }
        optionsStart = reader.position
        optionsLength = length - 20
        try reader.skip(optionsLength)
    }

    /// SYN
    public var isSYN: Bool { flags & 0x02 != 0 }
    /// ACK
    public var isACK: Bool { flags & 0x10 != 0 }
    /// RST
    public var isReset: Bool { flags & 0x04 != 0 }
    /// FIN
    public var isFinal: Bool { flags & 0x01 != 0 }
}
