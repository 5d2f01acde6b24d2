import Foundation
import Glibc

/// Runs programs, the project's own and other people's, without blocking a thread of the tests.
public enum Programs {
    /// Where the project's programs are: beside the bundle of the tests.
    public static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    /// The path of one of the project's programs.
    public static func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    /// How a program ended, and what it wrote.
    public struct Outcome: Sendable, CustomStringConvertible {
        public let status: Int32
        public let output: String
        public let errors: String
        public var description: String { "status \(status), output: \(output), errors: \(errors)" }
    }

    /// Runs a program of the path, or at a path, to its end, which is made after a minute; `input` becomes its standard
    /// input, `environment` is added to what there is.
    public static func run(
        _ program: String,
        _ arguments: [String],
        in directory: URL,
        input: Data = Data(),
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        let name = UUID().uuidString
        // Files, not pipes: nobody has to read while it runs.
        let files = ["in", "out", "err"].map { directory.appending(path: "\(name).\($0)") }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        try input.write(to: files[0])
        for file in files[1...] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["timeout", "-k", "5", "60", program] + arguments
        process.currentDirectoryURL = directory
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let handles = try Streams(input: files[0], output: files[1], errors: files[2])
        handles.assign(to: process)
        defer { handles.close() }
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in done.resume() }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        return Outcome(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
        )
    }
}

/// A program's three streams as files. Foundation closes what it opened late or never, and Process.run() of
/// swift-corelibs-foundation reads past the end of its list of open files where there are more than a thousand.
struct Streams {
    private let input: FileHandle
    private let output: FileHandle
    private let errors: FileHandle

    init(input: URL?, output: URL, errors: URL) throws {
        self.input = try FileHandle(forReadingFrom: input ?? URL(fileURLWithPath: "/dev/null"))
        self.output = try FileHandle(forWritingTo: output)
        self.errors = try FileHandle(forWritingTo: errors)
    }

    func assign(to process: Process) {
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
    }

    /// Once the program runs, or could not be started.
    func close() { for handle in [input, output, errors] { try? handle.close() } }
}
