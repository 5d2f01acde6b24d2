import NetworkTypes

/// Puts text for people together without `String`.
enum Text {
    /// The last second of the year 9999.
    static let maximumSeconds: UInt64 = 253_402_300_799

    /// `2026-11-23 09:41:33 UTC`, from milliseconds since 1970.
    static func time(_ milliseconds: UInt64) -> ByteString {
        let seconds = milliseconds / 1000
        var days = seconds / 86_400
        var year: UInt64 = 1970
        func isLeap() -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
        while days >= (isLeap() ? 366 : 365), year < 9999 {
            days -= isLeap() ? 366 : 365
            year += 1
        }
        var month: UInt64 = 1
        while month < 12 {
            let length: UInt64 =
                month == 2 ? (isLeap() ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
            if days < length { break }
            days -= length
            month += 1
        }
        var text: ByteString = "\(year)"
        func add(_ separator: UInt8, _ value: UInt64) {
            text.append(byte: separator)
            if value < 10 { text.append(byte: 0x30) }
            text.append(decimal: value)
        }
        add(0x2D, month)
        add(0x2D, days + 1)
        add(0x20, seconds / 3600 % 24)
        add(0x3A, seconds / 60 % 60)
        add(0x3A, seconds % 60)
        text.append(" UTC")
        return text
    }

    /// Hexadecimal digits of bytes.
    static func hexadecimal(_ bytes: ByteString) -> ByteString { Hexadecimal.encode(bytes.bytes) }
}
