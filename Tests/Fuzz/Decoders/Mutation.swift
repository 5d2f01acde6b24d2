import Captures

/// Damages bytes, the same way for the same number.
public enum Mutation {
    /// What lengths, counts and pointers dislike.
    private static let unwelcome: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xC0, 0xFE, 0xFF]

    /// A damaged copy of one of `seeds`, of at most `maximumLength` bytes. `round` alone decides which and how, so that
    /// any round can be played again by itself.
    public static func bytes(of seeds: [[UInt8]], seed: UInt64, round: Int, maximumLength: Int) -> [UInt8] {
        // Not a multiple of the generator's own step, or the numbers of one round were those of the next but one.
        var random = SeededGenerator(seed: seed ^ UInt64(round) &* 0xD6E8_FEB8_6659_FD93)
        func below(_ limit: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 33) % max(limit, 1) }
        var bytes = seeds.isEmpty ? [] : seeds[below(seeds.count)]
        for _ in 0...below(5) {
            let place = below(bytes.count)
            switch below(10) {
            case _ where bytes.isEmpty: bytes.append(UInt8(below(256)))
            case 0, 1: bytes[place] = UInt8(below(256))
            case 2: bytes[place] ^= 1 << UInt8(below(8))
            case 3: bytes[place] = unwelcome[below(unwelcome.count)]
            case 4:
                for index in place..<min(place + 4, bytes.count) { bytes[index] = unwelcome[below(unwelcome.count)] }
            case 5: bytes[place] &+= UInt8(below(2) == 0 ? 1 : 255)
            case 6: bytes.removeSubrange(place..<min(place + 1 + below(8), bytes.count))
            case 7: bytes.insert(contentsOf: (0...below(6)).map { _ in UInt8(below(256)) }, at: place)
            case 8: bytes.removeSubrange(place...)
            default:
                // A piece of another message, or of the same once more.
                let other = seeds[below(seeds.count)]
                let start = below(other.count)
                bytes.insert(contentsOf: other[start..<min(start + 1 + below(64), other.count)], at: place)
            }
        }
        if bytes.count > maximumLength { bytes.removeSubrange(maximumLength...) }
        return bytes
    }
}
