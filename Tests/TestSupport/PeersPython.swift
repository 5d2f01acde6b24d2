import Foundation

/// Python with other people's implementations (cbor2, pycose, websockets, cryptography), for tests that hold ours
/// against them. `GATEHOUSE_PEERS_PYTHON` names it, else it is `.venv-peers/bin/python` in the package's root.
public enum PeersPython {
    /// The package's root, from this file's place.
    public static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The interpreter, or nil where there is none: then tests that need it are skipped.
    public static let path: String? = {
        let named = ProcessInfo.processInfo.environment["GATEHOUSE_PEERS_PYTHON"]
        let path = named ?? packageRoot.appendingPathComponent(".venv-peers/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// For `.enabled(if:)`.
    public static var isPresent: Bool { path != nil }

    /// A script that did not end well, with what it wrote to its standard error.
    public struct Failure: Error, CustomStringConvertible {
        /// The exit status.
        public let status: Int32
        /// Its standard error.
        public let message: String
        /// Both.
        public var description: String { "exit \(status): \(message)" }
    }

    /// Runs a script of `Tests/WireProtocolTests/Peers` and returns the lines it printed.
    public static func run(_ script: String, _ arguments: [String] = [], input: String = "") throws -> [String] {
        guard let path else { throw Failure(status: -1, message: "no python with the peers") }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("peers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files, not pipes: a pipe that is full on both sides would stop both sides.
        let (inputFile, outputFile, errorFile) = (
            folder.appendingPathComponent("in"), folder.appendingPathComponent("out"),
            folder.appendingPathComponent("err")
        )
        try Data(input.utf8).write(to: inputFile)
        try Data().write(to: outputFile)
        try Data().write(to: errorFile)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        let scripts = packageRoot.appendingPathComponent("Tests/WireProtocolTests/Peers")
        process.arguments = ["-B", scripts.appendingPathComponent(script).path] + arguments
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                status: process.terminationStatus,
                message: try String(contentsOf: errorFile, encoding: .utf8)
            )
        }
        return try String(contentsOf: outputFile, encoding: .utf8).split(separator: "\n").map(String.init)
    }
}
