import NetworkTypes

/// The table of `flows`.
enum FlowListing {
    private static let titles: [ByteString] = [
        "DEVICE", "CLASS", "VENDOR", "MODEL", "TO", "DESTINATION", "SERVICE", "COUNT", "FIRST", "LAST",
    ]

    /// The agent's answer, lines of fields with tabs between them, in columns; its times as people read them.
    static func table(_ answer: ByteString) -> ByteString {
        var rows = [titles]
        for line in answer.split(0x0A) where !line.isEmpty {
            var fields = line.split(0x09)
            guard fields.count == titles.count else { continue }
            for index in 8..<10 { fields[index] = time(fields[index]) }
            rows.append(fields)
        }
        var widths = [Int](repeating: 0, count: titles.count)
        for row in rows {
            for (index, field) in row.enumerated() { widths[index] = Swift.max(widths[index], field.count) }
        }
        var text = ByteString()
        for row in rows {
            for (index, field) in row.enumerated() {
                text.append(field)
                guard index + 1 < row.count else { continue }
                for _ in 0..<(widths[index] + 2 - field.count) { text.append(byte: 0x20) }
            }
            text.append(byte: 0x0A)
        }
        return text
    }

    private static func time(_ field: ByteString) -> ByteString {
        var milliseconds: UInt64 = 0
        for byte in field.bytes where byte >= 0x30 && byte <= 0x39 {
            milliseconds = milliseconds &* 10 &+ UInt64(byte - 0x30)
        }
        return Text.time(milliseconds)
    }
}
