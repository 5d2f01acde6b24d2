public import NetworkTypes

extension ByteReader {
    /// Passes over one item of any shape, as strictly as if it were read: what this version does not know may be
    /// skipped, but not smuggled. Takes constant memory; nesting beyond `CBOR.maximumNesting` is `.limitExceeded`.
    public mutating func skipCBORItem() throws(DecodeError) {
        var frames = SkipFrames()
        repeat {
            let start = position
            let isKey = frames.expectsKey
            let head = try readCBORHead()
            switch head.type {
            case .unsigned, .negative: break
            case .bytes, .text:
                guard head.argument <= UInt64(remaining) else { throw DecodeError(.truncated, at: start) }
                let length = Int(head.argument)
                if head.type == .text, !UTF8Text.isValid(bytes, from: position, to: position + length) {
                    throw DecodeError(.malformed, at: start)
                }
                try skip(length)
            case .array, .map:
                guard !isKey else { throw DecodeError(.unsupported, at: start) }
                let items: UInt64 = head.type == .map ? 2 : 1
                guard head.argument <= UInt64(remaining) / items else { throw DecodeError(.truncated, at: start) }
                frames.consumeItem(from: start, to: position)
                guard frames.push(count: Int(head.argument * items), isMap: head.type == .map) else {
                    throw DecodeError(.limitExceeded, at: start)
                }
                frames.popFinished()
                continue
            case .simple:
                guard head.argument >= CBOR.simpleFalse, head.argument <= CBOR.simpleNull, !isKey else {
                    throw DecodeError(.unsupported, at: start)
                }
            case .tag: throw DecodeError(.unsupported, at: start)
            }
            if isKey, let previous = frames.previousKey,
                !precedes(previous, start..<position)
            {
                throw DecodeError(.notCanonical, at: start)
            }
            frames.consumeItem(from: start, to: position)
            frames.popFinished()
        } while !frames.isEmpty
    }

    /// Whether the bytes of `left` come before those of `right` (RFC 8949 §4.2.1: bytewise lexicographic order).
    private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        let count = Swift.min(left.count, right.count)
        for offset in 0..<count {
            let (a, b) = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
            if a != b { return a < b }
        }
        return left.count < right.count
    }
}

/// The arrays and maps that a skip is inside of.
private struct SkipFrames {
    private struct Frame {
        var itemsLeft: Int
        let isMap: Bool
        var previousKey: Range<Int>?
    }

    private var frames: [Frame] = []

    var isEmpty: Bool { frames.isEmpty }

    /// Whether the next item is a map's key.
    var expectsKey: Bool {
        guard let frame = frames.last else { return false }
        return frame.isMap && frame.itemsLeft % 2 == 0
    }

    var previousKey: Range<Int>? { frames.last?.previousKey }

    mutating func consumeItem(from start: Int, to end: Int) {
        guard !frames.isEmpty else { return }
        if expectsKey { frames[frames.count - 1].previousKey = start..<end }
        frames[frames.count - 1].itemsLeft -= 1
    }

    mutating func push(count: Int, isMap: Bool) -> Bool {
        guard frames.count < CBOR.maximumNesting else { return false }
        frames.append(Frame(itemsLeft: count, isMap: isMap, previousKey: nil))
        return true
    }

    mutating func popFinished() {
        while let last = frames.last, last.itemsLeft == 0 { frames.removeLast() }
    }
}
