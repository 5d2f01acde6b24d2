/// UTF-8 (RFC 3629) without Unicode tables.
public enum UTF8Text {
    /// U+FFFD, which stands for what could not be read.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// Length of the well-formed sequence at `start`, or nil (RFC 3629 §4: no overlong forms, no surrogates,
    /// nothing above U+10FFFF).
    static func sequenceLength(_ bytes: Span<UInt8>, at start: Int, end: Int) -> Int? {
        let first = bytes[start]
        func isContinuation(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            guard offset < end - start else { return false }
            let byte = bytes[start + offset]
            return byte >= low && byte <= high
        }
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: return isContinuation(1) ? 2 : nil
        case 0xE0...0xEF:
            let low: UInt8 = first == 0xE0 ? 0xA0 : 0x80
            let high: UInt8 = first == 0xED ? 0x9F : 0xBF
            return isContinuation(1, low, high) && isContinuation(2) ? 3 : nil
        case 0xF0...0xF4:
            let low: UInt8 = first == 0xF0 ? 0x90 : 0x80
            let high: UInt8 = first == 0xF4 ? 0x8F : 0xBF
            return isContinuation(1, low, high) && isContinuation(2) && isContinuation(3) ? 4 : nil
        default: return nil
        }
    }

    /// Whether `bytes[start..<end]` is well-formed.
    static func isValid(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        var index = start
        while index < end {
            guard let length = sequenceLength(bytes, at: index, end: end) else { return false }
            index += length
        }
        return true
    }

    /// Whether all of `bytes` is well-formed.
    public static func isValid(_ bytes: [UInt8]) -> Bool { isValid(bytes.span, from: 0, to: bytes.count) }

    /// `bytes` with each byte that is not part of a well-formed sequence replaced by U+FFFD, and no longer than
    /// `limit` bytes (a sequence is never cut in two).
    public static func sanitised(_ bytes: [UInt8], limit: Int = Int.max) -> [UInt8] {
        if bytes.count <= limit, isValid(bytes) { return bytes }
        var clean: [UInt8] = []
        clean.reserveCapacity(Swift.min(bytes.count, limit))
        let span = bytes.span
        var index = 0
        while index < span.count {
            let length = sequenceLength(span, at: index, end: span.count)
            guard clean.count + (length ?? replacement.count) <= limit else { break }
            if let length {
                for offset in 0..<length { clean.append(span[index + offset]) }
            } else {
                clean.append(contentsOf: replacement)
            }
            index += length ?? 1
        }
        return clean
    }
}
