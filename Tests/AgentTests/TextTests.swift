import Foundation
import NetworkTypes
import TestSupport
import Testing

@testable import AgentProgram

@Suite struct TextTests {
    /// Foundation's calendar says the same.
    @Test func timesAreThoseOfTheCalendar() throws {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss 'UTC'"
        var generator = SeededGenerator(seed: 11)
        // 28 February to 1 March of an ordinary year, of a leap year, of 2000 and of 2100, which is none.
        let corners: [UInt64] = [0, 68_169_600, 951_782_400, 951_868_799, 951_868_800, 4_107_542_399, 4_107_542_400]
        // Up to the year 2199.
        for seconds in corners + (0..<2000).map({ _ in generator.next() % 7_258_118_400 }) {
            let expected = formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
            #expect(Text.time(seconds * 1000 + 999).text == expected)
        }
    }

    @Test func endlessTimesAreWrittenToo() {
        #expect(Text.time(UInt64.max).text.hasPrefix("9999-"))
    }
}
