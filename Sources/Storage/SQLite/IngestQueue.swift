import CollectorCore
import GRDB

/// Lets the reports of many agents share a transaction, and so one sync of the disk.
actor IngestQueue {
    private struct Waiting {
        let submission: IngestSubmission
        let continuation: CheckedContinuation<Result<IngestOutcome, StoreError>, Never>
    }

    private let pool: DatabasePool
    private let hub: ChangeHub
    private var waiting: [Waiting] = []
    private var waitingReports = 0
    private var isRunning = false
    private var isClosed = false

    init(pool: DatabasePool, hub: ChangeHub) {
        self.pool = pool
        self.hub = hub
    }

    func submit(_ submission: IngestSubmission) async -> Result<IngestOutcome, StoreError> {
        guard !isClosed else { return .failure(.closed) }
        guard waitingReports + submission.reports.count <= StoreLimits.maximumPendingReports else {
            return .failure(.busy)
        }
        return await withCheckedContinuation { continuation in
            waiting.append(Waiting(submission: submission, continuation: continuation))
            waitingReports += submission.reports.count
            guard !isRunning else { return }
            isRunning = true
            Task { await self.run() }
        }
    }

    /// Returns when everything is written; takes nothing more.
    func drain() async {
        isClosed = true
        while isRunning { try? await Task.sleep(for: .milliseconds(StoreLimits.groupCommitMilliseconds)) }
    }

    private func run() async {
        while !waiting.isEmpty {
            // While a transaction is being written, the next one fills by itself; only the first has to wait.
            if waitingReports < StoreLimits.groupCommitReports {
                try? await Task.sleep(for: .milliseconds(StoreLimits.groupCommitMilliseconds))
            }
            let batch = waiting
            waiting = []
            waitingReports = 0
            await commit(batch)
        }
        isRunning = false
    }

    private func commit(_ batch: [Waiting]) async {
        let submissions = batch.map(\.submission)
        do {
            let (outcomes, changes) = try await pool.write { try IngestTransaction.run(submissions, $0) }
            hub.send(changes)
            for (entry, outcome) in zip(batch, outcomes) { entry.continuation.resume(returning: outcome) }
        } catch {
            if batch.count > 1, !IngestQueue.concernsAll(error) {
                // What one agent sent cannot be written: the others must not suffer for it.
                for entry in batch { await commit([entry]) }
                return
            }
            let failure = StoreError(catching: error)
            for entry in batch { entry.continuation.resume(returning: .failure(failure)) }
        }
    }

    /// Whether an error is one of the database, not of what was to be written.
    private static func concernsAll(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_ERROR: return false
        default: return true
        }
    }
}
