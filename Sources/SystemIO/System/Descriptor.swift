internal import CLinux
internal import NetworkTypes

/// A file descriptor that is closed when its owner goes away.
public struct Descriptor: ~Copyable {
    /// The number, for `EventLoop` and for libraries that take one. It is valid as long as its owner lives.
    public let rawValue: Int32

    /// Takes over an open descriptor.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    /// Gives the descriptor away without closing it.
    public consuming func release() -> Int32 {
        let number = rawValue
        discard self
        return number
    }

    deinit {
        // Never retried: Linux has closed the descriptor even where close(2) says EINTR.
        _ = close(rawValue)
    }
}
