import Foundation

/// A program that runs on a host of the lab.
public final class LabProcess: @unchecked Sendable {
    /// What was started.
    public let command: [String]
    /// Its number inside the lab's PID namespace.
    public let pid: Int
    /// The file that gets standard output and standard error.
    public let log: URL
    private let host: String
    private let world: World
    private let lock = NSLock()
    private var ended: Int?

    init(command: [String], pid: Int, log: URL, host: String, world: World) {
        self.command = command
        self.pid = pid
        self.log = log
        self.host = host
        self.world = world
    }

    /// Everything written so far.
    public var output: String {
        ((try? Data(contentsOf: log)).map { String(decoding: $0, as: UTF8.self) }) ?? ""
    }

    /// The exit status, or the negative number of the signal that ended it; nil while it runs.
    public var status: Int? {
        lock.lock()
        defer { lock.unlock() }
        if ended == nil, let answer = try? world.ask(["do": "poll", "pid": pid]) { ended = answer["status"] as? Int }
        return ended
    }

    /// Whether it has not ended.
    public var isRunning: Bool { status == nil }

    /// Sends a signal to the program and to what it started.
    public func send(signal number: Int32) throws {
        _ = try world.ask(["do": "signal", "pid": pid, "signal": Int(number)])
    }

    /// Waits for the end; a program that does not come to it is killed, and that is an error.
    @discardableResult
    public func wait(withinSeconds limit: Double = 20) throws -> Int {
        let deadline = ContinuousClock.now + .seconds(limit)
        while true {
            if let status { return status }
            guard ContinuousClock.now < deadline else { break }
            usleep(5_000)
        }
        try? send(signal: SIGKILL)
        throw LabError("\(host): \(command.joined(separator: " ")): no end within \(limit) s; its output: \(output)")
    }

    /// Asks the program to end, and kills it where it does not within three seconds.
    public func stop() throws {
        guard isRunning else { return }
        try send(signal: SIGTERM)
        let deadline = ContinuousClock.now + .seconds(3)
        while isRunning, ContinuousClock.now < deadline { usleep(5_000) }
        if isRunning {
            try send(signal: SIGKILL)
            try wait(withinSeconds: 3)
        }
    }

    /// Waits until the output holds `text`.
    public func wait(forOutput text: String, withinSeconds limit: Double = 10) throws {
        try Lab.wait(within: limit, for: "\(host): \(command.first ?? "") to say \"\(text)\"") {
            if self.output.contains(text) { return true }
            guard self.isRunning else {
                // It may have said so and ended since.
                if self.output.contains(text) { return true }
                throw LabError("\(self.host): \(self.command.joined(separator: " ")) ended: \(self.output)")
            }
            return false
        }
    }
}
