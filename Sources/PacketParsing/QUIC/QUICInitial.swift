public import NetworkTypes

/// The header of a QUIC Initial packet (RFC 9000 §17.2.2; RFC 9369 §3.2 for version 2), as far as it is not protected.
///
/// ```
/// 1, 1, type (2), protected (4) | version (4) | length (1), destination identifier | length (1), source identifier
/// length (variable), token | length (variable) | packet number (1 to 4, protected) | payload (protected)
/// ```
public struct QUICInitial: Hashable, Sendable {
    /// Most packets of one datagram that are looked at (RFC 9000 §12.2).
    public static let maximumPackets = 4
    /// Longest connection identifier of versions 1 and 2.
    public static let maximumIdentifierLength = 20

    /// Version 1 (RFC 9000 §15).
    public static let version1: UInt32 = 1
    /// Version 2 (RFC 9369 §3.1).
    public static let version2: UInt32 = 0x6B33_43CF

    /// 1 or `version2`.
    public let version: UInt32
    /// The destination connection identifier, of which the first keys of a connection are made.
    public let destinationIdentifier: [UInt8]
    /// Offset of the packet's first byte, in the reader's coordinates.
    public let start: Int
    /// Offset of the packet number.
    public let packetNumberStart: Int
    /// Offset past the packet's last byte.
    public let end: Int

    /// The next Initial packet of a datagram, others passed over; nil where there is none any more.
    ///
    /// The version negotiation, Retry and short headers end the search, since they do not say how long they are.
    public static func next(in reader: inout ByteReader) throws(DecodeError) -> QUICInitial? {
        for _ in 0..<maximumPackets {
            guard let first = reader.peek(), first & 0xC0 == 0xC0 else { return nil }
            let start = reader.position
            try reader.skip(1)
            let version = try reader.readUInt32()
            guard version == version1 || version == version2 else { return nil }
            // Version 2 has other numbers for the types: Retry 0, Initial 1, and so on.
            let type = version == version1 ? first >> 4 & 3 : (first >> 4 & 3) &- 1 & 3
            guard type != 3 else { return nil }
            let destination = try identifier(&reader)
            _ = try identifier(&reader)
            if type == 0 { try reader.skip(try variableLength(&reader)) }
            let length = try variableLength(&reader)
            let packetNumberStart = reader.position
            try reader.skip(length)
            guard type == 0 else { continue }
            return QUICInitial(
                version: version,
                destinationIdentifier: destination,
                start: start,
                packetNumberStart: packetNumberStart,
                end: reader.position
            )
        }
        return nil
    }

    private static func identifier(_ reader: inout ByteReader) throws(DecodeError) -> [UInt8] {
        let length = Int(try reader.readUInt8())
        guard length <= maximumIdentifierLength else { throw reader.error(.malformed) }
        return try reader.readBytes(length)
    }

    /// A variable-length integer (RFC 9000 §16).
    @inline(never)
    static func number(_ reader: inout ByteReader) throws(DecodeError) -> UInt64 {
        let first = try reader.readUInt8()
        var value = UInt64(first & 0x3F)
        var count = 1 << Int(first >> 6)
        while count > 1 {
            value = value << 8 | UInt64(try reader.readUInt8())
            count -= 1
        }
        return value
    }

    /// One that counts bytes of a datagram or of a handshake; larger ones are an error.
    static func variableLength(_ reader: inout ByteReader) throws(DecodeError) -> Int {
        let value = try number(&reader)
        guard value <= 0xFFFF else { throw reader.error(.limitExceeded) }
        return Int(value)
    }
}
