import Foundation
import Synchronization
import Testing

/// Runs each test of a suite on a thread of its own. For tests that block: the pool has as many threads as the machine
/// has cores, and two tests that wait for the kernel would keep all others waiting.
public struct OwnThread: TestTrait, SuiteTrait, TestScoping {
    public var isRecursive: Bool { true }
    /// Where the tests wait for their turn; nil where they do not.
    let turnstile: Turnstile?

    /// Where long computations queue: a thread for each would take the machine from all others.
    static let computations = Turnstile(1)

    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        guard let turnstile else { return try await OwnThread.perform(function) }
        try await turnstile.pass { try await OwnThread.perform(function) }
    }

    private static func perform(_ function: @concurrent @Sendable () async throws -> Void) async throws {
        let executor = ThreadExecutor()
        defer { executor.stop() }
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    /// Runs each test on a thread of its own.
    public static var ownThread: OwnThread { OwnThread(turnstile: nil) }

    /// Runs the tests of all such suites one after another, each on a thread of its own. For those that compute for long:
    /// in the pool, each step of a server under test waited until hundreds of them were done.
    public static var longComputation: OwnThread { OwnThread(turnstile: OwnThread.computations) }
}

/// Runs jobs one after the other on a thread of its own, until it is stopped and nothing is left.
private final class ThreadExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)

    init() {
        let thread = Thread { [self] in run() }
        thread.stackSize = 8 << 20
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wakeUp.signal()
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        wakeUp.signal()
    }

    private func run() {
        while true {
            wakeUp.wait()
            let (job, isOver) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.jobs.isEmpty && state.isStopped)
            }
            if let job { job.runSynchronously(on: asUnownedTaskExecutor()) } else if isOver { return }
        }
    }
}
