import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// Debian's libfaketime.
private enum FakeClock {
    /// Where it is; nil where it is not installed.
    static let library: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return folders.map { "/usr/lib/\($0)/faketime/libfaketime.so.1" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
    }()
}

/// The gateway's clock stands at 1970 when the agent starts, and later jumps a year ahead and back: by libfaketime, which
/// leaves the monotonic clock alone, as the kernel does.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector && FakeClock.library != nil, "needs a lab, and Debian's faketime")
)
struct ClockTests {
    private static let year = 365 * 86_400
    private static let infected = "3c:ef:8c:01:02:03"

    @Test func nothingFollowsAClockThatJumps() throws {
        let key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600, credits: 50, policyKeys: keys)
        defer { fleet.lab.close() }
        let (lab, agent) = (fleet.lab, fleet.agent)
        try agent.configure(
            host: LabAddress.central,
            policyKeys: keys,
            enforces: true,
            more: "scan: { quarantine: 90s }"
        )
        let begin = Date().timeIntervalSince1970
        func setClock(_ offset: Int) throws {
            let file = URL(fileURLWithPath: agent.path("clock"))
            try Data("\(offset < 0 ? "" : "+")\(offset)\n".utf8).write(to: file, options: .atomic)
        }
        // The second of January 1970.
        try setClock(86_400 - Int(begin))
        try agent.start(environment: [
            "LD_PRELOAD": FakeClock.library ?? "", "FAKETIME_TIMESTAMP_FILE": agent.path("clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        ])
        func connected() throws {
            try Lab.wait(within: 60, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        }
        try connected()
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        _ = try lab.startInfected()
        func policy(_ generation: UInt64) throws -> String {
            let cloud = AllowRule(
                to: .name(try #require(NamePattern("cloud.camera.example"))),
                ports: [PortRange(transport: .tcp, first: 443, last: 443)]
            )
            let envelope = try RefusedPolicyTests.envelope(key) {
                $0.generation = generation
                $0.baseline.unknown.allow = [cloud]
            }
            let file = agent.path("policy-\(generation).cose")
            try Data(envelope).write(to: URL(fileURLWithPath: file))
            return file
        }
        #expect(try fleet.control(["policy", "push", try policy(7), "--wait", "20s"]).contains(": proved"))
        func reaches(_ address: String) throws -> Bool {
            let program = "import socket; socket.create_connection(('\(address)', 443), 2)"
            return try lab.camera.attempt(["/usr/bin/python3", "-c", program]).status == 0
        }
        func isAnswered() throws -> Bool {
            try lab.camera.attempt(["getent", "ahostsv4", "cloud.camera.example"]).status == 0
        }
        try Lab.wait(within: 30, for: "the camera to be held; \(agent.log)", until: isAnswered)
        let scan = try lab.startScan()
        func list(_ set: String) throws -> String {
            try lab.gateway.run(["nft", "list", "set", "inet", "gatehouse", set])
        }
        func isQuarantined() throws -> Bool { try list("quarantined").contains(Self.infected) }
        try Lab.wait(within: 30, for: "quarantine; \(agent.log)", until: isQuarantined)
        try scan.stop()
        let quarantineBegan = ContinuousClock.now

        var generation: UInt64 = 7
        for offset in [Self.year, -Self.year, 0] {
            try setClock(offset)
            // What the agent does by the clock happens within some of its ticks.
            let commits = try agent.counter("loop.wakeUps")
            try Lab.wait(within: 30, for: "ticks") { try agent.counter("loop.wakeUps") > commits + 10 }
            #expect(try isAnswered() && (try reaches(LabAddress.cloud)), "\(offset)")
            #expect(try !reaches(LabAddress.tracker), "\(offset)")
            #expect(try list("names4").contains("ac:cc:8e:01:02:03 . \(LabAddress.cloud) . tcp . 443"), "\(offset)")
            if ContinuousClock.now - quarantineBegan < .seconds(80) { #expect(try isQuarantined(), "\(offset)") }
            #expect(try lab.gateway.attempt(agent.command("verify")).status == 0, "\(offset)")
            #expect(try agent.isConnected() && !agent.log.contains("certificate ended"), "\(agent.log)")
            // Certificates are judged by the time that is known: a new connection comes about.
            try fleet.restartCollector()
            try connected()
            generation += 1
            let file = try policy(generation)
            #expect(try fleet.control(["policy", "push", file, "--wait", "20s"]).contains(": proved"), "\(offset)")
        }
        // It ends when its time is over, which no clock of the wall has changed.
        try Lab.wait(within: 150, for: "the end of the quarantine") { try !isQuarantined() }
        #expect(ContinuousClock.now - quarantineBegan > .seconds(60))

        // Reports carry the times at which they were made.
        let incidents = try fleet.list(["incident", "list", "--limit", "500"])
        #expect(!incidents.isEmpty)
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for incident in incidents {
            let text = try #require(incident["time"] as? String, "\(incident)")
            let time = try #require(formatter.date(from: text)).timeIntervalSince1970
            // The first few were made before the first connection: by the clock, but not from before what was known.
            #expect(abs(time - begin) < 86_400, "\(incident)")
        }
    }
}
