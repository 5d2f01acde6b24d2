public import NetworkTypes

/// Base64 with the standard alphabet and padding (RFC 4648 §4).
public enum Base64 {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    /// One line, padded.
    public static func encode(_ bytes: [UInt8]) -> ByteString {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = Swift.min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0)
            }
            for digit in 0..<4 {
                text.append(digit <= count ? alphabet[Int(group >> UInt32(18 - digit * 6) & 0x3F)] : 0x3D)
            }
            index += 3
        }
        return ByteString(text)
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case 0x41...0x5A: return UInt32(digit - 0x41)
        case 0x61...0x7A: return UInt32(digit - 0x61) + 26
        case 0x30...0x39: return UInt32(digit - 0x30) + 52
        case 0x2B: return 62
        case 0x2F: return 63
        default: return nil
        }
    }

    /// The bytes of `text`; nil if a digit is none, padding is missing or misplaced, or unused bits are not zero.
    /// Spaces and line ends are passed over where `ignoringLineEnds` is set, as in EST's bodies (RFC 8951 §3.1) and PEM.
    public static func decode(_ text: ByteString, ignoringLineEnds: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var (group, digits, padding) = (UInt32(0), 0, 0)
        for byte in text.bytes {
            if ignoringLineEnds, byte == 0x0D || byte == 0x0A || byte == 0x20 || byte == 0x09 { continue }
            if byte == 0x3D {
                padding += 1
                guard digits >= 2, digits + padding <= 4 else { return nil }
                continue
            }
            guard padding == 0, let value = value(byte) else { return nil }
            group = group << 6 | value
            digits += 1
            if digits == 4 {
                bytes += [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
                (group, digits) = (0, 0)
            }
        }
        switch (digits, padding) {
        case (0, 0): return bytes
        case (2, 2):
            guard group & 0xF == 0 else { return nil }
            return bytes + [UInt8(group >> 4 & 0xFF)]
        case (3, 1):
            guard group & 0x3 == 0 else { return nil }
            return bytes + [UInt8(group >> 10 & 0xFF), UInt8(group >> 2 & 0xFF)]
        default: return nil
        }
    }
}
