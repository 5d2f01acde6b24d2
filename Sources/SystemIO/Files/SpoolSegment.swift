internal import NetworkTypes

/// One file of the spool, as it is remembered: its records are all of one severity, in the order of their marks.
struct SpoolSegment {
    /// Ascending within its stream.
    let number: UInt64
    /// Length of the file.
    private(set) var bytes: UInt64 = 0
    /// Records in it.
    private(set) var count: UInt64 = 0
    private(set) var firstMark = SpoolRecord.Mark.zero
    private(set) var lastMark = SpoolRecord.Mark.zero
    private(set) var firstMilliseconds: UInt64 = 0
    private(set) var lastMilliseconds: UInt64 = 0

    init(number: UInt64) { self.number = number }

    mutating func add(_ record: SpoolRecord, bytes: Int) {
        if count == 0 {
            firstMark = record.mark
            firstMilliseconds = record.timeMilliseconds
        }
        lastMark = record.mark
        firstMilliseconds = min(firstMilliseconds, record.timeMilliseconds)
        lastMilliseconds = max(lastMilliseconds, record.timeMilliseconds)
        count += 1
        self.bytes += UInt64(bytes)
    }

    /// `2-00000000000000a1.spool`: severity, number.
    static func name(severity: UInt8, number: UInt64) -> ByteString {
        var name = ByteString()
        name.append(decimal: severity)
        name.append(byte: 0x2D)
        name.append(hexadecimal: number, digits: 16)
        name.append(".spool")
        return name
    }

    /// Severity and number from a name; nil for any other file.
    static func parse(_ name: ByteString) -> (severity: UInt8, number: UInt64)? {
        guard name.count == 24, name.hasSuffix(".spool"), name.bytes[1] == 0x2D else { return nil }
        guard let severity = Hexadecimal.value(name.bytes[0]), severity <= SpoolStore.severityLimit else { return nil }
        var number: UInt64 = 0
        for byte in name.bytes[2..<18] {
            guard let digit = Hexadecimal.value(byte) else { return nil }
            number = number << 4 | UInt64(digit)
        }
        return (severity, number)
    }
}
