import CollectorCore
import ConfigurationFiles
import Foundation
import Logging
import NetworkTypes
import Synchronization

@testable import CollectorServer

/// A library of blocklists in a folder of its own, with a clock that a test sets.
final class LibraryFixture: Sendable {
    let directory: URL
    private let time = Mutex<UInt64>(1_700_000_000_000)

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "gatehouse-lists-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// An hour passes: every source is due.
    func pass() { time.withLock { $0 += 3_600_000 } }

    var clock: WallClock { WallClock { [self] in time.withLock { $0 } } }

    /// A library of these lines of `sources`.
    func library(_ sources: [String], more: String = "") throws -> BlocklistLibrary {
        let text = """
            blocklists:
              every: 1h
              maximumBytes: 64KiB
              \(more.isEmpty ? "timeout: 30s" : more)
              sources:
            \(sources.map { "    - \($0)" }.joined(separator: "\n"))
            """
        let configuration = try CollectorConfiguration(reading: Array(text.utf8), file: "collector.yaml")
        var log = Logger(label: "test")
        log.logLevel = .critical
        return try BlocklistLibrary(
            configuration.blocklists ?? { preconditionFailure("the text has blocklists") }(),
            stateDirectory: ByteString(utf8: directory.path),
            clock: clock,
            log: log
        )
    }

    /// Names of the files that are kept.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "blocklists").path).sorted()
    }
}
