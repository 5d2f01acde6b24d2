internal import CLinux
internal import NetworkTypes

/// The signals an agent obeys, as something to wait for (signalfd(2)).
///
/// Making one blocks SIGTERM, SIGINT and SIGHUP for the thread and ignores SIGPIPE (a write tells) and SIGCHLD
/// (children are reaped by the kernel).
public final class SignalSource {
    /// What a signal asks for.
    public enum Request: Hashable, Sendable {
        /// SIGTERM or SIGINT: end, leaving what is enforced in force.
        case terminate
        /// SIGHUP: read the configuration again.
        case reload
    }

    private let signals: Descriptor

    /// The number to register.
    public var descriptor: Int32 { signals.rawValue }

    /// Blocks the signals and opens the descriptor. Call it before any other thread starts.
    public init() throws(SystemError) {
        signals = Descriptor(owning: try SystemCall.retrying("listen for", "signals") { gh_signal_open() })
    }

    /// The next request, or nil.
    public func next() throws(SystemError) -> Request? {
        guard
            let number = try SystemCall.retryingUnlessBlocked("read", "signals", { gh_signal_read(signals.rawValue) })
        else { return nil }
        return number == SIGHUP ? .reload : .terminate
    }
}
