import NetworkTypes

/// How often something is decrypted, so that a flood of what looks encrypted does not take the gateway's time.
struct DecryptionBudget: Sendable {
    /// Most of one device in a second of the capture. A browser that starts opens two dozen QUIC connections, of two
    /// packets each and one to see that no other begins behind them.
    static let perDevice = 128
    /// Most of all devices: a flood of one does not keep the handshakes of others from being read.
    static let perSecond = 512

    private var second: UInt64 = 0
    private var used = 0
    private var devices: HashTable<MACAddress, Int> = HashTable()

    /// Takes one; false where none is left.
    mutating func take(_ device: MACAddress, _ nowNanoseconds: UInt64) -> Bool {
        let now = nowNanoseconds / 1_000_000_000
        // Two rings of one interface are read one after the other: what is a second late belongs to the present one.
        if now != second, now &+ 1 != second {
            second = now
            used = 0
            devices.removeAll()
        }
        let own = devices[device, default: 0]
        guard used < DecryptionBudget.perSecond, own < DecryptionBudget.perDevice else { return false }
        devices[device] = own + 1
        used += 1
        return true
    }
}
