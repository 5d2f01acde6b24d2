internal import CLinux
internal import NetworkTypes

/// A timer that an `EventLoop` can wait for (timerfd_create(2), on the clock of `SystemClock.monotonicMilliseconds`).
public final class IntervalTimer {
    private let timer: Descriptor

    /// The number to register.
    public var descriptor: Int32 { timer.rawValue }

    /// A timer that is not armed.
    public init() throws(SystemError) {
        timer = Descriptor(
            owning: try SystemCall.retrying("make", "a timer") {
                gh_timer_open()
            }
        )
    }

    /// Fires after `milliseconds` (at least 1), then each `everyMilliseconds` (0: only once).
    public func arm(afterMilliseconds milliseconds: UInt64, everyMilliseconds: UInt64 = 0) throws(SystemError) {
        _ = try SystemCall.retrying("arm", "a timer") {
            gh_timer_set(timer.rawValue, max(milliseconds, 1), everyMilliseconds)
        }
    }

    /// Does not fire any more.
    public func disarm() throws(SystemError) {
        _ = try SystemCall.retrying("disarm", "a timer") { gh_timer_set(timer.rawValue, 0, 0) }
    }

    /// How often it has fired since the last call; 0 if it has not. Must be called when the timer is ready.
    public func acknowledge() throws(SystemError) -> UInt64 {
        var expirations: UInt64 = 0
        let count = try SystemCall.retryingUnlessBlocked("read", "a timer") {
            unsafe read(timer.rawValue, &expirations, MemoryLayout<UInt64>.size)
        }
        return count == nil ? 0 : expirations
    }
}
