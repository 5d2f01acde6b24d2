/// Limits of probing that no policy can widen.
public enum ProbeLimits {
    /// Most exchanges under way on the gateway.
    public static let inFlight = 4
    /// Most devices looked at within one tick, of which one is asked: with two ticks a second, two questions a second.
    public static let devicesPerTick = 64
    /// Least time between the end of one exchange with a device and the next.
    public static let gapMilliseconds: UInt64 = 1_000
    /// A device of which nothing is to be asked is looked at again after so long.
    public static let idleMilliseconds: UInt64 = 5_000
    /// So long a device is only listened to after it was first seen: what must not be asked often says so by itself.
    public static let settleMilliseconds: UInt64 = 20_000
    /// A device not heard of for so long is not asked.
    public static let absentMilliseconds: UInt64 = 900_000
    /// How long an exchange may take in all.
    public static let exchangeMilliseconds: UInt64 = 8_000
    /// An answer is over when nothing more came for so long.
    public static let quietMilliseconds: UInt64 = 1_000
    /// Most datagrams of an answer.
    public static let datagrams = 8
    /// How long a device is left alone that reset a connection or answered 401.
    public static let leftAloneSeconds: UInt64 = 30 * 86_400
    /// A closed port is tried again after so many times `every`.
    public static let closedFactor: UInt64 = 8
    /// A question that gets no answer is put again after 2, 4, 8 times `every`, not later.
    public static let maximumMisses: UInt8 = 3
}
