/// Initial packets for `CaptureCiphers.willing` (RFC 9000 §17.2.2).
enum SampleQUIC {
    /// A ClientHello in one CRYPTO frame, behind padding; sixteen zeros to sample, so that the mask is none.
    static func datagrams() -> [[UInt8]] {
        (PacketSamples.bytes("tls-hello")).map { hello in
            let frames =
                [UInt8](repeating: 0, count: 16) + [6, 0, 0x40 | UInt8(hello.count >> 8), UInt8(hello.count & 0xFF)]
                + hello
            let rest = [0, 0, 0, 1] + frames + [UInt8](repeating: 0, count: 16)
            return [0xC3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0]
                + [0x40 | UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
        }
    }
}
