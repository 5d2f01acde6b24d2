internal import CollectorCore
public import ConfigurationFiles
internal import Foundation
internal import NetworkTypes
internal import Storage
internal import SystemIO

// The whole of a collector in one file, and back.
extension Collector {
    /// What `restore` did.
    public struct Restoration: Sendable {
        /// Enrolment tokens that were open in the backup, and are revoked now.
        public let revokedTokens: Int
    }

    /// Writes authority and database into one file, for its owner alone. The collector may serve meanwhile.
    public static func backUp(_ configuration: CollectorConfiguration, to path: String) async throws {
        let files = CollectorFiles(configuration)
        try files.requireInitialised()
        guard !FileSystem.exists(path.byteString) else {
            throw CollectorError.failed("\(path) is there already; a backup is never overwritten")
        }
        var beside: [String: [UInt8]] = [:]
        for file in [files.authorityCertificate, files.authorityKey] {
            beside[file.lastPathComponent] = try files.read(file)
        }
        // Its own: a backup that tries the authority and fails is none.
        _ = try files.authority()
        let temporary = path + ".new"
        try CollectorError.translating { () throws(SystemError) in
            try FileSystem.writeAtomically([], to: temporary.byteString, mode: 0o600)
        }
        do {
            try SQLiteBackup.write(
                of: files.database.path,
                files: beside,
                to: temporary,
                audit: AuditEntry(
                    timeMilliseconds: WallClock.system.nowMilliseconds,
                    actor: "collector",
                    action: "collector.backup",
                    subject: path,
                    detail: "authority, key and database"
                )
            )
            try FileManager.default.moveItem(atPath: temporary, toPath: path)
        } catch {
            CollectorFiles.removeDatabase(temporary)
            throw error
        }
    }

    /// Puts a backup into a state directory that holds no collector. The key is written last: where it is, all is.
    public static func restore(_ configuration: CollectorConfiguration, from path: String) async throws -> Restoration {
        let files = CollectorFiles(configuration)
        try files.requireEmpty()
        guard FileSystem.exists(path.byteString) else { throw CollectorError.badData("\(path) is not there") }
        try files.create()
        let lock = try files.lock()
        defer { withExtendedLifetime(lock) {} }
        let temporary = files.database.appendingPathExtension("new")
        CollectorFiles.removeDatabase(temporary.path)
        try files.write([], to: temporary)
        let beside: [String: [UInt8]]
        let revoked: Int
        do {
            beside = try SQLiteBackup.read(path, to: temporary.path)
            revoked = try await settle(temporary.path, from: path)
        } catch {
            CollectorFiles.removeDatabase(temporary.path)
            throw error
        }
        guard let certificate = beside[files.authorityCertificate.lastPathComponent],
            let key = beside[files.authorityKey.lastPathComponent]
        else {
            CollectorFiles.removeDatabase(temporary.path)
            throw CollectorError.badData("\(path) holds no authority")
        }
        try FileManager.default.moveItem(at: temporary, to: files.database)
        try files.write(certificate, to: files.authorityCertificate)
        try files.write(key, to: files.authorityKey)
        return Restoration(revokedTokens: revoked)
    }

    /// What has to be done in a database that was put back. Returns how many enrolment tokens it revoked.
    private static func settle(_ database: String, from backup: String) async throws -> Int {
        let now = WallClock.system.nowMilliseconds
        let store = try SQLiteStore(path: database)
        let revoked = try await store.revokeOpenTokens(nowMilliseconds: now, actor: "restore")
        try await store.appendAudit(
            AuditEntry(
                timeMilliseconds: now,
                actor: "restore",
                action: "collector.restore",
                subject: backup,
                detail: "\(revoked) open tokens revoked"
            )
        )
        await store.close()
        guard !FileSystem.exists((database + "-wal").byteString) else {
            throw CollectorError.failed("\(database) could not be closed")
        }
        return revoked
    }
}
