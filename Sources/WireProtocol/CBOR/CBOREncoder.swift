public import NetworkTypes

/// Writes deterministic CBOR (RFC 8949 §4.2.1).
///
/// Arrays and plain maps take their count first and trust the caller to write as many items; a map with integer keys
/// is better written with `map(_:)`, which counts and keeps the order.
public struct CBOREncoder {
    /// What was written.
    public private(set) var encoded: [UInt8] = []

    /// Nothing written.
    public init() {}

    /// The head of an item, its argument in the shortest form.
    public mutating func write(_ head: CBOR.Head) {
        let type = head.type.rawValue << 5
        let argument = head.argument
        switch argument {
        case 0..<24: encoded.append(type | UInt8(argument))
        case 24...0xFF: write(type | 24, argument, byteCount: 1)
        case 0x100...0xFFFF: write(type | 25, argument, byteCount: 2)
        case 0x1_0000...0xFFFF_FFFF: write(type | 26, argument, byteCount: 4)
        default: write(type | 27, argument, byteCount: 8)
        }
    }

    private mutating func write(_ first: UInt8, _ argument: UInt64, byteCount: Int) {
        encoded.append(first)
        var shift = byteCount * 8
        while shift > 0 {
            shift -= 8
            encoded.append(UInt8(truncatingIfNeeded: argument >> UInt64(shift)))
        }
    }

    /// A number of 0 or above.
    public mutating func unsigned(_ value: UInt64) { write(CBOR.Head(.unsigned, value)) }

    /// A number of any sign.
    public mutating func integer(_ value: Int64) {
        write(value < 0 ? CBOR.Head(.negative, UInt64(bitPattern: ~value)) : CBOR.Head(.unsigned, UInt64(value)))
    }

    /// true or false.
    public mutating func boolean(_ value: Bool) {
        write(CBOR.Head(.simple, value ? CBOR.simpleTrue : CBOR.simpleFalse))
    }

    /// A byte string.
    public mutating func bytes(_ value: [UInt8]) {
        write(CBOR.Head(.bytes, UInt64(value.count)))
        encoded.append(contentsOf: value)
    }

    /// A text string. What is not UTF-8 becomes U+FFFD: devices name themselves as they like, and a text string that
    /// is not UTF-8 is not CBOR. `limit` cuts at a character.
    public mutating func text(_ value: ByteString, limit: Int = Int.max) {
        let clean = UTF8Text.sanitised(value.bytes, limit: limit)
        write(CBOR.Head(.text, UInt64(clean.count)))
        encoded.append(contentsOf: clean)
    }

    /// The head of an array; `count` items must follow.
    public mutating func array(count: Int) { write(CBOR.Head(.array, UInt64(count))) }

    /// The head of a tag; one item must follow.
    public mutating func tag(_ number: UInt64) { write(CBOR.Head(.tag, number)) }

    /// Items that are encoded already.
    public mutating func append(encoded items: [UInt8]) { encoded.append(contentsOf: items) }

    /// A map whose keys are small integers.
    public mutating func map(_ fields: (inout CBORMapWriter) -> Void) {
        var writer = CBORMapWriter()
        fields(&writer)
        write(CBOR.Head(.map, UInt64(writer.count)))
        encoded.append(contentsOf: writer.body.encoded)
    }

    /// The bytes of one map.
    public static func encodingMap(_ fields: (inout CBORMapWriter) -> Void) -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.map(fields)
        return encoder.encoded
    }
}
