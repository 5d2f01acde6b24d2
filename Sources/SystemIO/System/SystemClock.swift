internal import CLinux
internal import NetworkTypes

/// The kernel's clocks.
public enum SystemClock {
    /// Milliseconds since an arbitrary moment; never goes back, counts time asleep (CLOCK_BOOTTIME of clock_gettime(2)).
    public static func monotonicMilliseconds() -> UInt64 { gh_clock_microseconds(CLOCK_BOOTTIME) / 1000 }

    /// The same clock in microseconds.
    public static func monotonicMicroseconds() -> UInt64 { gh_clock_microseconds(CLOCK_BOOTTIME) }

    /// Milliseconds since 1970 by the wall clock, which may be wrong and may jump.
    public static func wallMilliseconds() -> UInt64 { gh_clock_microseconds(CLOCK_REALTIME) / 1000 }

    /// Microseconds of processor time this process has used.
    public static func processMicroseconds() -> UInt64 { gh_clock_microseconds(CLOCK_PROCESS_CPUTIME_ID) }
}
