/// SHA-256 (FIPS 180-4 §6.2), for checksums and fingerprints in modules that link no library.
///
/// Not for secrets: it is not written to take the same time for every input. What is signed or keyed goes to libcrypto.
public struct SHA256: Sendable {
    /// Bytes of a digest.
    public static let digestLength = 32
    private static let blockLength = 64

    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var pending: [UInt8] = []
    private var length: UInt64 = 0
    private var schedule = [UInt32](repeating: 0, count: 64)

    /// Nothing hashed yet.
    public init() { pending.reserveCapacity(SHA256.blockLength) }

    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes.span, from: 0, to: bytes.count)
        return hash.finish()
    }

    /// Adds `bytes` to what is hashed.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span, from: 0, to: bytes.count) }

    /// Adds `bytes[start..<end]`, both ends clamped to the bytes there are.
    public mutating func update(_ bytes: borrowing Span<UInt8>, from start: Int, to end: Int) {
        var index = Swift.max(start, 0)
        let end = Swift.min(end, bytes.count)
        guard index < end else { return }
        length += UInt64(end - index)
        while index < end, !pending.isEmpty {
            pending.append(bytes[index])
            index += 1
            if pending.count == SHA256.blockLength { compressPending() }
        }
        while end - index >= SHA256.blockLength {
            for word in 0..<16 {
                let at = index + word * 4
                schedule[word] =
                    UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8
                    | UInt32(bytes[at + 3])
            }
            compress()
            index += SHA256.blockLength
        }
        while index < end {
            pending.append(bytes[index])
            index += 1
        }
    }

    /// The digest of everything added. The value is used up: add nothing afterwards.
    public mutating func finish() -> [UInt8] {
        let bits = length &* 8
        pending.append(0x80)
        if pending.count > 56 {
            while pending.count < SHA256.blockLength { pending.append(0) }
            compressPending()
        }
        while pending.count < 56 { pending.append(0) }
        for index in 0..<8 { pending.append(UInt8(truncatingIfNeeded: bits >> UInt64(56 - index * 8))) }
        compressPending()
        var digest: [UInt8] = []
        digest.reserveCapacity(SHA256.digestLength)
        for word in state {
            for index in 0..<4 { digest.append(UInt8(truncatingIfNeeded: word >> UInt32(24 - index * 8))) }
        }
        return digest
    }

    private mutating func compressPending() {
        for word in 0..<16 {
            let at = word * 4
            schedule[word] =
                UInt32(pending[at]) << 24 | UInt32(pending[at + 1]) << 16 | UInt32(pending[at + 2]) << 8
                | UInt32(pending[at + 3])
        }
        pending.removeAll(keepingCapacity: true)
        compress()
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }

    private mutating func compress() {
        for index in 16..<64 {
            let x = schedule[index - 15]
            let y = schedule[index - 2]
            let s0 = SHA256.rotate(x, 7) ^ SHA256.rotate(x, 18) ^ (x >> 3)
            let s1 = SHA256.rotate(y, 17) ^ SHA256.rotate(y, 19) ^ (y >> 10)
            schedule[index] = schedule[index - 16] &+ s0 &+ schedule[index - 7] &+ s1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let s1 = SHA256.rotate(e, 6) ^ SHA256.rotate(e, 11) ^ SHA256.rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let t1 = h &+ s1 &+ choice &+ SHA256.constants[index] &+ schedule[index]
            let s0 = SHA256.rotate(a, 2) ^ SHA256.rotate(a, 13) ^ SHA256.rotate(a, 22)
            let t2 = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
        }
        let words = [a, b, c, d, e, f, g, h]
        for index in 0..<8 { state[index] &+= words[index] }
    }

    // FIPS 180-4 §4.2.2
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
