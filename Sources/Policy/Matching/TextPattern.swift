public import NetworkTypes

/// Text with an optional `*` at its end, which stands for any bytes, also none.
public enum TextPattern {
    /// Whether `text` fits `pattern`; byte by byte.
    public static func matches(_ pattern: ByteString, _ text: ByteString) -> Bool {
        guard pattern.bytes.last == 0x2A else { return pattern == text }
        return text.hasPrefix(ByteString(Array(pattern.bytes.dropLast())))
    }

    /// Whether `pattern` has a `*` elsewhere than at its end, or nothing at all.
    static func isMalformed(_ pattern: ByteString) -> Bool {
        pattern.isEmpty || pattern.bytes.dropLast().contains(0x2A)
    }
}
