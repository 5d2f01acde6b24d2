/// SHA-1 (FIPS 180-4 §6.1), for the handshake of RFC 6455 §4.2.2 and nothing else.
///
/// There it only shows that the other side speaks WebSocket and read this request; nobody has to be kept from finding
/// a collision, and who the other side is was settled by TLS before.
enum SHA1 {
    static func hash(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var padded = message
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        let bits = UInt64(message.count) * 8
        for shift in 0..<8 { padded.append(UInt8(truncatingIfNeeded: bits >> UInt64(56 - shift * 8))) }
        var schedule = [UInt32](repeating: 0, count: 80)
        for start in stride(from: 0, to: padded.count, by: 64) {
            for word in 0..<16 {
                var value: UInt32 = 0
                for offset in 0..<4 { value = value << 8 | UInt32(padded[start + word * 4 + offset]) }
                schedule[word] = value
            }
            for word in 16..<80 {
                let mixed = schedule[word - 3] ^ schedule[word - 8] ^ schedule[word - 14] ^ schedule[word - 16]
                schedule[word] = rotate(mixed, 1)
            }
            compress(&state, schedule)
        }
        var digest: [UInt8] = []
        for word in state {
            for shift in 0..<4 { digest.append(UInt8(truncatingIfNeeded: word >> UInt32(24 - shift * 8))) }
        }
        return digest
    }

    private static func compress(_ state: inout [UInt32], _ schedule: [UInt32]) {
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for round in 0..<80 {
            let mixed: UInt32
            let constant: UInt32
            switch round {
            case 0..<20: (mixed, constant) = (b & c | ~b & d, 0x5A82_7999)
            case 20..<40: (mixed, constant) = (b ^ c ^ d, 0x6ED9_EBA1)
            case 40..<60: (mixed, constant) = (b & c | b & d | c & d, 0x8F1B_BCDC)
            default: (mixed, constant) = (b ^ c ^ d, 0xCA62_C1D6)
            }
            let next = rotate(a, 5) &+ mixed &+ e &+ constant &+ schedule[round]
            (a, b, c, d, e) = (next, a, rotate(b, 30), c, d)
        }
        for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
    }

    private static func rotate(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
}
