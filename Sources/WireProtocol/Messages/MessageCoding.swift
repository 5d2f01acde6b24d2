public import NetworkTypes

/// Something that is one CBOR map in `PROTOCOL.md`.
///
/// Writers cut texts and lists at the limits below, so that nothing is made that the other side refuses. Readers skip
/// unknown keys of 0 and above: a newer peer may add fields, never change what those here mean.
public protocol MessageCoding {
    /// Writes the fields.
    func encodeFields(_ map: inout CBORMapWriter)
    /// The fields of a map; the reader stands at its head.
    init(parsing reader: inout ByteReader) throws(DecodeError)
}

/// Limits of every message.
public enum MessageLimits {
    /// Most bytes of a text: names, models, values.
    public static let textBytes = 1024
    /// Most bytes of a text for people: summaries, differences, details.
    public static let longTextBytes = 4096
    /// Most bytes of a hash or an instance.
    public static let hashBytes = 64
    /// Most bytes of a policy envelope; leaves room for what is around it in a message.
    public static let envelopeBytes = ProtocolVersion.maximumMessageBytes - 1024
    /// Most counters of a health report.
    public static let counterCount = 512
}

extension MessageCoding {
    /// Deterministic CBOR.
    public func encoded() -> [UInt8] { CBOREncoder.encodingMap { encodeFields(&$0) } }

    /// Decodes all of `bytes`; bytes left over are an error. Takes at most `ProtocolVersion.maximumMessageBytes`.
    public init(decoding bytes: Span<UInt8>) throws(DecodeError) {
        guard bytes.count <= ProtocolVersion.maximumMessageBytes else {
            throw DecodeError(.limitExceeded, at: ProtocolVersion.maximumMessageBytes)
        }
        var reader = ByteReader(bytes)
        try self.init(parsing: &reader)
        try reader.expectEnd()
    }

    /// Decodes all of `bytes`; bytes left over are an error. Takes at most `ProtocolVersion.maximumMessageBytes`.
    public init(decoding bytes: [UInt8]) throws(DecodeError) { try self.init(decoding: bytes.span) }
}

extension ByteReader {
    mutating func readMessageText() throws(DecodeError) -> ByteString {
        try readCBORText(limit: MessageLimits.textBytes)
    }

    mutating func readMessageLongText() throws(DecodeError) -> ByteString {
        try readCBORText(limit: MessageLimits.longTextBytes)
    }

    mutating func readMessageHash() throws(DecodeError) -> ByteString {
        try readCBORBytes(limit: MessageLimits.hashBytes)
    }

    /// An address: a byte string of 4 or 16 octets.
    mutating func readMessageAddress() throws(DecodeError) -> IPAddress {
        let start = position
        guard let address = IPAddress(octets: try readCBORBytes(limit: 16).bytes) else {
            throw DecodeError(.malformed, at: start)
        }
        return address
    }
}

extension CBORMapWriter {
    mutating func messageText(_ key: UInt64, _ value: ByteString) { text(key, value, limit: MessageLimits.textBytes) }

    mutating func messageLongText(_ key: UInt64, _ value: ByteString) {
        text(key, value, limit: MessageLimits.longTextBytes)
    }
}
