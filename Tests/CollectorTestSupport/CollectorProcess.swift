import Foundation
import Glibc
import TestSupport

/// `gatehouse-collector` as an operator runs it: a process with a configuration, a state directory and ports of its
/// own, and `gatehousectl` and curl beside it.
public actor CollectorProcess {
    /// The first administrator's password once `logIn` was called.
    public static let password = "correct horse battery staple"

    /// Configuration, state directory, profile, and whatever a test puts there.
    public nonisolated let directory: URL
    /// Of the HTTPS listener, on 127.0.0.1.
    public nonisolated let httpsPort: Int
    /// Of the agent listener, on 127.0.0.1.
    public nonisolated let agentPort: Int

    /// What `init` printed.
    public private(set) var beginning = ""
    private var program: RunningProgram?

    /// Writes the configuration; `settings` are further lines of it.
    public init(in directory: URL, settings: String = "") throws {
        self.directory = directory
        httpsPort = try FreePort.take()
        agentPort = try FreePort.take()
        try directory.appending(path: "collector.yaml").write(
            """
            stateDirectory: \(directory.path)/state
            agentListener: { address: 127.0.0.1, port: \(agentPort) }
            httpsListener: { address: 127.0.0.1, port: \(httpsPort), names: [127.0.0.1, localhost] }
            \(settings)

            """
        )
    }

    /// Runs `body` with a collector that serves; `prepare` is called between `init` and `serve`.
    public static func serving<Value: Sendable>(
        settings: String = "",
        prepare: (CollectorProcess) async throws -> Void = { _ in },
        _ body: (CollectorProcess) async throws -> Value
    ) async throws -> Value {
        try await initialised(settings: settings) { collector in
            try await prepare(collector)
            try await collector.serve()
            let value = try await body(collector)
            try await collector.stop()
            return value
        }
    }

    /// Runs `body` with a directory in which `init` was; what serves there at the end is ended.
    public static func initialised<Value: Sendable>(
        settings: String = "",
        _ body: (CollectorProcess) async throws -> Value
    ) async throws -> Value {
        try await Turnstile.programs.pass {
            try await TemporaryDirectory.with { directory in
                let collector = try CollectorProcess(in: directory, settings: settings)
                try await collector.initialise()
                do {
                    let value = try await body(collector)
                    await collector.kill()
                    return value
                } catch {
                    await collector.kill()
                    throw error
                }
            }
        }
    }

    /// The state directory.
    public nonisolated var state: URL { directory.appending(path: "state") }

    /// The database.
    public nonisolated var database: URL { state.appending(path: "gatehouse.sqlite") }

    /// A file in `directory`.
    public nonisolated func file(_ name: String) -> URL { directory.appending(path: name) }

    /// `https://127.0.0.1:port`
    public nonisolated var url: String { "https://127.0.0.1:\(httpsPort)" }

    /// What serves now; nil where nothing does.
    public var process: RunningProgram? { program }

    /// Runs a command of `gatehouse-collector` that ends by itself.
    public nonisolated func run(_ arguments: [String]) async throws -> Programs.Outcome {
        try await Programs.run(
            Programs.path("gatehouse-collector"),
            arguments + ["--config", file("collector.yaml").path],
            in: directory
        )
    }

    /// `init`
    public func initialise() async throws {
        let outcome = try await run(["init"])
        guard outcome.status == 0 else { throw TestFailure("init: \(outcome)") }
        beginning = outcome.output
    }

    /// The word after a label of what `init` printed.
    public func beginning(_ label: String) throws -> String {
        let line = beginning.split(separator: "\n").first { $0.hasPrefix(label + ": ") }
        guard let line else { throw TestFailure("no \(label) in: \(beginning)") }
        return String(line.dropFirst(label.count + 2))
    }

    /// `serve`, until both listeners listen.
    public func serve() async throws {
        let program = try RunningProgram(
            Programs.path("gatehouse-collector"),
            ["serve", "--config", file("collector.yaml").path],
            in: directory
        )
        self.program = program
        let ports = [httpsPort, agentPort]
        try await program.wait(for: "listeners") { ports.allSatisfy(FreePort.isListenedOn) }
    }

    /// Asks it to end by SIGTERM, and expects exit code 0.
    public func stop() async throws {
        guard let program else { return }
        program.send(SIGTERM)
        let status = try await program.wait()
        self.program = nil
        guard status == 0 else { throw TestFailure("serve ended with \(status): \(program.errors)") }
    }

    /// Ends it at once, as a power cut would.
    public func kill() async {
        program?.send(SIGKILL)
        _ = try? await program?.wait()
        program = nil
    }

    // MARK: The operator

    /// Runs `gatehousectl` with a profile in `directory`.
    public nonisolated func control(
        _ arguments: [String],
        input: String = "",
        profile: String = "profile",
        environment: [String: String] = [:]
    ) async throws -> Programs.Outcome {
        let ours = ["GATEHOUSE_PROFILE": file(profile).path, "HOME": directory.path]
        return try await Programs.run(
            Programs.path("gatehousectl"),
            arguments,
            in: directory,
            input: Data(input.utf8),
            environment: ours.merging(environment) { $1 }
        )
    }

    /// Logs the first administrator in, with a new password.
    public func logIn() async throws {
        try file("one-time-password").write(try beginning("one-time password") + "\n")
        try file("password").write(Self.password + "\n")
        let outcome = try await control([
            "login", "--collector", url, "--ca-sha256", try beginning("CA SHA-256"), "--user", "admin",
            "--password-file", file("one-time-password").path, "--new-password-file", file("password").path,
        ])
        guard outcome.status == 0 else { throw TestFailure("login: \(outcome)") }
    }

    // MARK: curl

    /// What curl was answered.
    public struct Answer: Sendable {
        public let status: Int
        public let headers: String
        public let body: Data
        public var text: String { String(decoding: body, as: UTF8.self) }

        /// The body as a JSON object.
        public var object: [String: Any] {
            get throws {
                let value = try JSONSerialization.jsonObject(with: body)
                guard let object = value as? [String: Any] else { throw TestFailure("no object: \(text)") }
                return object
            }
        }
    }

    /// Asks the HTTPS listener by curl, which trusts `authority.pem` in `directory` alone. Headers go in by standard
    /// input as a configuration (`-K -`), so that no secret stands in the arguments.
    public nonisolated func curl(
        _ path: String,
        _ arguments: [String] = [],
        configuration: [String] = []
    ) async throws -> Answer {
        let names = ["headers", "body"].map { "\(UUID().uuidString).\($0)" }
        let outcome = try await Programs.run(
            "curl",
            [
                "--silent", "--show-error", "--cacert", "authority.pem", "--dump-header", names[0], "--output",
                names[1], "--write-out", "%{http_code}", "--config", "-",
            ] + arguments + [url + path],
            in: directory,
            input: Data((configuration.joined(separator: "\n") + "\n").utf8)
        )
        guard outcome.status == 0, let status = Int(outcome.output) else {
            throw TestFailure("curl \(path): \(outcome)")
        }
        return Answer(
            status: status,
            headers: (try? file(names[0]).text()) ?? "",
            body: (try? Data(contentsOf: file(names[1]))) ?? Data()
        )
    }
}
