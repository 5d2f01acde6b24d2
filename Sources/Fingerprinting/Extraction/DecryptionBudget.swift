/// How often something is decrypted, so that a flood of what looks encrypted does not take the gateway's time.
struct DecryptionBudget: Sendable {
    /// Most in a second of the capture. A browser that starts opens two dozen QUIC connections, of two packets each.
    static let perSecond = 128

    private var second: UInt64 = 0
    private var used = 0

    /// Takes one; false where none is left.
    mutating func take(_ nowNanoseconds: UInt64) -> Bool {
        let now = nowNanoseconds / 1_000_000_000
        if now != second {
            second = now
            used = 0
        }
        guard used < DecryptionBudget.perSecond else { return false }
        used += 1
        return true
    }
}
