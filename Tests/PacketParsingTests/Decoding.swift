import NetworkTypes
import Testing

/// Bytes of hexadecimal text; blanks and line ends between them are for the reader.
func bytes(_ text: String) -> [UInt8] {
    let digits = ByteString(text.utf8.filter { $0 != 0x20 && $0 != 0x0A })
    guard let bytes = Hexadecimal.decode(digits) else {
        Issue.record("not hexadecimal: \(text)")
        return []
    }
    return bytes
}

/// Runs a decoder over bytes.
func decode<Value>(
    _ bytes: [UInt8],
    _ decoder: (inout ByteReader) throws(DecodeError) -> Value
) throws(DecodeError) -> Value {
    var reader = ByteReader(bytes.span)
    return try decoder(&reader)
}

/// Every prefix, and every byte set to a few values that lengths and counts dislike, decodes or throws.
func survivesDamage<Value>(_ bytes: [UInt8], _ decoder: (inout ByteReader) throws(DecodeError) -> Value) {
    for length in 0...bytes.count { _ = try? decode(Array(bytes.prefix(length)), decoder) }
    for index in bytes.indices {
        for value in [0x00, 0x01, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF] as [UInt8] {
            var damaged = bytes
            damaged[index] = value
            _ = try? decode(damaged, decoder)
        }
    }
}
