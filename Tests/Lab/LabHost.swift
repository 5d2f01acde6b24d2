import Foundation

/// A machine of the lab: network, mount and host-name namespaces of its own.
public final class LabHost: Sendable {
    /// The host name.
    public let name: String
    /// The process that keeps the namespaces, as the other hosts of the lab number it.
    let holder: Int
    let world: World
    let directory: URL
    private let counter = Counter()

    init(name: String, world: World, directory: URL) throws {
        self.name = name
        self.world = world
        self.directory = directory
        let resolver = directory.appendingPathComponent("\(name).resolv.conf")
        try Data().write(to: resolver)
        let answer = try world.ask(["do": "host", "name": name, "resolver": resolver.path])
        guard let pid = answer["pid"] as? Int else { throw LabError("host \(name): no process") }
        holder = pid
    }

    /// Starts a program that goes on running; its output goes to a file in the lab's directory.
    public func start(
        _ command: [String],
        environment: [String: String] = [:],
        input: String? = nil,
        label: String? = nil
    ) throws -> LabProcess {
        let program = label ?? (command.first.map { ($0 as NSString).lastPathComponent } ?? "")
        let log = directory.appendingPathComponent("\(name).\(counter.next()).\(program).log")
        var variables = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            "HOME": directory.path, "TMPDIR": directory.path, "USER": "root",
        ]
        variables.merge(environment) { _, new in new }
        var request: [String: Any] = [
            "do": "spawn", "host": name, "argv": command, "environment": variables, "directory": directory.path,
            "output": log.path,
        ]
        if let input {
            let file = log.appendingPathExtension("input")
            try Data(input.utf8).write(to: file)
            request["input"] = file.path
        }
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        guard let pid = try world.ask(request)["pid"] as? Int else { throw LabError("\(program): no process") }
        return LabProcess(command: command, pid: pid, log: log, host: name, world: world)
    }

    /// Runs a program to its end and returns what it wrote; an exit status other than 0 is an error.
    @discardableResult
    public func run(_ command: [String], input: String? = nil, withinSeconds limit: Double = 20) throws -> String {
        let result = try attempt(command, input: input, withinSeconds: limit)
        guard result.status == 0 else {
            throw LabError("\(name): \(command.joined(separator: " ")): status \(result.status): \(result.output)")
        }
        return result.output
    }

    /// Runs a program to its end, however it ends; not ending in time is an error.
    public func attempt(
        _ command: [String],
        environment: [String: String] = [:],
        input: String? = nil,
        withinSeconds limit: Double = 20
    ) throws -> (status: Int, output: String) {
        let process = try start(command, environment: environment, input: input)
        let status = try process.wait(withinSeconds: limit)
        // Tests ask the same thing hundreds of times while they wait; only what goes on running keeps its log.
        defer { try? FileManager.default.removeItem(at: process.log) }
        return (status, process.output)
    }

    /// Runs lines of shell, stopping at the first that fails.
    @discardableResult
    public func shell(_ script: String, withinSeconds limit: Double = 20) throws -> String {
        try run(["/bin/sh", "-euc", script], withinSeconds: limit)
    }
}

/// Counts from 1, safely from any thread.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var value = 0

    func next() -> Int {
        lock.lock()
        defer { lock.unlock() }
        value += 1
        return value
    }
}
