import Foundation
import Glibc
import NetworkTypes

/// Which collector, and the token for it. A file that only its owner may read.
struct Profile: Codable {
    /// `https://host:port`
    var collector: String
    /// SHA-256 of the certificate authority, hexadecimal.
    var caSHA256: String
    /// The login.
    var user: String
    /// The bearer token.
    var token: String

    /// Where it is: `GATEHOUSE_PROFILE`, else below the user's configuration folder.
    static var path: String {
        if let path = environment("GATEHOUSE_PROFILE") { return path }
        if let folder = environment("XDG_CONFIG_HOME") { return folder + "/gatehouse/profile" }
        return (environment("HOME") ?? ".") + "/.config/gatehouse/profile"
    }

    /// The profile of this user.
    static func load() throws(ControlError) -> Profile {
        let path = path
        guard Files.exists(path) else {
            throw ControlError(
                .badConfiguration,
                "\(path): no profile; log in first: gatehousectl login --collector https://HOST:8443 --ca-sha256 HEX --user NAME"
            )
        }
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
            throw ControlError(.badConfiguration, "\(path): others may read it; run chmod 600 \(path)")
        }
        let bytes = try Files.read(path, limit: 65_536)
        do {
            return try JSONDecoder().decode(Profile.self, from: Data(bytes))
        } catch {
            throw ControlError(.badConfiguration, "\(path): not a profile; log in again")
        }
    }

    /// Writes it.
    func save() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = Profile.path
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try FileManager.default.createDirectory(
                atPath: String(path[..<slash]),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        try Files.write(Array(try encoder.encode(self)) + [0x0A], to: path, mode: 0o600)
    }

    /// A variable of the environment; nil where it is not there or empty.
    static func environment(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
        return value
    }
}
