/// Lets so many through at a time. Swift Testing starts all tests at once, and a machine of two cores does not serve
/// fifty collectors better than six: programs then miss the times that their users count on.
public actor Turnstile {
    /// Where whatever runs programs, listens, or has the kernel pass traffic waits for its turn.
    public static let programs = Turnstile(6)

    /// Whoever was let through is not asked again for what it does inside.
    @TaskLocal private static var inside: [ObjectIdentifier] = []

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// For `count` at a time.
    public init(_ count: Int) { free = count }

    /// Runs `body` when there is room.
    public nonisolated func pass<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        if Self.inside.contains(ObjectIdentifier(self)) { return try await body() }
        await enter()
        do {
            let value = try await Self.$inside.withValue(Self.inside + [ObjectIdentifier(self)]) { try await body() }
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
