internal import NetworkTypes

/// The address blocks of the IEEE registers, as Debian's `ieee-data` has them in CSV (RFC 4180): registry, assignment,
/// organisation, address.
struct AssignmentRegister {
    struct Block: Hashable {
        /// The assigned hexadecimal digits: 6, 7 or 9.
        var prefix: UInt64
        var digits: Int
        var organisation: ByteString
    }

    /// Files of a directory of `ieee-data`.
    static let files = ["oui.csv", "mam.csv", "oui36.csv", "iab.csv"]

    private(set) var blocks: [Block] = []
    /// Lines that are no assignment.
    private(set) var unreadable = 0

    /// Adds the assignments of one file. Blocks of which the register does not say the holder, or that are only split
    /// into smaller ones, say nothing and are left out.
    mutating func read(_ bytes: [UInt8]) {
        for (number, record) in CSV.records(bytes).enumerated() where number > 0 {
            guard record.count >= 3, let digits = Self.number(record[1]), [6, 7, 9].contains(record[1].count) else {
                unreadable += 1
                continue
            }
            let organisation = record[2].trimmed
            let lower = organisation.lowercasedASCII
            if organisation.isEmpty || lower == "private" || lower == "ieee registration authority" { continue }
            blocks.append(Block(prefix: digits, digits: record[1].count, organisation: organisation))
        }
    }

    private static func number(_ text: ByteString) -> UInt64? {
        var value: UInt64 = 0
        for byte in text.bytes {
            guard let digit = Hexadecimal.value(byte) else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}

/// Comma-separated values (RFC 4180).
enum CSV {
    /// The records of a file; a quoted field may hold commas, line ends and doubled quotes.
    static func records(_ bytes: [UInt8]) -> [[ByteString]] {
        var records: [[ByteString]] = []
        var record: [ByteString] = []
        var field: [UInt8] = []
        var isQuoted = false
        var index = 0
        func isEmpty() -> Bool { record.isEmpty && field.isEmpty }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isQuoted {
                guard byte == 0x22 else {
                    field.append(byte)
                    continue
                }
                if index < bytes.count, bytes[index] == 0x22 {
                    field.append(0x22)
                    index += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case 0x22: isQuoted = true
            case 0x2C:
                record.append(ByteString(field))
                field.removeAll()
            case 0x0A:
                if !isEmpty() { records.append(record + [ByteString(field)]) }
                record.removeAll()
                field.removeAll()
            case 0x0D: break
            default: field.append(byte)
            }
        }
        if !isEmpty() { records.append(record + [ByteString(field)]) }
        return records
    }
}
