import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// A state directory on a disk of 2 MiB that somebody else fills, and one that becomes read-only: devices stay guarded, no
/// policy is half taken, and what was not written is told.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct FullDiskTests {
    private let fleet: LabFleet
    private let key: Ed25519SigningKey
    private var agent: LabAgent { fleet.agent }
    private var lab: Lab { fleet.lab }

    init() throws {
        key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        fleet = try LabFleet(certificateLifetimeSeconds: 3600, policyKeys: keys)
        try agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true)
        // What enrolment wrote moves to the small disk, which only the gateway sees.
        try lab.gateway.shell(
            """
            cp -a '\(agent.state.path)' '\(agent.path("enrolled"))'
            mount -t tmpfs -o size=2m,mode=700 none '\(agent.state.path)'
            cp -a '\(agent.path("enrolled"))/.' '\(agent.state.path)'
            """
        )
    }

    private func policy(_ generation: UInt64) throws -> String {
        let envelope = try RefusedPolicyTests.envelope(key) { bundle in
            bundle.generation = generation
            guard let name = NamePattern("cloud.camera.example"),
                let broker = IPAddress(ByteString(utf8: LabAddress.broker))
            else { return }
            bundle.baseline.unknown.allow = [
                AllowRule(to: .name(name), ports: [PortRange(transport: .tcp, first: 443, last: 443)]),
                AllowRule(
                    to: .prefix(IPPrefix(host: broker)),
                    ports: [PortRange(transport: .tcp, first: 8883, last: 8883)]
                ),
            ]
        }
        let file = agent.path("policy-\(generation).cose")
        try Data(envelope).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Somebody writes a file that never ends: what becomes free is taken at once.
    private func fill() throws -> LabProcess {
        let program = """
            import time
            with open('\(agent.state.path)/somebody', 'ab', buffering=0) as file:
                print('filling')
                while True:
                    try:
                        file.write(bytes(4096))
                    except OSError:
                        time.sleep(0.005)
            """
        let filling = try lab.gateway.start(["/usr/bin/python3", "-u", "-c", program], label: "filling")
        try filling.wait(forOutput: "filling")
        try Lab.wait(within: 20, for: "the disk to be full") {
            try lab.gateway.run(["stat", "-f", "-c", "%a", agent.state.path]).hasPrefix("0\n")
        }
        return filling
    }

    private func start() throws {
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
    }

    private func reaches(_ address: String, _ port: Int) throws -> Bool {
        let program = "import socket; socket.create_connection(('\(address)', \(port)), 2)"
        return try lab.camera.attempt(["/usr/bin/python3", "-c", program]).status == 0
    }

    /// What the policy in force allows and refuses, and that names are answered. What is allowed may need another try on a
    /// machine with much else to do; what is refused is refused at once.
    private func expectGuarded() throws {
        try Lab.wait(within: 30, for: "the broker; \(agent.log)") { try reaches(LabAddress.broker, 8883) }
        #expect(try !reaches(LabAddress.tracker, 443))
        try Lab.wait(within: 60, for: "the answer to a name; \(agent.log)") {
            try lab.camera.attempt(["getent", "ahostsv4", "cloud.camera.example"]).status == 0
        }
        try Lab.wait(within: 30, for: "the cloud; \(agent.log)") { try reaches(LabAddress.cloud, 443) }
    }

    private func kernelGeneration() throws -> Int {
        let listing = try lab.gateway.run(["nft", "list", "table", "inet", "gatehouse"])
        guard let range = listing.range(of: "policy generation ") else { return -1 }
        return Int(listing[range.upperBound...].prefix { $0.isNumber }) ?? -1
    }

    private func status() throws -> String { try lab.gateway.run(agent.command("status")) }

    private func hold() throws {
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try fleet.control(["policy", "push", try policy(7), "--wait", "20s"])
        try Lab.wait(within: 30, for: "the camera to be held; \(agent.log)") { try reaches(LabAddress.broker, 8883) }
        try expectGuarded()
        // What is known of the camera is written some seconds later.
        try Lab.wait(within: 30, for: "the camera to be on the disk; \(agent.log)") {
            try lab.gateway.attempt(["grep", "-q", "axis", "\(agent.state.path)/devices"]).status == 0
        }
    }

    @Test func aFullDiskRefusesPoliciesAndNothingElse() throws {
        defer { lab.close() }
        try start()
        try hold()
        let filling = try fill()
        try expectGuarded()

        // What is to be written is told to find no room: that much room the agent has kept.
        let stop = agent.path("stop")
        let crowd = try lab.sensor.start(Peer.command("crowd.py", [stop, "--every", "0.02"]), label: "crowd")
        try Lab.wait(within: 60, for: "the trouble to be shown; \(agent.log)") {
            try status().contains("storage     ")
        }
        try Lab.wait(within: 60, for: "the trouble to be told; \(agent.log)") {
            try fleet.list(["incident", "list"]).contains {
                "\($0)".contains("the state directory does not take what the agent writes")
            }
        }

        // Refused with a reason that reaches the operator, and the old one is in force.
        let refused = try fleet.attemptControl(["policy", "push", try policy(8), "--wait", "20s"])
        #expect(refused.status == 1 && refused.output.contains("storage"), "\(refused); \(agent.log)")
        #expect(refused.output.contains("No space left on device"), "\(refused)")
        #expect(try kernelGeneration() == 7)

        // The next start finds the disk as full: rules, names and connection are there, and the old policy.
        try agent.kill()
        try start()
        // An address that was proved since the disk is full is forgotten, and bound again with the next frame.
        try Lab.wait(within: 30, for: "the camera to be held; \(agent.log)") { try reaches(LabAddress.broker, 8883) }
        try expectGuarded()
        #expect(try kernelGeneration() == 7)
        try Lab.wait(within: 60, for: "reports to be lost; \(agent.log)") { try agent.counter("spool.failed") > 0 }
        try Data().write(to: URL(fileURLWithPath: stop))
        try crowd.wait(forOutput: "stopped")

        // Room again: what was lost is told, and the policy is taken.
        try filling.stop()
        try lab.gateway.run(["rm", "\(agent.state.path)/somebody"])
        try Lab.wait(within: 60, for: "nothing more to be amiss; \(agent.log)") {
            try !status().contains("storage     ") && !status().contains("not told yet")
        }
        try Lab.wait(within: 60, for: "the gap; \(agent.log)") { try !fleet.events(kind: "gap").isEmpty }
        try Lab.wait(within: 60, for: "the end of the trouble; \(agent.log)") {
            try fleet.list(["incident", "list"]).contains { "\($0)".contains("takes everything again; before: ") }
        }
        let proved = try fleet.control(["policy", "push", try policy(9), "--wait", "20s"])
        #expect(proved.contains(": proved"), "\(proved)")
        try expectGuarded()
        #expect(try fleet.gateway()["state"] as? String == "connected", "nobody takes it for a copy")
    }

    @Test func aDiskThatBecomesReadOnlyRefusesPoliciesAndNothingElse() throws {
        defer { lab.close() }
        try start()
        try hold()
        try agent.kill()
        try lab.gateway.run(["mount", "-o", "remount,ro", agent.state.path])
        // Twice: the second start has the same number as the first, and is no other host.
        for _ in 0..<2 {
            try agent.start()
            try Lab.wait(within: 40, for: "the gateway to be connected; \(agent.log)") {
                try fleet.gateway()["state"] as? String == "connected"
                    && agent.log.contains("connected to the collector")
            }
            try expectGuarded()
            #expect(try kernelGeneration() == 7)
            try agent.kill()
        }
        try agent.start()
        try Lab.wait(within: 40, for: "the connection; \(agent.log)") {
            agent.log.contains("connected to the collector")
        }
        try fleet.control(["policy", "push", try policy(8)])
        try Lab.wait(within: 20, for: "the refusal; \(agent.log)") {
            agent.log.contains("policy refused: storage") && agent.log.contains("Read-only file system")
        }
        #expect(try kernelGeneration() == 7)
        #expect(agent.log.contains("the state directory does not take what the agent writes"))

        // Writable again: the start gets a number of its own, and what was lost is told.
        try lab.gateway.run(["mount", "-o", "remount,rw", agent.state.path])
        try Lab.wait(within: 60, for: "the gap; \(agent.log)") { try !fleet.events(kind: "gap").isEmpty }
        let proved = try fleet.control(["policy", "push", try policy(9), "--wait", "20s"])
        #expect(proved.contains(": proved"), "\(proved)")
        try expectGuarded()
        #expect(try fleet.gateway()["state"] as? String == "connected", "nobody takes it for a copy")
    }
}
