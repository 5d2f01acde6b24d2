public import NetworkTypes

/// Text of a rule in which `$1` to `$9` stand for what the `*` of its glob matched, `$0` for the whole value, and `$$`
/// for a dollar.
public enum CaptureTemplate {
    /// Most bytes of the text that comes out; a longer one is no name.
    public static let maximumLength = 64

    private static let dollar: UInt8 = 0x24

    /// The highest number that the template names, 0 for none, or nil where a `$` is followed by something else.
    public static func highestCapture(in template: ByteString) -> Int? {
        var highest = 0
        var index = 0
        while index < template.count {
            if template.bytes[index] == dollar {
                index += 1
                guard index < template.count else { return nil }
                switch template.bytes[index] {
                case dollar: break
                case 0x30...0x39: highest = Swift.max(highest, Int(template.bytes[index] - 0x30))
                default: return nil
                }
            }
            index += 1
        }
        return highest
    }

    /// Whether the template stands for itself: no `$0` to `$9` in it.
    public static func isLiteral(_ template: ByteString) -> Bool {
        var index = 0
        while index < template.count {
            guard template.bytes[index] == dollar else {
                index += 1
                continue
            }
            if index + 1 < template.count, template.bytes[index + 1] != dollar { return false }
            index += 2
        }
        return true
    }

    /// The text with its captures in place. Nil where what comes out is no name: without a letter or digit, too long, or
    /// with a control character, which the device may have put there for whoever reads the listing.
    static func fill(
        _ template: ByteString,
        _ value: borrowing Span<UInt8>,
        _ captures: GlobCaptures
    ) -> ByteString? {
        var text = ByteString()
        var index = 0
        while index < template.count {
            let byte = template.bytes[index]
            index += 1
            guard byte == dollar, index < template.count else {
                text.append(byte: byte)
                continue
            }
            let digit = template.bytes[index]
            index += 1
            guard digit >= 0x30, digit <= 0x39 else {
                text.append(byte: digit)
                continue
            }
            if digit == 0x30 {
                for place in 0..<value.count { text.append(byte: value[place]) }
                continue
            }
            let capture = Int(digit - 0x31)
            guard capture < captures.count, captures[capture].upperBound <= value.count else { return nil }
            for place in captures[capture] { text.append(byte: value[place]) }
        }
        text = text.trimmed
        guard text.count <= maximumLength else { return nil }
        var hasLetterOrDigit = false
        for byte in text.bytes {
            if byte < 0x20 || byte == 0x7F { return nil }
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: hasLetterOrDigit = true
            default: break
            }
        }
        return hasLetterOrDigit ? text : nil
    }
}
