/// Reads big-endian integers and byte runs from borrowed bytes, checking every bound.
///
/// A reader made by `slice(_:)` shares the bytes and reports offsets in the same coordinates as its parent, so a
/// `DecodeError` always names the place in the whole frame. It never copies unless `readBytes(_:)` is asked to.
public struct ByteReader: ~Escapable {
    /// All bytes of the outermost reader.
    public let bytes: Span<UInt8>
    @usableFromInline
    var cursor: Int
    /// Offset one past the last byte of this reader.
    public let end: Int

    /// Reads all of `bytes`.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) {
        self.init(bytes, from: 0, to: bytes.count)
    }

    /// Reads `bytes[start..<end]`; both ends are clamped to the bytes there are.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        let upper = Swift.min(Swift.max(end, 0), bytes.count)
        self.bytes = bytes
        self.end = upper
        self.cursor = Swift.min(Swift.max(start, 0), upper)
    }

    /// Offset of the next byte to be read.
    @inlinable
    public var position: Int { cursor }

    /// Bytes left.
    @inlinable
    public var remaining: Int { end - position }

    /// Whether nothing is left.
    @inlinable
    public var isAtEnd: Bool { position == end }

    /// The error for the present position.
    @inlinable
    public func error(_ reason: DecodeError.Reason) -> DecodeError { DecodeError(reason, at: position) }

    /// Moves to an absolute offset inside this reader.
    @inlinable
    public mutating func seek(to offset: Int) throws(DecodeError) {
        guard offset >= 0, offset <= end else { throw error(.malformed) }
        cursor = offset
    }

    /// Passes over `count` bytes.
    @inlinable
    public mutating func skip(_ count: Int) throws(DecodeError) {
        guard count >= 0, count <= remaining else { throw error(.truncated) }
        cursor += count
    }

    /// The byte `distance` bytes ahead, or nil past the end; nothing is consumed.
    @inlinable
    public func peek(_ distance: Int = 0) -> UInt8? {
        guard distance >= 0, distance < remaining else { return nil }
        return bytes[position + distance]
    }

    /// One byte.
    @inlinable
    public mutating func readUInt8() throws(DecodeError) -> UInt8 {
        guard remaining >= 1 else { throw error(.truncated) }
        let value = bytes[position]
        cursor += 1
        return value
    }

    /// Two bytes, big-endian.
    @inlinable
    public mutating func readUInt16() throws(DecodeError) -> UInt16 {
        guard remaining >= 2 else { throw error(.truncated) }
        let value = UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
        cursor += 2
        return value
    }

    /// Three bytes, big-endian.
    @inlinable
    public mutating func readUInt24() throws(DecodeError) -> UInt32 {
        guard remaining >= 3 else { throw error(.truncated) }
        let value =
            UInt32(bytes[position]) << 16 | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2])
        cursor += 3
        return value
    }

    /// Four bytes, big-endian.
    @inlinable
    public mutating func readUInt32() throws(DecodeError) -> UInt32 {
        guard remaining >= 4 else { throw error(.truncated) }
        var value: UInt32 = 0
        for offset in 0..<4 { value = value << 8 | UInt32(bytes[position + offset]) }
        cursor += 4
        return value
    }

    /// Eight bytes, big-endian.
    @inlinable
    public mutating func readUInt64() throws(DecodeError) -> UInt64 {
        guard remaining >= 8 else { throw error(.truncated) }
        var value: UInt64 = 0
        for offset in 0..<8 { value = value << 8 | UInt64(bytes[position + offset]) }
        cursor += 8
        return value
    }

    /// Two bytes, little-endian (pcap files, 802.11, USB).
    @inlinable
    public mutating func readUInt16LittleEndian() throws(DecodeError) -> UInt16 { try readUInt16().byteSwapped }

    /// Four bytes, little-endian.
    @inlinable
    public mutating func readUInt32LittleEndian() throws(DecodeError) -> UInt32 { try readUInt32().byteSwapped }

    /// A copy of the next `count` bytes.
    @inlinable
    public mutating func readBytes(_ count: Int) throws(DecodeError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw error(.truncated) }
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for offset in position..<(position + count) { copy.append(bytes[offset]) }
        cursor += count
        return copy
    }

    /// A reader for the next `count` bytes, which this reader passes over.
    @inlinable
    @_lifetime(copy self)
    public mutating func slice(_ count: Int) throws(DecodeError) -> ByteReader {
        guard count >= 0, count <= remaining else { throw error(.truncated) }
        let start = position
        cursor += count
        return ByteReader(bytes, from: start, to: start + count)
    }

    /// A reader for all that is left; this reader is then at its end.
    @inlinable
    @_lifetime(copy self)
    public mutating func rest() -> ByteReader {
        let start = position
        cursor = end
        return ByteReader(bytes, from: start, to: end)
    }

    /// A reader for bytes `start..<end` of the outermost bytes, within this reader's own bounds.
    @inlinable
    @_lifetime(copy self)
    public func window(from start: Int, to end: Int) throws(DecodeError) -> ByteReader {
        guard start >= 0, start <= end, end <= self.end else { throw error(.malformed) }
        return ByteReader(bytes, from: start, to: end)
    }

    /// Whether the next bytes are those of `prefix`; nothing is consumed.
    @inlinable
    public func starts(with prefix: ByteString) -> Bool {
        starts(with: prefix.bytes)
    }

    /// Whether the next bytes are those of `prefix`; nothing is consumed.
    @inlinable
    public func starts(with prefix: [UInt8]) -> Bool {
        guard prefix.count <= remaining else { return false }
        for index in prefix.indices where bytes[position + index] != prefix[index] { return false }
        return true
    }
}
