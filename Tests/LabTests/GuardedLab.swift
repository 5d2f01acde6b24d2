import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport

/// A lab whose agent holds the devices to a policy that lies on its disk; there is no collector. Devices may reach the
/// camera's cloud by its name, and the broker by its addresses.
final class GuardedLab {
    static let cloudName = "cloud.camera.example"
    static let trackers = [LabAddress.tracker, "2001:db8:2::66"]

    let lab: Lab
    let agent: LabAgent
    let key: Ed25519SigningKey
    private let configuration: (devices: [String], more: String)

    init(
        devices: [String] = ["lan0"],
        more: String = "",
        state: String? = nil,
        _ change: (inout PolicyBundle) -> Void = { _ in }
    ) throws {
        lab = try Lab.start()
        agent = try LabAgent(lab)
        key = try Ed25519SigningKey.generate()
        configuration = (devices, more)
        if let state { agent.state = URL(fileURLWithPath: state) }
        try FileManager.default.createDirectory(at: agent.state, withIntermediateDirectories: true)
        try write(try policy(7, change))
        try configure()
    }

    /// Writes the configuration, with what is to be added to it.
    func configure(more: String = "") throws {
        try agent.configure(
            host: LabAddress.central,
            devices: configuration.devices,
            policyKeys: [Hexadecimal.encode(key.publicKey).text],
            enforces: true,
            more: configuration.more + "\n" + more
        )
    }

    func policy(_ generation: UInt64, _ change: (inout PolicyBundle) -> Void = { _ in }) throws -> [UInt8] {
        try RefusedPolicyTests.envelope(key) { bundle in
            bundle.generation = generation
            let name = NamePattern(ByteString(utf8: GuardedLab.cloudName))
            let https = PortRange(transport: .tcp, first: 443, last: 443)
            let mqtt = PortRange(transport: .tcp, first: 8883, last: 8883)
            bundle.baseline.unknown.allow =
                [name.map { AllowRule(to: .name($0), ports: [https]) }].compactMap { $0 }
                + [LabAddress.broker, "2001:db8:2::83"].compactMap { IPAddress(ByteString(utf8: $0)) }.map {
                    AllowRule(to: .prefix(IPPrefix(host: $0)), ports: [mqtt])
                }
            change(&bundle)
        }
    }

    func write(_ policy: [UInt8]) throws {
        try lab.gateway.run(["/bin/sh", "-c", "base64 -d > '\(agent.state.path)/policy.cose'"], input: base64(policy))
    }

    private func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// Starts the agent, and waits until it answers.
    func start(environment: [String: String] = [:]) throws {
        try agent.start(environment: environment)
        try Lab.wait(within: 30, for: "the agent; \(agent.log)") {
            guard agent.process?.isRunning == true else { throw LabError("the agent ended: \(agent.log)") }
            return try agent.status() != nil
        }
    }

    /// Gets the camera its lease, and waits until the policy holds it.
    func admitCamera() throws {
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try Lab.wait(within: 30, for: "the camera to be held; \(agent.log)") {
            try lab.camera.attempt(["getent", "ahostsv4", GuardedLab.cloudName]).status == 0
        }
    }

    /// Knocks from `host` at what no policy allows, until `stop` is called with the label.
    func knock(from host: LabHost, label: String = "knock", at addresses: [String] = trackers) throws -> LabProcess {
        let process = try host.start(
            Peer.command("knock.py", [agent.path("\(label).stop"), "443"] + addresses),
            label: label
        )
        try process.wait(forOutput: "knocking")
        return process
    }

    /// Waits until so many more rounds of knocking are over.
    func wait(rounds more: Int, of knocking: LabProcess) throws {
        let before = GuardedLab.rounds(of: knocking)
        try Lab.wait(within: 60, for: "\(more) rounds of knocking; \(knocking.output.suffix(200))") {
            GuardedLab.rounds(of: knocking) >= before + more
        }
    }

    private static func rounds(of knocking: LabProcess) -> Int {
        knocking.output.split(separator: "\n").last { $0.hasPrefix("rounds ") }.flatMap { Int($0.dropFirst(7)) } ?? 0
    }

    /// A connection to the camera's cloud that the camera keeps.
    func transfer() throws -> LabProcess {
        let transfer = try lab.camera.start(
            Peer.command("sharedaddress.py", [Self.cloudName, "--server-name", Self.cloudName, "--seconds", "0"]),
            label: "transfer"
        )
        try transfer.wait(forOutput: "\"beat\"", withinSeconds: 20)
        return transfer
    }

    /// Waits until the transfer has gone on for some beats.
    func waitForBeats(_ more: Int = 3, of transfer: LabProcess) throws {
        func beats() -> Int { transfer.output.split(separator: "\n").count { $0.contains("\"beat\"") } }
        let before = beats()
        try Lab.wait(within: 30, for: "the transfer to go on; \(transfer.output.suffix(300))") {
            beats() > before + more
        }
    }

    /// Whether a device gets a TCP connection.
    func reaches(_ address: String, _ port: Int = 443, from host: LabHost? = nil) throws -> Bool {
        let program = "import socket; socket.create_connection(('\(address)', \(port)), 2)"
        return try (host ?? lab.camera).attempt(["/usr/bin/python3", "-c", program]).status == 0
    }

    /// The codes of the answers that the camera gets from a resolver that it was told of, none where nobody answers or can be asked.
    func isAnswered(at resolver: String = LabAddress.resolver, from host: LabHost? = nil) throws -> Bool {
        // It ends otherwise while the camera has no route there yet.
        let answer = try (host ?? lab.camera).attempt(
            Peer.command("asknames.py", ["1", "1", "at", resolver, "53", "1"]),
            withinSeconds: 30
        )
        return answer.output.contains("{\"0\": 1}") || answer.output.contains("{\"3\": 1}")
    }

    /// What nft lists.
    func kernel(_ what: String...) throws -> String { try lab.gateway.run(["nft", "list"] + what) }

    /// How often the agent woke up while it was asked 20 times: some dozens, where it does not spin.
    func wakeUps() throws -> Int {
        let before = try agent.counter("loop.wakeUps")
        for _ in 0..<19 { _ = try agent.status() }
        return try agent.counter("loop.wakeUps") - before
    }
}
