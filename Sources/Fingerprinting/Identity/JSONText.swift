public import NetworkTypes

/// Writes JSON (RFC 8259) into bytes; commas come by themselves.
public struct JSONText: Sendable {
    /// What was written so far.
    public private(set) var text = ByteString()
    private var needsComma = false

    /// Nothing yet.
    public init() {}

    /// `{` or `[`
    public mutating func open(_ bracket: UInt8) {
        separate()
        text.append(byte: bracket)
        needsComma = false
    }

    /// `}` or `]`
    public mutating func close(_ bracket: UInt8) {
        text.append(byte: bracket)
        needsComma = true
    }

    /// The name of a member, whose value follows.
    public mutating func name(_ name: ByteString) {
        string(name)
        text.append(byte: 0x3A)
        needsComma = false
    }

    /// A member of text, or null.
    public mutating func member(_ name: ByteString, _ value: ByteString?) {
        self.name(name)
        guard let value else {
            text.append("null")
            needsComma = true
            return
        }
        string(value)
    }

    /// A member that is a whole number.
    public mutating func member(_ name: ByteString, number: UInt64) {
        self.name(name)
        text.append(decimal: number)
        needsComma = true
    }

    /// A member that is a decimal from 0 to 1.
    public mutating func member(_ name: ByteString, perMille: ConfidencePerMille) {
        self.name(name)
        text.append(decimal: perMille / 1000)
        var rest = perMille % 1000
        if rest > 0 {
            text.append(byte: 0x2E)
            var place: ConfidencePerMille = 100
            while rest > 0 {
                text.append(byte: 0x30 + UInt8(rest / place))
                rest %= place
                place /= 10
            }
        }
        needsComma = true
    }

    /// A value that is text; what is not UTF-8 becomes U+FFFD.
    public mutating func string(_ value: ByteString) {
        separate()
        text.append(byte: 0x22)
        var index = 0
        while index < value.count {
            let byte = value.bytes[index]
            let length = UTF8Sequence.length(value.bytes, at: index)
            switch byte {
            case 0x22, 0x5C:
                text.append(byte: 0x5C)
                text.append(byte: byte)
            case 0x00..<0x20, 0x7F:
                text.append("\\u00")
                text.append(hexadecimal: byte, digits: 2)
            default:
                if length > 0 {
                    text.bytes.append(contentsOf: value.bytes[index..<(index + length)])
                } else {
                    text.append("\\ufffd")
                }
            }
            index += Swift.max(length, 1)
        }
        text.append(byte: 0x22)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { text.append(byte: 0x2C) }
        needsComma = false
    }
}

/// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF.
private enum UTF8Sequence {
    /// Bytes of the sequence that begins at `index`, or 0 where it is not well-formed.
    static func length(_ bytes: [UInt8], at index: Int) -> Int {
        let first = bytes[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if first == 0xE0 { second = 0xA0...0xBF }
            if first == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if first == 0xF0 { second = 0x90...0xBF }
            if first == 0xF4 { second = 0x80...0x8F }
        default: return 0
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
        for offset in 2..<Swift.max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
