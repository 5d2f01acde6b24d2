import Foundation
import Lab

/// The lab with the three programs in it, and what the steps of the story share.
final class Stage {
    /// The password that the demo gives the first user.
    static let password = "correct-horse-battery-staple"

    let lab: Lab
    let options: DemoOptions
    /// The compiled knowledge that the agent names devices by.
    let knowledge: String
    private(set) var collector: LabProcess?
    private(set) var agent: LabProcess?
    private var relay: LabRelay?
    var gatewayID = ""
    var camera: LabDevice?
    var sensor: LabDevice?

    init(_ options: DemoOptions) throws {
        self.options = options
        for program in ["gatehouse-agent", "gatehouse-collector", "gatehousectl"] {
            let path = options.programs.appendingPathComponent(program).path
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw LabError("\(path) is not there; build everything first: swift build")
            }
        }
        knowledge = try options.knowledge ?? Stage.buildKnowledge(options)
        lab = try Lab.start()
        if let file = options.capture {
            let capture = try lab.gateway.start(Peer.command("capture.py", ["lan0", file]))
            try capture.wait(forOutput: "listening")
        }
    }

    /// The port on this computer that leads to the console.
    var consolePort: Int { relay?.port ?? 0 }

    func program(_ name: String) -> String { options.programs.appendingPathComponent(name).path }

    func path(_ name: String) -> String { lab.directory.appendingPathComponent(name).path }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    func close() {
        relay?.close()
        lab.close()
    }

    /// Compiles the repository's rules, unless that was done since they changed last.
    private static func buildKnowledge(_ options: DemoOptions) throws -> String {
        let rules = DemoOptions.repository.appendingPathComponent("agent-config/knowledge")
        let file = options.programs.appendingPathComponent("knowledge.gkb")
        let sources = try FileManager.default.contentsOfDirectory(
            at: rules,
            includingPropertiesForKeys: [.contentModificationDateKey]
        )
        func changed(_ file: URL) -> Date? {
            try? FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
        }
        if let built = changed(file), sources.allSatisfy({ changed($0) ?? .distantFuture < built }) { return file.path }
        say("compiling the knowledge of \(sources.count) files")
        let process = Process()
        process.executableURL = options.programs.appendingPathComponent("gatehousectl")
        process.arguments = ["knowledge", "build", "--rules", rules.path, "--output", file.path]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw LabError("gatehousectl knowledge build: status \(process.terminationStatus)")
        }
        return file.path
    }

    /// Whether there is an agent in Embedded mode that is not older than the other one: one of before a change would
    /// tell another story.
    var hasEmbeddedAgent: Bool {
        func changed(_ path: String) -> Date? {
            try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        }
        guard let embedded = changed(options.embeddedAgent.path), let ordinary = changed(program("gatehouse-agent"))
        else { return false }
        return embedded >= ordinary
    }

    // MARK: programs

    func startCollector() throws {
        let process = try lab.central.start(
            [program("gatehouse-collector"), "serve", "--config", path("collector.yaml")],
            label: "collector"
        )
        collector = process
        try Lab.wait(within: 30, for: "the collector to listen on 7443 and 8443; its output: \(process.output)") {
            guard process.isRunning else { throw LabError("the collector ended: \(process.output)") }
            let sockets = try lab.central.run(["ss", "-Hltn"])
            return sockets.contains(":7443") && sockets.contains(":8443")
        }
        if relay == nil {
            relay = try LabRelay(
                from: options.consolePort,
                to: lab.central,
                address: LabAddress.central,
                targetPort: 8443
            )
        }
    }

    func stopCollector() throws { try collector?.stop() }

    /// Starts the agent that was built with the others, or another one.
    func startAgent(_ file: URL? = nil) throws {
        agent = try lab.gateway.start(
            [file?.path ?? program("gatehouse-agent"), "run", "--config", path("agent.yaml")],
            label: "agent"
        )
    }

    /// What the agent's memory is, for people: resident, and of that its own.
    func agentMemory() throws -> String {
        guard let agent else { return "no agent" }
        let text = try lab.gateway.run(["cat", "/proc/\(agent.pid)/status"])
        func kilobytes(_ label: String) -> String {
            let line = text.split(separator: "\n").first { $0.hasPrefix(label) } ?? ""
            return String(line.filter(\.isNumber))
        }
        return "\(kilobytes("VmRSS:")) KiB resident, \(kilobytes("RssAnon:")) KiB of it its own"
    }

    /// Runs `gatehousectl` where the collector is.
    @discardableResult
    func control(_ arguments: [String], withinSeconds limit: Double = 30) throws -> String {
        let result = try attemptControl(arguments, withinSeconds: limit)
        guard result.status == 0 else {
            throw LabError(
                "gatehousectl \(arguments.joined(separator: " ")): status \(result.status): \(result.output)"
            )
        }
        return result.output
    }

    func attemptControl(_ arguments: [String], withinSeconds limit: Double = 30) throws -> (status: Int, output: String)
    {
        try lab.central.attempt(
            [program("gatehousectl")] + arguments,
            environment: ["GATEHOUSE_PROFILE": path("profile")],
            withinSeconds: limit
        )
    }

    /// Logs of the programs, for whoever looks into a failure.
    func printLogs() {
        for (name, process) in [("agent", agent), ("collector", collector)] {
            guard let process else { continue }
            say("--- the \(name)'s last lines")
            for line in process.output.split(separator: "\n").suffix(40) { say("    \(line)") }
        }
    }
}
