import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// An address that the camera may reach for one name, and what happens when it asks the server there for another.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct ServerNameTests {
    private static func policy(_ key: Ed25519SigningKey) throws -> [UInt8] {
        let name = try #require(NamePattern("cloud.camera.example"))
        return try RefusedPolicyTests.envelope(key) { bundle in
            var cameras = Allowlist(name: "cameras")
            cameras.match.keys = ["mac:ac:cc:8e:01:02:03"]
            cameras.allow = [
                AllowRule(
                    to: .name(name),
                    ports: [
                        PortRange(transport: .tcp, first: 443, last: 443),
                        PortRange(transport: .udp, first: 443, last: 443),
                    ]
                )
            ]
            bundle.allowlists = [cameras]
        }
    }

    /// What the device printed, one object a line.
    private static func lines(_ output: String) -> [[String: Any]] {
        output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }

    private static func events(_ output: String) -> [String] { lines(output).compactMap { $0["event"] as? String } }

    private static func ask(_ fleet: LabFleet, _ arguments: [String]) throws -> String {
        let client = Peer.command("sharedaddress.py", ["cloud.camera.example"] + arguments)
        let output = try fleet.lab.camera.run(client, withinSeconds: 30)
        let last = lines(output).last ?? [:]
        let name = arguments.prefix(2).joined(separator: " ").prefix(60)
        print("     \(name): \(last["event"] ?? "") after \(last["milliseconds"] ?? "") ms")
        return output
    }

    /// The cloud's addresses: which the camera takes depends on whether it has an IPv6 address already.
    private static let clouds = [LabAddress.cloud, "2001:db8:2::80"]

    /// Asked for at once: the collector lists the newest, and a device in trouble has many.
    private static func waitForReport(of name: String, _ fleet: LabFleet) throws {
        try Lab.wait(within: 60, for: "the report of \(name); \(fleet.agent.log)") {
            try fleet.list(["incident", "list", "--kind", "violation", "--limit", "500"])
                .compactMap { $0["violation"] as? [String: Any] }
                .contains {
                    $0["reason"] as? String == "server-name" && clouds.contains($0["destination"] as? String ?? "")
                        && $0["destinationName"] as? String == name
                }
        }
    }

    @Test func anotherNameOnASharedAddressIsCut() throws {
        let key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600, credits: 50, policyKeys: keys)
        defer { fleet.lab.close() }
        let (lab, agent) = (fleet.lab, fleet.agent)
        try agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true)
        try Data(try Self.policy(key)).write(to: agent.state.appendingPathComponent("policy.cose"))
        let echo = try lab.internet.start(Peer.command("udpecho.py", [LabAddress.cloud]), label: "udpecho")
        try echo.wait(forOutput: "echoing")
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        try Lab.wait(within: 20, for: "the camera to be known; \(agent.log)") {
            try lab.camera.attempt(["getent", "ahostsv4", "cloud.camera.example"]).status == 0
        }

        let long = try lab.camera.start(
            Peer.command(
                "sharedaddress.py",
                ["cloud.camera.example", "--server-name", "cloud.camera.example", "--seconds", "0"]
            ),
            label: "allowed"
        )
        try long.wait(forOutput: "\"beat\"")

        let cut: [[String]] = [
            ["--server-name", "tracker.example"],
            ["--server-name", "pieces.tracker.example", "--pieces", "1", "4", "40", "30"],
            ["--server-name", "long.tracker.example", "--protocols", "160"],
        ]
        for arguments in cut {
            // Where the camera's kernel sends pieces again it joins them, and the filter of the capture knows them no more.
            var output = ""
            for _ in 0..<(arguments.contains("--pieces") ? 3 : 1) where Self.events(output).last != "lost" {
                output = try Self.ask(fleet, arguments + ["--seconds", "10"])
            }
            #expect(Self.events(output).last == "lost", "\(arguments): \(output) \(agent.log)")
            try Self.waitForReport(of: arguments[1], fleet)
        }
        #expect(try agent.counter("serverNames.refused") == cut.count)
        // It is the name, not the address, nor that there is none.
        for arguments in [["--server-name", "CLOUD.camera.example"], [], ["--protocols", "160"]] {
            let output = try Self.ask(fleet, arguments)
            #expect(Self.events(output).last == "kept", "\(arguments): \(output) \(agent.log)")
        }
        #expect(try agent.counter("serverNames.absent") == 2)
        // An Initial that asks for example.com (RFC 9001 appendix A.2).
        let initial = try Self.ask(fleet, ["--seconds", "10", "--datagram", QUICVectors.version1])
        #expect(Self.events(initial) == ["connected", "lost"], "\(initial) \(agent.log)")
        try Self.waitForReport(of: "example.com", fleet)
        let other = try Self.ask(fleet, ["--datagram", "01"])
        #expect(Self.events(other).last == "kept", "\(other)")

        // The transfer that was allowed went on all the while.
        let beats = Self.lines(long.output).count
        try Lab.wait(within: 10, for: "more of the transfer; \(long.output)") { Self.lines(long.output).count > beats }
        #expect(!Self.events(long.output).contains("lost"))
        #expect(try agent.counter("serverNames.refused") == cut.count + 1)
        #expect(try agent.status()?["generation"] as? Int == 7)

        #expect(try lab.gateway.run(["nft", "list", "set", "inet", "gatehouse", "cut4"]).contains("ac:cc:8e:01:02:03"))
    }
}
