import CollectorCore
import Synchronization

/// Hands changes to everybody who listens, and never waits for them.
final class ChangeHub: Sendable {
    private struct State {
        var nextIdentifier = 0
        var listeners: [Int: Listener] = [:]
    }

    private struct Listener {
        let continuation: AsyncStream<StoreChange>.Continuation
        var missedSome = false
    }

    private let state = Mutex(State())

    func changes() -> AsyncStream<StoreChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: StoreChange.self,
            bufferingPolicy: .bufferingOldest(StoreLimits.maximumPendingChanges)
        )
        let identifier = state.withLock { state in
            state.nextIdentifier += 1
            state.listeners[state.nextIdentifier] = Listener(continuation: continuation)
            return state.nextIdentifier
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: identifier) }
        }
        return stream
    }

    func send(_ changes: [StoreChange]) {
        guard !changes.isEmpty else { return }
        state.withLock { state in
            for identifier in state.listeners.keys {
                guard var listener = state.listeners[identifier] else { continue }
                if listener.missedSome {
                    // The next that fits tells it to read everything again, so what was dropped does not matter.
                    guard case .enqueued = listener.continuation.yield(.everything) else { continue }
                    listener.missedSome = false
                } else {
                    for change in changes {
                        if case .dropped = listener.continuation.yield(change) { listener.missedSome = true }
                    }
                }
                state.listeners[identifier] = listener
            }
        }
    }

    func finish() {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.continuation.finish() }
    }
}
