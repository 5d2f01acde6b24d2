/// Text or other bytes, compared byte by byte.
///
/// The agent's stand-in for `String`: as a dictionary key, or lower-cased, a `String` would link up to 700 KB of
/// Unicode tables. Protocol text is ASCII where it matters; what is not stays as it came.
public struct ByteString: Hashable, Sendable {
    /// The bytes themselves.
    public var bytes: [UInt8]

    /// Takes the bytes as they are.
    @inlinable
    public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// The UTF-8 bytes of `text`.
    @inlinable
    public init(utf8 text: String) { self.bytes = Array(text.utf8) }

    /// The bytes that a reader has left, copied.
    @inlinable
    public init(_ reader: borrowing ByteReader) {
        var copy: [UInt8] = []
        copy.reserveCapacity(reader.remaining)
        for offset in reader.position..<reader.end { copy.append(reader.bytes[offset]) }
        self.bytes = copy
    }

    /// Length in bytes.
    @inlinable
    public var count: Int { bytes.count }

    /// Whether there is no byte.
    @inlinable
    public var isEmpty: Bool { bytes.isEmpty }

    /// The text, with U+FFFD where the bytes are not UTF-8.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// A to Z made a to z; everything else untouched.
    public var lowercasedASCII: ByteString {
        var copy = bytes
        for index in copy.indices where copy[index] >= 0x41 && copy[index] <= 0x5A { copy[index] |= 0x20 }
        return ByteString(copy)
    }

    /// Whether the bytes begin with those of `prefix`.
    public func hasPrefix(_ prefix: ByteString) -> Bool { bytes.starts(with: prefix.bytes) }

    /// Whether the bytes end with those of `suffix`.
    public func hasSuffix(_ suffix: ByteString) -> Bool {
        guard suffix.count <= count else { return false }
        let start = count - suffix.count
        for index in 0..<suffix.count where bytes[start + index] != suffix.bytes[index] { return false }
        return true
    }

    /// Where `other` begins first, in bytes from the start, or nil.
    public func firstIndex(of other: ByteString) -> Int? {
        guard !other.isEmpty else { return 0 }
        guard other.count <= count else { return nil }
        for start in 0...(count - other.count) {
            var matches = true
            for index in 0..<other.count where bytes[start + index] != other.bytes[index] {
                matches = false
                break
            }
            if matches { return start }
        }
        return nil
    }

    /// The runs between `separator` bytes; empty runs are kept.
    public func split(_ separator: UInt8) -> [ByteString] {
        var parts: [ByteString] = []
        var part: [UInt8] = []
        for byte in bytes {
            if byte == separator {
                parts.append(ByteString(part))
                part.removeAll()
            } else {
                part.append(byte)
            }
        }
        parts.append(ByteString(part))
        return parts
    }

    /// Without spaces, tabs, CR and LF at both ends.
    public var trimmed: ByteString {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
        var start = 0
        var end = count
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return ByteString(Array(bytes[start..<end]))
    }

    /// Appends other bytes.
    public mutating func append(_ other: ByteString) { bytes.append(contentsOf: other.bytes) }

    /// Appends one byte.
    public mutating func append(byte: UInt8) { bytes.append(byte) }

    /// Appends `value` in decimal.
    public mutating func append(decimal value: some FixedWidthInteger) {
        var digits: [UInt8] = []
        var magnitude = UInt64(value.magnitude)
        repeat {
            digits.append(0x30 + UInt8(magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        if value < 0 { bytes.append(0x2D) }
        bytes.append(contentsOf: digits.reversed())
    }

    /// Appends `value` as lower-case hexadecimal, padded with zeros to `digits`.
    public mutating func append(hexadecimal value: some FixedWidthInteger & UnsignedInteger, digits: Int) {
        var shift = (digits - 1) * 4
        while shift >= 0 {
            bytes.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: (UInt64(value) >> UInt64(shift)) & 0xF)))
            shift -= 4
        }
    }
}

extension ByteString: ExpressibleByStringLiteral {
    /// The UTF-8 bytes of a literal.
    ///
    /// A `StaticString`, not a `String`: the latter holds up to 15 bytes in two registers, which takes up to eight
    /// instructions where each literal stands. The agent has thousands.
    public init(stringLiteral value: StaticString) { self.init(ByteString.bytes(of: value)) }

    @inline(never)
    private static func bytes(of literal: StaticString) -> [UInt8] {
        // The one place of the pure modules that names it: the buffer does not leave the closure.
        literal.withUTF8Buffer { unsafe Array($0) }
    }
}

extension ByteString: Comparable {
    /// Byte order, then length.
    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ByteString: CustomStringConvertible {
    /// The same as `text`.
    public var description: String { text }
}
