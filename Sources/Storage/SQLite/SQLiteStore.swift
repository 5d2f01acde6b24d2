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
            try SQLiteSchema.migrator.migrate(pool)
        } catch {
            throw .failed("\(path): \(error)")
        }
        queue = IngestQueue(pool: pool, hub: hub)
    }

    /// Changes from now on.
    public func changes() -> AsyncStream<StoreChange> { hub.changes() }

    /// Writes what is pending and closes the file.
    public func close() async {
        await queue.drain()
        hub.finish()
        try? pool.close()
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
    init(catching error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError where error.resultCode == .SQLITE_MISUSE: self = .closed
        default: self = .failed("\(error)")
        }
    }
}
