public import NetworkTypes

/// Pull decoder for deterministic CBOR: the caller asks for what the format says comes next, so memory and nesting are
/// bounded by the caller's own shape. No length is believed before it is held against the bytes that are left.
extension ByteReader {
    /// The head of the next item, refused where its argument is not in the shortest form or its length indefinite.
    public mutating func readCBORHead() throws(DecodeError) -> CBOR.Head {
        let start = position
        let first = try readUInt8()
        guard let type = CBOR.MajorType(rawValue: first >> 5) else { throw DecodeError(.malformed, at: start) }
        let information = first & 0x1F
        if type == .simple, information >= 24 {
            // 24 would be a simple value nobody uses, 25 to 27 are floating-point numbers, 31 is a stray "break".
            throw DecodeError(information == 31 ? .malformed : .unsupported, at: start)
        }
        let argument: UInt64
        let smallest: UInt64
        switch information {
        case 0..<24: return CBOR.Head(type, UInt64(information))
        case 24: (argument, smallest) = (UInt64(try readUInt8()), 24)
        case 25: (argument, smallest) = (UInt64(try readUInt16()), 0x100)
        case 26: (argument, smallest) = (UInt64(try readUInt32()), 0x1_0000)
        case 27: (argument, smallest) = (try readUInt64(), 0x1_0000_0000)
        case 31 where type.rawValue >= 2 && type.rawValue <= 5: throw DecodeError(.notCanonical, at: start)
        default: throw DecodeError(.malformed, at: start)
        }
        guard argument >= smallest else { throw DecodeError(.notCanonical, at: start) }
        return CBOR.Head(type, argument)
    }

    private mutating func readCBORArgument(_ type: CBOR.MajorType) throws(DecodeError) -> UInt64 {
        let start = position
        let head = try readCBORHead()
        guard head.type == type else { throw DecodeError(.malformed, at: start) }
        return head.argument
    }

    private mutating func readCBORLength(
        _ type: CBOR.MajorType,
        limit: Int,
        bytesPerItem: UInt64
    ) throws(DecodeError) -> Int {
        let start = position
        let length = try readCBORArgument(type)
        // Every item is at least a byte, so a count is as good as a length here.
        guard length <= UInt64(remaining) / bytesPerItem else { throw DecodeError(.truncated, at: start) }
        guard length <= UInt64(limit) else { throw DecodeError(.limitExceeded, at: start) }
        return Int(length)
    }

    /// A number of 0 to `limit`.
    public mutating func readCBORUnsigned(limit: UInt64 = UInt64.max) throws(DecodeError) -> UInt64 {
        let start = position
        let value = try readCBORArgument(.unsigned)
        guard value <= limit else { throw DecodeError(.limitExceeded, at: start) }
        return value
    }

    /// A number of any sign.
    public mutating func readCBORInteger() throws(DecodeError) -> Int64 {
        let start = position
        let head = try readCBORHead()
        guard head.type == .unsigned || head.type == .negative else { throw DecodeError(.malformed, at: start) }
        guard head.argument <= UInt64(Int64.max) else { throw DecodeError(.limitExceeded, at: start) }
        return head.type == .unsigned ? Int64(head.argument) : ~Int64(head.argument)
    }

    /// true or false.
    public mutating func readCBORBoolean() throws(DecodeError) -> Bool {
        let start = position
        switch try readCBORArgument(.simple) {
        case CBOR.simpleFalse: return false
        case CBOR.simpleTrue: return true
        default: throw DecodeError(.malformed, at: start)
        }
    }

    /// A byte string of at most `limit` bytes.
    public mutating func readCBORBytes(limit: Int) throws(DecodeError) -> ByteString {
        let length = try readCBORLength(.bytes, limit: limit, bytesPerItem: 1)
        return ByteString(try readBytes(length))
    }

    /// A text string of at most `limit` bytes of UTF-8.
    public mutating func readCBORText(limit: Int) throws(DecodeError) -> ByteString {
        let start = position
        let length = try readCBORLength(.text, limit: limit, bytesPerItem: 1)
        guard UTF8Text.isValid(bytes, from: position, to: position + length) else {
            throw DecodeError(.malformed, at: start)
        }
        return ByteString(try readBytes(length))
    }

    /// The head of an array of at most `limit` items; as many items follow.
    public mutating func readCBORArray(limit: Int) throws(DecodeError) -> Int {
        try readCBORLength(.array, limit: limit, bytesPerItem: 1)
    }

    /// The head of a map of at most `limit` pairs; as many pairs follow.
    public mutating func readCBORMap(limit: Int) throws(DecodeError) -> Int {
        try readCBORLength(.map, limit: limit, bytesPerItem: 2)
    }

    /// The number of a tag; the tagged item follows.
    public mutating func readCBORTag() throws(DecodeError) -> UInt64 { try readCBORArgument(.tag) }

    /// Refuses bytes that are left over.
    public func expectEnd() throws(DecodeError) {
        guard isAtEnd else { throw error(.trailingBytes) }
    }
}
