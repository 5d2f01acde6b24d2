/// A regular expression as Ruby reads it, written as PCRE2 reads it. Recog's patterns are Ruby's.
///
/// Where the two differ (Onigmo's `doc/RE` against `pcre2pattern(3)`): `(?m)` lets a dot match a line feed, which PCRE2
/// calls `(?s)`; an option in the middle holds for the rest of its group, over the bars too; `\h` is a hexadecimal digit,
/// `\v` a vertical tab, `\u0041` a character; other letters that PCRE2 knows stand for themselves; `{,n}` begins at 0;
/// `{n,m}+` repeats and `{n}?` makes optional; with named groups the others do not capture. `^` and `$` mean lines at all
/// times, which the option PCRE2_MULTILINE says. `\Z`, `\A`, `\z` are the same. What Ruby has and PCRE2 has not (sets within
/// sets, `&&`, `\C-x`, `\M-x`, `(?~…)`) is refused; so are PCRE2's own verbs `(*…)`, by which a pattern could change its limits.
/// One difference stays: `[[:alpha:]]` and its kin mean ASCII here, as `\w` and `\d` do in both.
struct RubyPattern {
    /// What PCRE2 is to compile, UTF-8.
    private(set) var translated: [UInt8] = []
    /// Whether there are groups with names, beside which those without do not capture.
    private(set) var hasNamedGroups = false

    private let source: [UInt8]
    private var index = 0
    private var groups: [Group] = [Group(start: 0)]
    /// Where the last thing that can be repeated begins in `translated`.
    private var atom: Int?

    /// What is open.
    private struct Group {
        /// Where it begins in `translated`.
        var start: Int
        /// Parentheses that options in its middle opened.
        var extraParentheses = 0
        /// Whether white space and comments are passed over.
        var isExtended = false
    }

    /// Why a pattern cannot be taken over.
    struct Refusal: Error {
        /// Bytes from the pattern's start.
        let offset: Int
        let reason: String
    }

    init(_ pattern: String) throws(Refusal) {
        source = Array(pattern.utf8)
        while index < source.count { try element() }
        guard groups.count == 1 else { throw refusal("a group is not closed") }
        close(groups[0])
    }

    private func refusal(_ reason: String) -> Refusal { Refusal(offset: index, reason: reason) }

    private func peek(_ distance: Int = 0) -> UInt8? {
        index + distance < source.count ? source[index + distance] : nil
    }

    private func follows(_ text: StaticString) -> Bool { source[index...].starts(with: bytes(text)) }

    private func bytes(_ text: StaticString) -> [UInt8] { Array("\(text)".utf8) }

    private mutating func emit(_ text: String) { translated += Array(text.utf8) }

    /// Takes over `count` bytes as they are.
    private mutating func copy(_ count: Int = 1) {
        let end = min(index + count, source.count)
        translated += source[index..<end]
        index = end
    }

    // MARK: Outside of sets

    private mutating func element() throws(Refusal) {
        guard let byte = peek() else { return }
        switch byte {
        case UInt8(ascii: "\\"):
            atom = translated.count
            try escape(inSet: false)
        case UInt8(ascii: "["):
            atom = translated.count
            try set()
        case UInt8(ascii: "("): try open()
        case UInt8(ascii: ")"):
            guard groups.count > 1, let group = groups.popLast() else {
                throw refusal("a group is closed that is not open")
            }
            close(group)
            copy()
            atom = group.start
        case UInt8(ascii: "{"): interval()
        case UInt8(ascii: "#") where groups.last?.isExtended == true:
            let end = source[index...].firstIndex(of: 0x0A) ?? source.count
            copy(end - index)
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "|"): copy()
        default:
            // A character of several bytes is one that is repeated.
            if byte & 0xC0 != 0x80 { atom = translated.count }
            copy()
        }
    }

    private mutating func close(_ group: Group) {
        for _ in 0..<group.extraParentheses { emit(")") }
    }

    private mutating func open() throws(Refusal) {
        let isExtended = groups.last?.isExtended ?? false
        guard peek(1) != UInt8(ascii: "*") else { throw refusal("\"(*\" is not of Ruby's regular expressions") }
        if follows("(?#") {
            guard let end = source[index...].firstIndex(of: UInt8(ascii: ")")) else {
                throw refusal("a comment is not closed")
            }
            return copy(end + 1 - index)
        }
        if follows("(?~") { throw refusal("the absence operator (?~ is not supported") }
        let start = translated.count
        if follows("(?<"), peek(3) != UInt8(ascii: "="), peek(3) != UInt8(ascii: "!") { hasNamedGroups = true }
        if follows("(?'") { hasNamedGroups = true }
        guard peek(1) == UInt8(ascii: "?"), let next = peek(2), "imxsadu-".utf8.contains(next) else {
            groups.append(Group(start: start, isExtended: isExtended))
            return copy()
        }
        try options(start: start)
    }

    /// `(?i)` or `(?i-m:`
    private mutating func options(start: Int) throws(Refusal) {
        var text = "(?"
        var isOff = false
        var isExtended = groups.last?.isExtended ?? false
        index += 2
        while let byte = peek() {
            index += 1
            switch byte {
            case UInt8(ascii: "i"): text += "i"
            // Ruby has no "s"; who writes it means that of Perl, which is Ruby's "m".
            case UInt8(ascii: "m"), UInt8(ascii: "s"): text += "s"
            case UInt8(ascii: "x"):
                text += "x"
                isExtended = !isOff
            // ASCII and the default: what \w and \d mean here in any case.
            case UInt8(ascii: "a"), UInt8(ascii: "d"): break
            case UInt8(ascii: "-"):
                guard !isOff else { throw refusal("two hyphens among options") }
                isOff = true
                text += "-"
            case UInt8(ascii: ":"):
                emit(text + ":")
                groups.append(Group(start: start, isExtended: isExtended))
                return
            case UInt8(ascii: ")"):
                emit(text + ":")
                groups[groups.count - 1].extraParentheses += 1
                groups[groups.count - 1].isExtended = isExtended
                atom = nil
                return
            default: throw refusal("unknown option \"\(Character(Unicode.Scalar(byte)))\"")
            }
        }
        throw refusal("options are not closed")
    }

    /// `{2,3}`, and what follows it; a brace that begins none is a character.
    private mutating func interval() {
        var end = index + 1
        var digits = (0, 0)
        var hasComma = false
        scan: while end < source.count {
            switch source[end] {
            case 0x30...0x39: if hasComma { digits.1 += 1 } else { digits.0 += 1 }
            case UInt8(ascii: ",") where !hasComma: hasComma = true
            default: break scan
            }
            end += 1
        }
        let isInterval = end < source.count && source[end] == UInt8(ascii: "}") && digits.0 + digits.1 > 0
        guard isInterval, let atom else {
            if !isInterval { atom = translated.count }
            return copy()
        }
        let text = String(decoding: source[index...end], as: UTF8.self)
        index = end + 1
        emit(digits.0 == 0 ? "{0" + text.dropFirst() : text)
        let next = peek()
        guard next == UInt8(ascii: "+") || (next == UInt8(ascii: "?") && !hasComma) else { return }
        translated.insert(contentsOf: Array("(?:".utf8), at: atom)
        emit(")")
        copy()
    }

    // MARK: Escapes

    private mutating func escape(inSet: Bool) throws(Refusal) {
        guard let letter = peek(1) else { throw refusal("it ends with a backslash") }
        switch letter {
        case UInt8(ascii: "h"):
            emit(inSet ? "0-9a-fA-F" : "[0-9a-fA-F]")
            index += 2
        case UInt8(ascii: "H"):
            emit(inSet ? #"\x00-\x2f\x3a-\x40\x47-\x60\x67-\x{10ffff}"# : "[^0-9a-fA-F]")
            index += 2
        case UInt8(ascii: "v"):
            emit(#"\x0b"#)
            index += 2
        case UInt8(ascii: "u"): try character()
        case UInt8(ascii: "C"), UInt8(ascii: "M"): throw refusal("\\C- and \\M- are not supported")
        case 0x30...0x39: copy(2)
        case 0x41...0x5A, 0x61...0x7A:
            let known = "abcdefgknprstwxzABDGKPRSWXZ"
            // A letter that means nothing to Ruby is that letter, whatever it is to PCRE2.
            if known.utf8.contains(letter) {
                copy(2)
            } else {
                index += 1
                copy()
            }
        default: copy(2)
        }
    }

    /// `\u00e9`, `\u{41 42}`
    private mutating func character() throws(Refusal) {
        var end = index + 2
        var digits = source[end...].prefix(4)
        end += digits.count
        if peek(2) == UInt8(ascii: "{") {
            guard let close = source[index...].firstIndex(of: UInt8(ascii: "}")) else {
                throw refusal("\\u{ is not closed")
            }
            digits = source[(index + 3)..<close]
            end = close + 1
        } else if digits.count < 4 {
            throw refusal("\\u wants four hexadecimal digits")
        }
        for part in digits.split(separator: 0x20) {
            guard let value = UInt32(String(decoding: part, as: UTF8.self), radix: 16), Unicode.Scalar(value) != nil
            else {
                throw refusal("\\u wants hexadecimal digits of a character")
            }
            emit("\\x{" + String(value, radix: 16) + "}")
        }
        index = end
    }

    // MARK: Sets

    private mutating func set() throws(Refusal) {
        copy()
        if peek() == UInt8(ascii: "^") { copy() }
        // A bracket that closes at once is a character.
        if peek() == UInt8(ascii: "]") { copy() }
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "]"): return copy()
            case UInt8(ascii: "\\"): try escape(inSet: true)
            case UInt8(ascii: "["):
                guard peek(1) == UInt8(ascii: ":"),
                    let end = source[index...].firstIndex(of: UInt8(ascii: "]")), source[end - 1] == UInt8(ascii: ":")
                else { throw refusal("a set within a set is not supported") }
                copy(end + 1 - index)
            case UInt8(ascii: "&") where peek(1) == byte:
                throw refusal("the intersection of sets, &&, is not supported")
            default: copy()
            }
        }
        throw refusal("a set is not closed")
    }
}
