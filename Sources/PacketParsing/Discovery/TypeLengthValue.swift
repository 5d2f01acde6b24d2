public import NetworkTypes

/// One element of the lists of type, length and value that discovery protocols are made of: what it is, and where its
/// value lies.
public struct TypeLengthValue: Hashable, Sendable {
    /// Most elements of one message that are looked at.
    public static let maximumCount = 128

    /// How type and length are written.
    public enum Layout: UInt8, Hashable, Sendable {
        /// Seven bits and nine bits (IEEE 802.1AB §8.4).
        case sevenNine
        /// Two bytes each; the length counts these four too (CDP).
        case wholeWords
        /// Two bytes each (DHCPv6, RFC 8415 §21.1; MNDP).
        case words
        /// One byte and two bytes (Ubiquiti discovery).
        case byteAndWord
        /// One byte each; the length counts eights, these two bytes included (RFC 4861 §4.6).
        case eights

        /// Bytes of type and length.
        var headerLength: Int { self == .byteAndWord ? 3 : self == .words || self == .wholeWords ? 4 : 2 }
    }

    /// The number that says what the value is.
    public let type: UInt16
    /// Offset of the value's first byte, in the reader's coordinates.
    public let start: Int
    /// Offset past the value's last byte.
    public let end: Int

    /// The next element, which the reader passes over.
    @inline(never)
    public init(parsing reader: inout ByteReader, layout: Layout) throws(DecodeError) {
        var length: Int
        switch layout {
        case .sevenNine:
            let word = try reader.readUInt16()
            type = word >> 9
            length = Int(word & 0x1FF)
        case .wholeWords, .words:
            type = try reader.readUInt16()
            length = Int(try reader.readUInt16())
            if layout == .wholeWords { length -= 4 }
        case .byteAndWord:
            type = UInt16(try reader.readUInt8())
            length = Int(try reader.readUInt16())
        case .eights:
            type = UInt16(try reader.readUInt8())
            length = Int(try reader.readUInt8()) * 8 - 2
        }
        guard length >= 0 else { throw reader.error(.malformed) }
        start = reader.position
        try reader.skip(length)
        end = reader.position
    }

    /// A reader for the value.
    @_lifetime(copy reader)
    public func value(in reader: ByteReader) -> ByteReader { ByteReader(reader.bytes, from: start, to: end) }

    /// Bytes of the value.
    public var count: Int { end - start }

    /// The `count` bytes from the value's byte `offset` on as a number; bytes past its end are zero.
    @inline(never)
    public func integer(at offset: Int, count: Int, in reader: borrowing ByteReader) -> UInt32 {
        var value: UInt32 = 0
        for index in (start + offset)..<(start + offset + count) {
            value = value << 8 | (index < end ? UInt32(reader.bytes[index]) : 0)
        }
        return value
    }

    /// At most `count` bytes from the value's byte `offset` on as text: without the zeros and blanks that some pad it with.
    @inline(never)
    public func text(in reader: borrowing ByteReader, from offset: Int = 0, count: Int = Int.max) -> ByteString {
        let first = Swift.min(start + offset, end)
        var last = Swift.min(count, end - first) + first
        while last > first, reader.bytes[last - 1] == 0 { last -= 1 }
        return ByteString(ByteReader(reader.bytes, from: first, to: last)).trimmed
    }
}
