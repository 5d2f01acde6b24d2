internal import CollectorCore
internal import Storage
internal import Synchronization

/// Tells every open page of what changed in the store. One reader of the store's changes feeds them all.
final class LiveFeed: Sendable {
    /// Most listeners at a time; a page that gets none polls.
    static let maximumListeners = 1024
    /// Most changes that wait for a slow listener; it then gets `.everything`.
    static let maximumPending = 64

    private struct State {
        var listeners: [UInt64: AsyncStream<StoreChange>.Continuation] = [:]
        var next: UInt64 = 0
        var reader: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Reads the changes of a store until the store ends them.
    init(store: any CollectorStore) {
        let changes = store.changes()
        let reader = Task { [weak self] in
            for await change in changes {
                guard let self else { return }
                self.publish(change)
            }
            self?.finish()
        }
        state.withLock { $0.reader = reader }
    }

    deinit { state.withLock { $0.reader?.cancel() } }

    /// How many listen.
    var listenerCount: Int { state.withLock { $0.listeners.count } }

    /// Changes from now on; nil where too many listen.
    func listen() -> AsyncStream<StoreChange>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: StoreChange.self,
            bufferingPolicy: .bufferingNewest(LiveFeed.maximumPending)
        )
        let id: UInt64? = state.withLock { state in
            guard state.listeners.count < LiveFeed.maximumListeners else { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let id else { return nil }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    /// Tells everybody who listens; nobody is waited for.
    func publish(_ change: StoreChange) {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners {
            if case .dropped = listener.yield(change) { listener.yield(.everything) }
        }
    }

    /// Ends all streams.
    func finish() {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.finish() }
    }
}
