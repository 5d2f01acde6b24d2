/// SipHash-2-4: a keyed hash that nobody can steer who does not know the key (Aumasson and Bernstein, "SipHash: a fast
/// short-input PRF", 2012).
public struct SipHash: Hashable, Sendable {
    private let key0: UInt64
    private let key1: UInt64

    /// A hash under a key of 128 bits, given as two little-endian halves.
    public init(key: (UInt64, UInt64)) { (key0, key1) = key }

    /// The hash of the bytes in `range`.
    public func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var state = State(key0, key1)
        var offset = range.lowerBound
        while range.upperBound - offset >= 8 {
            state.absorb(SipHash.word(bytes, offset, 8))
            offset += 8
        }
        let rest = range.upperBound - offset
        state.absorb(SipHash.word(bytes, offset, rest) | UInt64(range.count & 0xFF) << 56)
        return state.finish()
    }

    private static func word(_ bytes: Span<UInt8>, _ offset: Int, _ count: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        return word
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        init(_ key0: UInt64, _ key1: UInt64) {
            // "somepseudorandomlygeneratedbytes"
            v0 = key0 ^ 0x736f_6d65_7073_6575
            v1 = key1 ^ 0x646f_7261_6e64_6f6d
            v2 = key0 ^ 0x6c79_6765_6e65_7261
            v3 = key1 ^ 0x7465_6462_7974_6573
        }

        mutating func absorb(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> UInt64 {
            v2 ^= 0xFF
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        private mutating func round() {
            v0 &+= v1
            v1 = rotate(v1, 13) ^ v0
            v0 = rotate(v0, 32)
            v2 &+= v3
            v3 = rotate(v3, 16) ^ v2
            v0 &+= v3
            v3 = rotate(v3, 21) ^ v0
            v2 &+= v1
            v1 = rotate(v1, 17) ^ v2
            v2 = rotate(v2, 32)
        }

        private func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
    }
}
