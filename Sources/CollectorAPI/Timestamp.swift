/// A moment in UTC, to the millisecond. In JSON it is an RFC 3339 string: `2026-11-23T09:41:33.123Z`.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Milliseconds since 1970, leap seconds not counted.
    public var milliseconds: UInt64

    /// The latest moment that is written with four digits of year: 9999-12-31T23:59:59.999Z.
    public static let maximumMilliseconds: UInt64 = 253_402_300_799_999

    /// A moment; later ones than `maximumMilliseconds` become that one.
    public init(milliseconds: UInt64) { self.milliseconds = min(milliseconds, Timestamp.maximumMilliseconds) }

    /// Reads `2026-11-23T09:41:33Z` or `2026-11-23T09:41:33.123Z`; nil for anything else, other zones among it.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 || bytes.count == 24, bytes.last == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for index in range {
                guard bytes[index] >= 0x30, bytes[index] <= 0x39 else { return nil }
                value = value * 10 + Int(bytes[index] - 0x30)
            }
            return value
        }
        guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            year >= 1970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if bytes.count == 24 {
            guard bytes[19] == UInt8(ascii: "."), let value = number(20..<23) else { return nil }
            fraction = value
        }
        let days = Timestamp.daysSince1970(year: year, month: month, day: day)
        self.init(milliseconds: UInt64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + UInt64(fraction))
        guard description.hasPrefix(String(text.prefix(10))) else { return nil }  // 31 February and the like
    }

    /// By time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    // Days from civil and back, with years that begin on 1 March so that the leap day is the last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex + (monthIndex < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Timestamp: CustomStringConvertible {
    /// `2026-11-23T09:41:33.123Z`
    public var description: String {
        let seconds = Int(milliseconds / 1000)
        let date = Timestamp.civil(daysSince1970: seconds / 86_400)
        let time = seconds % 86_400
        let day =
            "\(Timestamp.padded(date.year, 4))-\(Timestamp.padded(date.month, 2))-\(Timestamp.padded(date.day, 2))"
        let clock = [time / 3600, time / 60 % 60, time % 60].map { Timestamp.padded($0, 2) }.joined(separator: ":")
        return "\(day)T\(clock).\(Timestamp.padded(Int(milliseconds % 1000), 3))Z"
    }
}

extension Timestamp: Codable {
    /// Reads the RFC 3339 string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not a UTC time like 2026-11-23T09:41:33Z"
            )
        }
        self = value
    }

    /// Writes the RFC 3339 string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
