internal import NetworkTypes

/// The chunked transfer coding (RFC 9112 §7.1).
enum HTTPChunks {
    /// The data of all chunks that are there, the last of them perhaps in part; what is malformed ends it.
    static func joined(_ body: borrowing ByteReader) -> [UInt8] {
        var joined: [UInt8] = []
        var index = body.position
        while index < body.end {
            var size = 0
            var digits = 0
            while index < body.end, let digit = Hexadecimal.value(body.bytes[index]) {
                size = size << 4 | Int(digit)
                digits += 1
                // No chunk of this size comes within what is kept of a stream.
                guard digits <= 6 else { return joined }
                index += 1
            }
            guard digits > 0, size > 0 else { return joined }
            // Extensions of the chunk, to the end of the line.
            while index < body.end, body.bytes[index] != 0x0A { index += 1 }
            index += 1
            let end = Swift.min(index + size, body.end)
            guard index < end else { return joined }
            while index < end {
                joined.append(body.bytes[index])
                index += 1
            }
            index += 2
        }
        return joined
    }
}
