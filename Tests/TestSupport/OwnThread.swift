import Foundation
import Glibc
import Synchronization
import Testing

/// Runs each test of a suite on a thread of its own when its turn has come. For tests that block: the pool has as many
/// threads as the machine has cores, and two tests that wait for the kernel would keep all others waiting.
public struct OwnThread: TestTrait, SuiteTrait, TestScoping {
    /// A suite's tests each have it.
    public var isRecursive: Bool { true }
    /// Where the tests wait for their turn.
    let turnstile: Turnstile
    /// Lets every other thread go first.
    let isPatient: Bool

    /// Where long computations queue: a thread for each would take the machine from all others.
    static let computations = Turnstile(1)
    /// A test that has its turn for longer hangs: no trait of the testing library ends one that blocks its thread.
    static let longestTurn = DispatchTimeInterval.seconds(600)

    /// Waits for the test's turn, and runs it.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await turnstile.pass {
            let watch = OwnThread.watch(test.name)
            defer { watch.cancel() }
            try await perform(function)
        }
    }

    /// Ends the whole run, by name, when the test does not end.
    private static func watch(_ name: String) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + longestTurn)
        timer.setEventHandler { fatalError("the test \(name) has not ended within \(longestTurn)") }
        timer.activate()
        return timer
    }

    private func perform(_ function: @concurrent @Sendable () async throws -> Void) async throws {
        let executor = ThreadExecutor(isPatient: isPatient)
        defer { executor.stop() }
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    /// Runs each test on a thread of its own, a few at a time.
    public static var ownThread: OwnThread { OwnThread(turnstile: .programs, isPatient: false) }

    /// Runs the tests of all such suites one after another, each on a thread of its own. For those that compute for long:
    /// in the pool, each step of a server under test waited until hundreds of them were done.
    public static var longComputation: OwnThread { OwnThread(turnstile: OwnThread.computations, isPatient: true) }
}

/// Runs jobs one after the other on a thread of its own, until it is stopped and nothing is left.
private final class ThreadExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)

    init(isPatient: Bool) {
        let thread = Thread { [self] in
            // Of the calling thread alone, on Linux (setpriority(2), NOTES).
            if isPatient { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19) }
            run()
        }
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
