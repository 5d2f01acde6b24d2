internal import CLinux
internal import NetworkTypes

/// The agent's one thread waits here: an epoll(7) instance that hands back the tokens of what is ready.
///
/// Descriptors are registered with a token of the caller's choosing; `wait` gives tokens back as values, so the caller
/// keeps its own table and no closure outlives what it points at. Registration is level-triggered: what was not read
/// comes back. A token whose owner was removed earlier in the same batch may still be in that batch: look it up, and
/// pass over what is unknown. With no timer armed and nothing arriving, the loop never wakes.
public final class EventLoop {
    /// The most events one `wait` returns; the rest comes with the next call.
    public static let batchLimit = 64

    /// What to wait for.
    public struct Interest: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// From bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Something can be read, or the peer has closed.
        public static let readable = Interest(rawValue: 1)
        /// Something can be written.
        public static let writable = Interest(rawValue: 2)

        var events: UInt32 {
            (contains(.readable) ? gh_epollin() | gh_epollrdhup() : 0) | (contains(.writable) ? gh_epollout() : 0)
        }
    }

    /// One descriptor that is ready.
    public struct Readiness: Hashable, Sendable {
        /// The token it was registered with.
        public let token: UInt64
        /// A read will not block (also at the end of the stream, and on an error, which the read then tells).
        public let isReadable: Bool
        /// A write will not block.
        public let isWritable: Bool
        /// The other end has closed, at least its sending half.
        public let isHangup: Bool
        /// An error is pending.
        public let isError: Bool

        init(token: UInt64, flags: UInt32) {
            self.token = token
            isError = flags & gh_epollerr() != 0
            isHangup = flags & (gh_epollhup() | gh_epollrdhup()) != 0
            isReadable = flags & (gh_epollin() | gh_epollhup() | gh_epollerr()) != 0
            isWritable = flags & (gh_epollout() | gh_epollerr()) != 0
        }
    }

    private let epoll: Descriptor
    private var tokens = [UInt64](repeating: 0, count: EventLoop.batchLimit)
    private var flags = [UInt32](repeating: 0, count: EventLoop.batchLimit)

    /// How often `wait` has returned: the agent's wake-ups.
    public private(set) var wakeUps: UInt64 = 0

    /// An empty loop.
    public init() throws(SystemError) {
        epoll = Descriptor(owning: try SystemCall.retrying("make", "an epoll instance") { gh_epoll_open() })
    }

    /// Registers a descriptor. It must be removed before it is closed.
    public func add(_ descriptor: Int32, token: UInt64, interest: Interest) throws(SystemError) {
        _ = try SystemCall.retrying("watch", "a descriptor") {
            gh_epoll_control(epoll.rawValue, EPOLL_CTL_ADD, descriptor, interest.events, token)
        }
    }

    /// Changes what to wait for.
    public func modify(_ descriptor: Int32, token: UInt64, interest: Interest) throws(SystemError) {
        _ = try SystemCall.retrying("change the watch of", "a descriptor") {
            gh_epoll_control(epoll.rawValue, EPOLL_CTL_MOD, descriptor, interest.events, token)
        }
    }

    /// Forgets a descriptor; one that is not registered is no error.
    public func remove(_ descriptor: Int32) {
        _ = gh_epoll_control(epoll.rawValue, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    /// Waits until something is ready or the time is over, and puts what is ready into `events` (emptied first).
    ///
    /// - Parameters:
    ///   - timeoutMilliseconds: 0 returns at once, nil waits without end.
    ///   - events: keeps its storage from call to call, so a quiet loop allocates nothing.
    public func wait(timeoutMilliseconds: UInt64?, into events: inout [Readiness]) throws(SystemError) {
        events.removeAll(keepingCapacity: true)
        let timeout = timeoutMilliseconds.map { Int32(min($0, UInt64(Int32.max))) } ?? -1
        let count = unsafe tokens.withUnsafeMutableBufferPointer { tokens in
            unsafe flags.withUnsafeMutableBufferPointer { flags in
                unsafe gh_epoll_wait(
                    epoll.rawValue,
                    tokens.baseAddress,
                    flags.baseAddress,
                    Int32(EventLoop.batchLimit),
                    timeout
                )
            }
        }
        wakeUps += 1
        guard count >= 0 else {
            let code = gh_errno()
            // An interrupted wait is a wake-up with nothing in it: the caller works its deadline out anew.
            if code == EINTR { return }
            throw SystemError(code: code, operation: "wait for", subject: "events")
        }
        for index in 0..<Int(count) {
            events.append(Readiness(token: tokens[index], flags: flags[index]))
        }
    }
}
