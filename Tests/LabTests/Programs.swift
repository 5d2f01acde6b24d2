import Foundation
import KnowledgeBuilder
import Lab
import TestSupport

extension Programs {
    static func areBuilt(_ names: String...) -> Bool {
        names.allSatisfy { FileManager.default.isExecutableFile(atPath: path($0)) }
    }

    /// Whether a lab with the agent in it can be had.
    static let hasAgent = Lab.isPossible && areBuilt("gatehouse-agent")
    /// Whether collector and `gatehousectl` can be had too.
    static let hasCollector = hasAgent && areBuilt("gatehouse-collector", "gatehousectl")
    /// Whether there is a Python for `wrongcollector.py`.
    static let hasWrongCollector = hasAgent && PeersPython.isPresent
    /// Whether the lab of real devices can be had, and the registers that all knowledge is built with.
    static let hasDevices =
        hasAgent && DeviceLab.isPossible
        && FileManager.default.fileExists(atPath: KnowledgeBuilder.defaultIEEEDataDirectory + "/oui.csv")
}

/// An agent in the lab's gateway. It enforces nothing, unless a test is of more than its uplink.
final class LabAgent {
    let lab: Lab
    private(set) var process: LabProcess?

    init(_ lab: Lab, knowledge texts: [(String, String)] = []) throws {
        self.lab = lab
        let knowledge = try KnowledgeBuilder.build(texts: texts)
        try Data(knowledge).write(to: lab.directory.appendingPathComponent("knowledge.bin"))
    }

    func path(_ name: String) -> String { lab.directory.appendingPathComponent(name).path }

    /// Its state directory, which may lie elsewhere than the lab's files.
    lazy var state: URL = lab.directory.appendingPathComponent("agent")

    func configure(
        host: String,
        devices: [String] = ["lan0"],
        policyKeys: [String] = [],
        enforces: Bool = false,
        confirmWithin: String = "30s",
        more: String = ""
    ) throws {
        let text = """
            collector: { host: \(host) }
            interfaces: { devices: [\(devices.joined(separator: ", "))], uplink: wan0 }
            stateDirectory: \(state.path)
            knowledge: \(path("knowledge.bin"))
            enforcement: { enabled: \(enforces), confirmWithin: \(confirmWithin) }
            \(more)
            trustedPolicyKeys: [\(policyKeys.joined(separator: ", "))]
            logLevel: debug

            """
        try Data(text.utf8).write(to: lab.directory.appendingPathComponent("agent.yaml"))
    }

    func command(_ verb: String, _ more: [String] = []) -> [String] {
        [Programs.path("gatehouse-agent"), verb, "--config", path("agent.yaml")] + more
    }

    func start(environment: [String: String] = [:]) throws {
        process = try lab.gateway.start(command("run"), environment: environment, label: "agent")
    }

    /// Ends it as a power cut would.
    func kill() throws {
        try process?.send(signal: SIGKILL)
        try process?.wait()
    }

    /// What `status --json` says; nil while it does not answer yet.
    func status() throws -> [String: Any]? {
        let result = try lab.gateway.attempt(command("status", ["--json"]))
        guard result.status == 0 else { return nil }
        return try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    }

    func isConnected() throws -> Bool { try status()?["connected"] as? Bool == true }

    func serial() throws -> String { try status()?["certificateSerial"] as? String ?? "" }

    /// A counter of its health reports.
    func counter(_ name: String) throws -> Int { (try status()?["counters"] as? [String: Int])?[name] ?? -1 }

    var log: String { process?.output ?? "" }
}
