import CollectorCore
import Logging
import ServiceLifecycle
import Storage

/// What the collector does by the clock: notes of whom nothing is heard any more, keeps the last signs of those that
/// are connected, deletes sessions that have ended and flows that
/// were not seen for long.
struct FleetWatch: Service {
    /// How often it looks for silence.
    static let interval = Duration.seconds(5)
    /// So many looks later it writes the signs of life of connected agents down, and deletes ended sessions.
    static let looksBetweenWrites = 6
    /// So many looks later, an hour, it looks for flows that are to be forgotten.
    static let looksBetweenForgetting = 720

    let store: any CollectorStore
    let registry: AgentRegistry
    let clock: WallClock
    let log: Logger
    /// A gateway that is not connected is silent after this.
    let silenceMilliseconds: UInt64
    /// A flow is forgotten so long after it was last seen.
    let keepFlowsMilliseconds: UInt64

    /// Runs until the program is to stop. Call `store.resetConnections()` before any listener listens.
    func run() async throws {
        var looks = 0
        for await _ in Ticks(interval: Self.interval).cancelOnGracefulShutdown() {
            looks += 1
            do {
                try await look(writesToo: looks % Self.looksBetweenWrites == 0)
                if looks % Self.looksBetweenForgetting == 1 { try await forget() }
            } catch {
                log.error("cannot look after the fleet: \(error)")
            }
        }
    }

    /// One look.
    func look(writesToo: Bool) async throws(StoreError) {
        let now = clock.nowMilliseconds
        let silent = try await store.markSilent(
            beforeMilliseconds: now - min(now, silenceMilliseconds),
            nowMilliseconds: now
        )
        for gateway in silent { log.warning("nothing is heard of gateway \(gateway.gateway)") }
        guard writesToo else { return }
        let connected = await registry.connectedGateways
        if !connected.isEmpty { try await store.recordSigns(of: connected, nowMilliseconds: now) }
        _ = try await store.deleteEndedSessions(nowMilliseconds: now)
    }

    /// Forgets flows that were not seen for long.
    func forget() async throws(StoreError) {
        let now = clock.nowMilliseconds
        let count = try await store.forgetFlows(beforeMilliseconds: now - min(now, keepFlowsMilliseconds))
        if count > 0 { log.info("\(count) flows were not seen for so long that they are forgotten") }
    }

    /// One after each interval, until the task is cancelled.
    struct Ticks: AsyncSequence, Sendable {
        let interval: Duration

        struct AsyncIterator: AsyncIteratorProtocol {
            let interval: Duration

            mutating func next() async -> Void? {
                try? await Task.sleep(for: interval)
                return Task.isCancelled ? nil : ()
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(interval: interval) }
    }
}
