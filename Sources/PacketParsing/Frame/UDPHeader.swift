public import NetworkTypes

/// A UDP header (RFC 768).
public struct UDPHeader: Hashable, Sendable {
    /// From which port.
    public let sourcePort: UInt16
    /// To which port.
    public let destinationPort: UInt16
    /// Bytes of payload as the header says; nil where it says 0 (jumbograms, segmentation left to the card).
    public let payloadLength: Int?

    /// A header; the reader is left at the payload.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        sourcePort = try reader.readUInt16()
        destinationPort = try reader.readUInt16()
        let length = Int(try reader.readUInt16())
        guard length == 0 || length >= 8 else { throw reader.error(.malformed) }
        payloadLength = length == 0 ? nil : length - 8
        try reader.skip(2)
    }
}
