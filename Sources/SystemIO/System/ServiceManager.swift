internal import CLinux
public import NetworkTypes

/// Tells systemd how the agent is (sd_notify(3)'s protocol: datagrams of `NAME=VALUE` lines to $NOTIFY_SOCKET).
public final class ServiceManager {
    private let socket: Descriptor
    private let path: ByteString
    /// How often a sign of life is wanted, in milliseconds (half of $WATCHDOG_USEC, as sd_watchdog_enabled(3) advises);
    /// nil where none is.
    public let watchdogMilliseconds: UInt64?

    /// The service manager that started this process; nil where none did.
    public convenience init?() throws(SystemError) {
        guard let path = ServiceManager.environment("NOTIFY_SOCKET"), !path.isEmpty else { return nil }
        var watchdog: UInt64?
        let isForUs =
            ServiceManager.environment("WATCHDOG_PID").map { Decimal.parse($0) == UInt64(getpid()) } ?? true
        if isForUs, let text = ServiceManager.environment("WATCHDOG_USEC"), let interval = Decimal.parse(text) {
            watchdog = max(interval / 2_000, 1)
        }
        try self.init(path: path, watchdogMilliseconds: watchdog)
    }

    /// A service manager at a socket; `@` at the start means an abstract name.
    public init(path: ByteString, watchdogMilliseconds: UInt64?) throws(SystemError) {
        socket = try Descriptor.socket(1, gh_datagrams(), path)
        self.path = path
        self.watchdogMilliseconds = watchdogMilliseconds
        let number = socket.rawValue
        _ = try SystemCall.retrying("connect to", path) {
            unsafe path.withTerminated { unsafe gh_unix_connect(number, $0, path.count) }
        }
    }

    /// The agent is up.
    public func sayReady() throws(SystemError) { try send("READY=1\n") }

    /// The agent is ending.
    public func sayStopping() throws(SystemError) { try send("STOPPING=1\n") }

    /// The agent is alive.
    public func feedWatchdog() throws(SystemError) { try send("WATCHDOG=1\n") }

    /// One line for `systemctl status`; line feeds become spaces.
    public func sayStatus(_ status: ByteString) throws(SystemError) {
        var text: ByteString = "STATUS="
        for byte in status.bytes { text.append(byte: byte == 0x0A ? 0x20 : byte) }
        text.append(byte: 0x0A)
        try send(text)
    }

    private func send(_ text: ByteString) throws(SystemError) {
        _ = try SystemCall.retryingUnlessBlocked("notify", path) {
            unsafe text.bytes.withUnsafeBytes { unsafe gh_send(socket.rawValue, $0.baseAddress, $0.count) }
        }
    }

    /// A variable of the environment.
    static func environment(_ name: ByteString) -> ByteString? {
        guard let value = unsafe name.withTerminated({ unsafe getenv($0) }) else { return nil }
        return unsafe ByteString(terminated: value)
    }
}
