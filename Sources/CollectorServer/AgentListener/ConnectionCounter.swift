import Synchronization

/// How many connections there are.
final class ConnectionCounter: Sendable {
    private let count = Mutex<UInt64>(0)

    /// How many there are now.
    var value: UInt64 { count.withLock { $0 } }

    /// One more; returns how many there are with it.
    func enter() -> UInt64 {
        count.withLock { count in
            count += 1
            return count
        }
    }

    /// One fewer.
    func leave() { count.withLock { $0 -= 1 } }
}
