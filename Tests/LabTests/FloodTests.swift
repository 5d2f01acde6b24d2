import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// A device that floods, from its packets to the operator who lets it out.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct FloodTests {
    private static let device = "ac:cc:8e:01:02:03"

    @Test func aFloodEndsInQuarantineWithItsPacketsKeptUntilAnOperatorLetsTheDeviceOut() throws {
        let key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600, credits: 50, policyKeys: keys)
        defer { fleet.lab.close() }
        let (lab, agent) = (fleet.lab, fleet.agent)
        try agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true)
        let documentation = try #require(IPPrefix("192.0.2.0/24"))
        let policy = try RefusedPolicyTests.envelope(key) { bundle in
            // A camera that was taken over floods what it is allowed to reach: every packet is one that a rule allows.
            bundle.baseline.unknown.allow = [
                AllowRule(
                    to: .prefix(documentation),
                    ports: [PortRange(transport: .tcp, first: 443, last: 443)]
                )
            ]
        }
        try Data(policy).write(to: agent.state.appendingPathComponent("policy.cose"))
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        let connect = "import socket; socket.create_connection(('\(LabAddress.cloud)', 443), 2)"
        func reaches() throws -> Bool { try lab.camera.attempt(["/usr/bin/python3", "-c", connect]).status == 0 }
        try Lab.wait(within: 20, for: "the camera to be known, and to reach its cloud; \(agent.log)", until: reaches)

        let flood = try lab.camera.start(
            [
                "/usr/bin/python3", "-u", "-c",
                """
                import socket
                while True:
                    s = socket.socket(); s.setblocking(False)
                    s.connect_ex(('\(LabAddress.cloud)', 443)); s.close()
                """,
            ],
            label: "flood"
        )
        func isQuarantined() throws -> Bool {
            try lab.gateway.run(["nft", "list", "set", "inet", "gatehouse", "quarantined"]).contains(Self.device)
        }
        try Lab.wait(within: 20, for: "the quarantine; \(agent.log)", until: isQuarantined)
        // It sends on, and fills its file.
        try Lab.wait(within: 20, for: "the packets that led there; \(agent.log)") {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: agent.state.path + "/evidence")) ?? []
            guard names.count == 1, names[0].hasSuffix("-accc8e010203.pcap") else { return false }
            let file = agent.state.path + "/evidence/" + names[0]
            return try lab.gateway.run(["tcpdump", "-n", "-r", file]).contains(" > \(LabAddress.cloud).443: Flags [S]")
        }
        try flood.stop()
        let incidents = try fleet.list(["incident", "list"]).compactMap { $0["summary"] as? String }
        #expect(
            incidents.contains {
                $0.hasPrefix("syn-flood: more than 100 a second, last to \(LabAddress.cloud) tcp 443")
            }
        )
        #expect(incidents.contains { $0.hasPrefix("Put into quarantine for 3600 s: flood; ") }, "\(incidents)")
        #expect(try !reaches())

        try fleet.control(["device", "release", "mac:\(Self.device)"])
        try Lab.wait(within: 20, for: "the release in the kernel; \(agent.log)") { try !isQuarantined() }
        try Lab.wait(within: 20, for: "the camera to reach its cloud again", until: reaches)
    }
}
