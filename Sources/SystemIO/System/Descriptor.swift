internal import CLinux

/// A file descriptor that closes itself. One that a C function made is handed over once, and nobody else closes it.
public struct Descriptor: ~Copyable {
    /// The number, valid as long as the value lives; -1 once it was given away.
    public private(set) var rawValue: Int32

    /// Takes over an open descriptor.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    /// Gives the number away, unclosed. (`discard self` would do, but Embedded Swift has none for such a type.)
    public consuming func release() -> Int32 {
        let number = rawValue
        rawValue = -1
        return number
    }

    deinit {
        // Never retried: Linux has closed the descriptor even where close(2) says EINTR.
        if rawValue >= 0 { _ = close(rawValue) }
    }
}
