internal import ConfigurationFiles
internal import Foundation
internal import NetworkTypes
internal import SystemIO
internal import TLS

/// What the collector keeps in its state directory.
struct CollectorFiles: Sendable {
    /// Most bytes of a key or certificate.
    static let maximumCredentialBytes = 64 << 10

    let directory: URL

    init(_ configuration: CollectorConfiguration) {
        directory = URL(fileURLWithPath: configuration.stateDirectory.text, isDirectory: true)
    }

    var authorityCertificate: URL { directory.appendingPathComponent("authority.crt") }
    var authorityKey: URL { directory.appendingPathComponent("authority.key") }
    var database: URL { directory.appendingPathComponent("gatehouse.sqlite") }

    /// Throws unless `init` was here. A directory that this user may not look into is not one without a collector.
    func requireInitialised() throws(CollectorError) {
        guard try isThere(authorityKey) else { throw .notInitialised(directory.path) }
        guard try isThere(database) else {
            throw .badData("\(database.path) is missing; put a backup in its place: gatehouse-collector restore FILE")
        }
    }

    /// Throws where `init` was here.
    func requireUninitialised() throws(CollectorError) {
        if try isThere(authorityKey) { throw .alreadyInitialised(directory.path) }
    }

    /// Throws where there is a collector, or what is left of one: a log that lies there would be taken for one of the
    /// database that is put beside it.
    func requireEmpty() throws(CollectorError) {
        let files = [authorityKey, database, URL(fileURLWithPath: database.path + "-wal")]
        for file in files where try isThere(file) { throw .alreadyInitialised(directory.path) }
    }

    /// Removes a database of which nobody knows yet, with its logs.
    static func removeDatabase(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    private func isThere(_ file: URL) throws(CollectorError) -> Bool {
        do throws(SystemError) {
            _ = try FileSystem.mode(file.path.byteString)
            return true
        } catch {
            if error.isMissing { return false }
            throw CollectorError(error)
        }
    }

    /// Makes the directory, for its owner alone.
    func create() throws(CollectorError) {
        do {
            try FileManager.default.createDirectory(
                at: directory.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
        } catch {
            throw .failed("cannot make \(directory.deletingLastPathComponent().path): \(error.localizedDescription)")
        }
        try CollectorError.translating { () throws(SystemError) in
            try FileSystem.makeDirectory(directory.path.byteString, mode: 0o700)
        }
    }

    /// Held while a collector works in the directory.
    func lock() throws(CollectorError) -> LockFile {
        let path = directory.appendingPathComponent("lock").path
        do throws(SystemError) {
            return try LockFile(path.byteString)
        } catch {
            guard LockFile.isHeldByAnother(error) else { throw CollectorError(error) }
            throw .failed("another collector works in \(directory.path); stop it first (\(path) has its number)")
        }
    }

    /// Writes a file that nobody else may read, whole or not at all.
    func write(_ bytes: [UInt8], to file: URL) throws(CollectorError) {
        try CollectorError.translating { () throws(SystemError) in
            try FileSystem.writeAtomically(bytes, to: file.path.byteString, mode: 0o600)
        }
    }

    /// Writes a text that nobody else may read, whole or not at all.
    func write(_ text: ByteString, to file: URL) throws(CollectorError) { try write(text.bytes, to: file) }

    /// All of a key's or a certificate's file.
    func read(_ file: URL) throws(CollectorError) -> [UInt8] {
        do throws(SystemError) {
            return try FileSystem.read(file.path.byteString, limit: Self.maximumCredentialBytes)
        } catch {
            if error.isNotPermitted { throw CollectorError(error) }
            throw .badData("\(error)")
        }
    }

    /// The certificate authority.
    func authority() throws(CollectorError) -> CertificateAuthority {
        let certificate = try read(authorityCertificate)
        let key = try read(authorityKey)
        do throws(TLSError) {
            return try CertificateAuthority(
                certificate: try Certificate(pem: ByteString(certificate)),
                key: try PrivateKey(pem: ByteString(key))
            )
        } catch {
            let remedy = "put a backup in its place: gatehouse-collector restore FILE"
            throw .badData("authority.crt and authority.key in \(directory.path): \(error); \(remedy)")
        }
    }
}
