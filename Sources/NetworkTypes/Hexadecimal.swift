/// Hexadecimal digits, lower case when written, either case when read.
public enum Hexadecimal {
    /// The digit for the low four bits of `nibble`.
    @inlinable
    public static func digit(_ nibble: UInt8) -> UInt8 {
        let value = nibble & 0xF
        return value < 10 ? 0x30 + value : 0x61 + value - 10
    }

    /// The value of one ASCII digit, or nil.
    @inlinable
    public static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: return digit - 0x30
        case 0x41...0x46: return digit - 0x41 + 10
        case 0x61...0x66: return digit - 0x61 + 10
        default: return nil
        }
    }

    /// Two digits a byte.
    public static func encode(_ bytes: [UInt8]) -> ByteString {
        var text = ByteString()
        text.bytes.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(byte: digit(byte >> 4))
            text.append(byte: digit(byte))
        }
        return text
    }

    /// The bytes that pairs of digits stand for; nil if the count is odd or a digit is none.
    public static func decode(_ text: ByteString) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var index = 0
        while index < text.count {
            guard let high = value(text.bytes[index]), let low = value(text.bytes[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }
}
