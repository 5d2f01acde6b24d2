import Foundation
import Glibc
import Synchronization

/// A program that goes on until it is told to end. What it writes goes to files.
public final class RunningProgram: Sendable {
    /// Its number.
    public let pid: Int32
    private let output: URL
    private let errorFile: URL
    private let ended: Ended

    private final class Ended: Sendable {
        let status = Mutex<Int32?>(nil)
    }

    /// Starts a program of the path, or at a path. A file as `input` becomes its standard input.
    public init(
        _ program: String,
        _ arguments: [String],
        in directory: URL,
        input: URL? = nil,
        environment: [String: String] = [:]
    ) throws {
        let name = UUID().uuidString
        output = directory.appending(path: "\(name).out")
        errorFile = directory.appending(path: "\(name).err")
        for file in [output, errorFile] { try Data().write(to: file) }
        let ended = Ended()
        self.ended = ended
        let process = Process()
        // env runs the program in its own place: the number is the program's.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = directory
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let streams = try Streams(input: input, output: output, errors: errorFile)
        streams.assign(to: process)
        defer { streams.close() }
        process.terminationHandler = { process in ended.status.withLock { $0 = process.terminationStatus } }
        try process.run()
        pid = process.processIdentifier
    }

    /// What it wrote to standard output.
    public var written: Data { (try? Data(contentsOf: output)) ?? Data() }

    /// What it wrote to standard error.
    public var errors: String { (try? errorFile.text()) ?? "" }

    /// The exit status, or the signal's number; nil while it runs.
    public var status: Int32? { ended.status.withLock { $0 } }

    /// Sends a signal.
    public func send(_ signal: Int32) { if status == nil { kill(pid, signal) } }

    /// Waits for its end; kills it where it does not come to it.
    @discardableResult
    public func wait(withinSeconds limit: Double = 30) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(limit)
        while ContinuousClock.now < deadline {
            if let status { return status }
            try await Task.sleep(for: .milliseconds(10))
        }
        send(SIGKILL)
        throw TestFailure("no end within \(limit) s; errors: \(errors)")
    }

    /// Waits until `condition` holds; throws where it does not in time, or the program ended.
    public func wait(
        for what: String,
        withinSeconds limit: Double = 30,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(limit)
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            guard status == nil else { throw TestFailure("ended with \(status ?? 0) before \(what): \(errors)") }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestFailure("no \(what) within \(limit) s; errors: \(errors)")
    }

    /// How many sockets it has open.
    public var socketCount: Int {
        let folder = "/proc/\(pid)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)"))?.hasPrefix("socket:")
                == true
        }
    }

    /// Forgets the peak so far (5 in `clear_refs`, proc(5)).
    public func resetPeak() throws { try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(pid)/clear_refs")) }

    /// The most memory it ever had resident, KiB (`VmHWM` of proc(5)); nil once it has ended.
    public var peakResidentKiB: Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return Int(line.filter(\.isNumber))
    }
}
