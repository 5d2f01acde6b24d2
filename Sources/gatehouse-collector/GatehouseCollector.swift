import ArgumentParser
import CollectorServer
import ConfigurationFiles
import Foundation
import Logging
import NetworkTypes

/// The collector (DESIGN §10, §11).
@main
struct GatehouseCollector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse-collector",
        abstract: "Enrols gateways, takes their reports, pushes signed policies, shows the fleet.",
        subcommands: [
            Initialise.self, Serve.self, CheckConfig.self, Backup.self, Restore.self, Version.self,
        ]
    )
}

/// `--config FILE`
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file.")
    var file = CollectorConfiguration.defaultPath.text

    /// Reads the file; exit 78 where it is wrong.
    func load() throws -> CollectorConfiguration {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw end(78, "\(file) cannot be read")
        }
        do throws(ConfigurationError) {
            return try CollectorConfiguration(reading: Array(bytes), file: ByteString(utf8: file))
        } catch {
            throw end(78, error.description)
        }
    }
}

/// One line on standard error, and the exit code (DESIGN §11).
func end(_ code: Int32, _ message: String) -> ExitCode {
    FileHandle.standardError.write(Data("gatehouse-collector: \(message)\n".utf8))
    return ExitCode(code)
}

/// Runs a command; what it throws ends the program with its line and its exit code.
func ending(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch {
        let error = CollectorError(error)
        throw end(error.exitCode, "\(error)")
    }
}

/// `init`
struct Initialise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the certificate authority, the database and the first administrator."
    )
    @OptionGroup var option: ConfigurationOption

    func run() async throws {
        let configuration = try option.load()
        try await ending {
            let beginning = try await Collector.initialise(configuration)
            print("CA SHA-256: \(beginning.authoritySHA256)")
            print("user: \(beginning.user)")
            print("one-time password: \(beginning.oneTimePassword)")
            print("Both are shown once. Log in with: gatehousectl login --ca-sha256 \(beginning.authoritySHA256) …")
        }
    }
}

/// `serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve agents and people until told to end.")
    @OptionGroup var option: ConfigurationOption

    func run() async throws {
        let configuration = try option.load()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var log = Logger(label: "gatehouse-collector")
        switch configuration.logLevel {
        case .error: log.logLevel = .error
        case .warning: log.logLevel = .warning
        case .info: log.logLevel = .info
        case .debug: log.logLevel = .debug
        }
        try await ending { try await Collector.serve(configuration, log: log) }
    }
}

/// `check-config`
struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Say what is wrong with a configuration: file:line: message, exit 78."
    )
    @OptionGroup var option: ConfigurationOption

    func run() throws {
        let problems = Collector.problems(of: try option.load())
        guard problems.isEmpty else { throw end(78, problems.joined(separator: "\n")) }
        print("\(option.file): good")
    }
}

/// `version`
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() throws { print("gatehouse-collector \(Collector.version)") }
}
