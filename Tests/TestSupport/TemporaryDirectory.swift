import Foundation

/// A directory of one test's own.
public enum TemporaryDirectory {
    /// Runs `body` with a fresh directory, for its owner alone, which is removed after it.
    public static func with<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(path: "gatehouse-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await body(directory)
    }
}

extension URL {
    /// Permission bits of a file, or nil where there is none.
    public var permissions: Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
    }

    /// Writes a text.
    public func write(_ text: String) throws { try Data(text.utf8).write(to: self) }

    /// A file's whole text.
    public func text() throws -> String { String(decoding: try Data(contentsOf: self), as: UTF8.self) }
}
