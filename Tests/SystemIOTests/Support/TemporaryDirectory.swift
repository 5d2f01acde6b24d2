import Foundation
import NetworkTypes

/// A folder of a test's own, removed with the object.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("gatehouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of a file in it.
    func path(_ name: String) -> ByteString { ByteString(utf8: url.appendingPathComponent(name).path) }

    /// Its own path.
    var path: ByteString { ByteString(utf8: url.path) }
}
