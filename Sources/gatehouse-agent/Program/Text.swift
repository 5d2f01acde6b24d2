import NetworkTypes

/// Puts text for people together without `String`.
enum Text {
    /// The parts one after another.
    static func join(_ parts: ByteString...) -> ByteString {
        var text = ByteString()
        for part in parts { text.append(part) }
        return text
    }

    /// A number in decimal.
    static func decimal(_ value: some FixedWidthInteger) -> ByteString {
        var text = ByteString()
        text.append(decimal: value)
        return text
    }

    /// Hexadecimal digits of bytes.
    static func hexadecimal(_ bytes: ByteString) -> ByteString { Hexadecimal.encode(bytes.bytes) }
}
