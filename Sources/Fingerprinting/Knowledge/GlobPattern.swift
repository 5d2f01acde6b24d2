/// Shell-like patterns over bytes: `*` stands for any run (also none), `?` for one byte, `[0-9a-f]` for one byte of a
/// set, `\` takes the next byte as it is. Patterns are in lower case; ASCII letters of the value match in either case.
///
/// Each `*` takes the shortest run that lets the next literal match, so a match takes time proportional to pattern times
/// value and never backtracks: a value made by an attacker cannot make it slow.
public enum GlobPattern {
    /// Most `*` in one pattern; `$1` to `$9` name them.
    public static let maximumCaptures = 9

    private static let star: UInt8 = 0x2A
    private static let question: UInt8 = 0x3F
    private static let open: UInt8 = 0x5B
    private static let close: UInt8 = 0x5D
    private static let escape: UInt8 = 0x5C

    /// How many `*` the pattern has, or nil where a set is not closed, an escape ends it, or there are too many `*`.
    public static func captureCount(of pattern: [UInt8]) -> Int? {
        var stars = 0
        var index = 0
        while index < pattern.count {
            switch pattern[index] {
            case star: stars += 1
            case escape:
                index += 1
                guard index < pattern.count else { return nil }
            case open:
                index += 1
                while index < pattern.count, pattern[index] != close { index += 1 }
                guard index < pattern.count else { return nil }
            default: break
            }
            index += 1
        }
        return stars <= maximumCaptures ? stars : nil
    }

    /// Whether all of `value` matches.
    public static func matches(_ pattern: [UInt8], _ value: [UInt8]) -> Bool {
        var captures = GlobCaptures()
        return match(pattern: pattern.span, value: value.span, captures: &captures)
    }

    /// Whether all of `value` matches; `captures` then holds one range of `value` for each `*`.
    static func match(
        pattern: borrowing Span<UInt8>,
        value: borrowing Span<UInt8>,
        captures: inout GlobCaptures
    ) -> Bool {
        var patternStart = 0
        var position = 0
        var isFirst = true
        captures.removeAll()
        while true {
            let (patternEnd, length) = segment(pattern, from: patternStart)
            let isLast = patternEnd == pattern.count
            var start = position
            if isFirst {
                if isLast && length != value.count { return false }
                guard matches(pattern, patternStart, patternEnd, value, at: 0, length) else { return false }
            } else if isLast {
                start = value.count - length
                guard start >= position, matches(pattern, patternStart, patternEnd, value, at: start, length) else {
                    return false
                }
            } else {
                while !matches(pattern, patternStart, patternEnd, value, at: start, length) {
                    start += 1
                    if start + length > value.count { return false }
                }
            }
            if !isFirst { captures.append(position..<start) }
            if isLast { return true }
            position = start + length
            patternStart = patternEnd + 1
            isFirst = false
        }
    }

    /// Where the run of single-byte elements from `start` ends (at a `*` or the end), and how many elements it has.
    private static func segment(_ pattern: borrowing Span<UInt8>, from start: Int) -> (end: Int, length: Int) {
        var index = start
        var length = 0
        while index < pattern.count, pattern[index] != star {
            index = elementEnd(pattern, index)
            length += 1
        }
        return (index, length)
    }

    private static func elementEnd(_ pattern: borrowing Span<UInt8>, _ start: Int) -> Int {
        switch pattern[start] {
        case escape: return Swift.min(start + 2, pattern.count)
        case open:
            var index = start + 1
            while index < pattern.count, pattern[index] != close { index += 1 }
            return Swift.min(index + 1, pattern.count)
        default: return start + 1
        }
    }

    private static func matches(
        _ pattern: borrowing Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ value: borrowing Span<UInt8>,
        at position: Int,
        _ length: Int
    ) -> Bool {
        guard position >= 0, length <= value.count - position else { return false }
        var index = start
        var place = position
        while index < end {
            let next = elementEnd(pattern, index)
            guard element(pattern, index, next, matches: MatcherForm.folded(value[place])) else { return false }
            index = next
            place += 1
        }
        return true
    }

    private static func element(
        _ pattern: borrowing Span<UInt8>,
        _ start: Int,
        _ end: Int,
        matches byte: UInt8
    ) -> Bool {
        switch pattern[start] {
        case question: return true
        case escape: return start + 1 < end && pattern[start + 1] == byte
        case open:
            var index = start + 1
            while index < end - 1 {
                if index + 2 < end - 1, pattern[index + 1] == 0x2D {
                    if pattern[index] <= byte, byte <= pattern[index + 2] { return true }
                    index += 3
                } else {
                    if pattern[index] == byte { return true }
                    index += 1
                }
            }
            return false
        default: return pattern[start] == byte
        }
    }
}
