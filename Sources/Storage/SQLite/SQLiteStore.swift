public import CollectorCore
import Foundation
import GRDB
import NetworkTypes

/// A store in one SQLite file, in WAL mode: one writer, many readers.
public final class SQLiteStore: CollectorStore {
    /// How long a connection waits for a lock of another process (`backup`) before it fails.
    public static let busyTimeoutSeconds = 10.0
    /// Connections that read at the same time.
    public static let maximumReaders = 4

    let pool: DatabasePool
    let hub = ChangeHub()
    let queue: IngestQueue

    /// Opens the file, makes it where it is absent, and brings its tables up to date.
    public init(path: String) throws(StoreError) {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
        configuration.maximumReaderCount = Self.maximumReaders
        configuration.prepareDatabase { database in
            // An acknowledgement promises that a power cut loses nothing: the WAL is synced at every commit.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            guard try !pool.read(SQLiteSchema.migrator.hasBeenSuperseded) else {
                throw StoreError.damaged("\(path) was written by a newer version of this program; run that one")
            }
            try SQLiteSchema.migrator.migrate(pool)
        } catch {
            throw StoreError(opening: path, error)
        }
        queue = IngestQueue(pool: pool, hub: hub)
    }

    /// Changes from now on.
    public func changes() -> AsyncStream<StoreChange> { hub.changes() }

    /// Writes what is pending and closes the file.
    public func close() async {
        await queue.drain()
        hub.finish()
        // The last connection that closes folds the log into the file, if it may write: the readers have to go first. GRDB waits
        // for them where it stands, and they need the threads of the pool of tasks to end: on a machine of two cores, two
        // stores that closed there waited for ever.
        await withCheckedContinuation { (isClosed: CheckedContinuation<Void, Never>) in
            let pool = pool
            Thread.detachNewThread {
                pool.invalidateReadOnlyConnections()
                try? pool.close()
                isClosed.resume()
            }
        }
    }

    /// Reads a row and takes the write lock.
    public func checkHealth() async throws(StoreError) {
        try await write { database in
            _ = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM audit WHERE sequence = 1")
            return []
        }
    }

    /// A transaction that returns the changes to announce once it is committed.
    func write(_ body: @escaping @Sendable (Database) throws -> [StoreChange]) async throws(StoreError) {
        do {
            hub.send(try await pool.write(body))
        } catch {
            throw StoreError(catching: error)
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError) -> Value
    {
        do {
            return try await pool.read(body)
        } catch {
            throw StoreError(catching: error)
        }
    }
}

extension StoreError {
    /// An error of opening a file, with its path.
    init(opening path: String, _ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError:
            let words = error.message ?? "\(error.resultCode)"
            switch error.resultCode {
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: self = .damaged("\(path) is damaged: \(words)")
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
                self = .notAllowed("\(path) cannot be opened for reading and writing: \(words)")
            default: self = .failed("\(path): \(words)")
            }
        default: self = .failed("\(path): \(error)")
        }
    }

    init(catching error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError where error.resultCode == .SQLITE_MISUSE: self = .closed
        default: self = .failed("\(error)")
        }
    }
}
