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
    /// The UTF-8 bytes of a literal, which holds no byte 0.
    ///
    /// A `StaticString`, not a `String`: the latter holds up to 15 bytes in two registers, which takes up to eight
    /// instructions where each literal stands. The agent has two thousand; so the address alone is handed on, too, of a
    /// literal that ends with a byte 0 (`StaticString`), and not its length.
    @inline(__always)
    public init(stringLiteral value: StaticString) {
        assert(unsafe ByteString.bytes(at: value.utf8Start).count == value.utf8CodeUnitCount, "a literal with a byte 0")
        self.init(unsafe ByteString.bytes(at: value.utf8Start))
    }

    @inline(never)
    @usableFromInline
    static func bytes(at start: UnsafePointer<UInt8>) -> [UInt8] {
        // The one place of the pure modules that names it: literals live as long as the program.
        var count = 0
        while unsafe start[count] != 0 { count += 1 }
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}

extension ByteString: ExpressibleByStringInterpolation {
    /// Takes the parts of `"port \(number) of \(name)"`: literals, byte strings, whole numbers in decimal.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ByteString()

        /// Nothing yet.
        @inline(never)
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.bytes.reserveCapacity(literalCapacity + interpolationCount * 8)
        }

        /// A part between the values; there is an empty one before a value that comes first.
        @inline(__always)
        public mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { unsafe append(at: literal.utf8Start) }
        }

        @inline(never)
        @usableFromInline
        mutating func append(at start: UnsafePointer<UInt8>) {
            unsafe text.bytes.append(contentsOf: ByteString.bytes(at: start))
        }

        /// Bytes as they are.
        @inline(never)
        public mutating func appendInterpolation(_ value: ByteString) { text.append(value) }

        /// A number in decimal.
        @inline(never)
        public mutating func appendInterpolation(_ value: some FixedWidthInteger) { text.append(decimal: value) }
    }

    /// The parts one after another.
    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.text }
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
