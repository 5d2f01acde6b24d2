internal import ConfigurationFiles
internal import Foundation
internal import NetworkTypes
internal import TLS

/// What the collector keeps in its state directory.
struct CollectorFiles: Sendable {
    let directory: URL

    init(_ configuration: CollectorConfiguration) {
        directory = URL(fileURLWithPath: configuration.stateDirectory.text, isDirectory: true)
    }

    var authorityCertificate: URL { directory.appendingPathComponent("authority.crt") }
    var authorityKey: URL { directory.appendingPathComponent("authority.key") }
    var database: URL { directory.appendingPathComponent("gatehouse.sqlite") }

    /// Whether `init` was here.
    var isInitialised: Bool { FileManager.default.fileExists(atPath: authorityKey.path) }

    func create() throws {
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    /// Writes a file that nobody else may read, whole or not at all.
    func write(_ text: ByteString, to file: URL) throws {
        let temporary = file.appendingPathExtension("new")
        guard
            FileManager.default.createFile(
                atPath: temporary.path,
                contents: Data(text.bytes),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw CollectorError.files("\(temporary.path) cannot be written") }
        let handle = try FileHandle(forUpdating: temporary)
        try handle.synchronize()
        try handle.close()
        try FileManager.default.moveItem(at: temporary, to: file)
    }

    /// The certificate authority.
    func authority() throws -> CertificateAuthority {
        let certificate = try Data(contentsOf: authorityCertificate)
        let key = try Data(contentsOf: authorityKey)
        return try CertificateAuthority(
            certificate: try Certificate(pem: ByteString(Array(certificate))),
            key: try PrivateKey(pem: ByteString(Array(key)))
        )
    }
}
