internal import CLinux
internal import NetworkTypes

/// The kernel's random numbers (getrandom(2)).
public enum SystemRandom {
    /// `count` random bytes.
    public static func bytes(_ count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            filled += try SystemCall.retrying("draw random bytes", "") {
                unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe getrandom(buffer.baseAddress.map { unsafe $0 + filled }, count - filled, 0)
                }
            }
        }
        return bytes
    }

    /// 64 random bits.
    public static func next() throws(SystemError) -> UInt64 {
        try bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
