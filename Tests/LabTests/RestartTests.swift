import Foundation
import Lab
import NetworkTypes
import Policy
import TestSupport
import Testing

/// An agent that dies, and one that comes after it: what devices were told stays good, and what is enforced stays enforced.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct RestartTests {
    private static let camera = "ac:cc:8e:01:02:03"
    private static let element = "\(camera) . \(LabAddress.cloud) . tcp . 443"

    private static func rules(_ more: [AllowRule] = []) -> (inout PolicyBundle) throws -> Void {
        { bundle in bundle.baseline.unknown.allow = [.to("cloud.camera.example", .tcp(443))] + more }
    }

    @Test("learned addresses stay in the kernel while the agent is dead, and their names with the next one")
    func namesSurvive() throws {
        let enforced = try EnforcedFleet(
            prepare: { try $0.lab.camera.shell("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6") },
            Self.rules()
        )
        defer { enforced.lab.close() }
        let (lab, agent) = (enforced.lab, enforced.agent)
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try enforced.waitUntilHeld(Self.camera, LabAddress.camera)
        func isThere() throws -> Bool {
            try enforced.nft("list", "set", "inet", "gatehouse", "names4").contains(Self.element)
        }
        #expect(try !isThere())
        #expect(try lab.camera.attempt(["getent", "ahostsv4", "cloud.camera.example"]).status == 0)
        #expect(try isThere())
        try Lab.wait(within: 30, for: "the names on disk; \(agent.log)") {
            let file = agent.state.appendingPathComponent("names")
            return (try? Data(contentsOf: file))?.range(of: Data("cloud.camera.example".utf8)) != nil
        }
        // One connection that goes on, and one new after another, none of which asks for a name again.
        let knock = """
            import socket, time
            first = socket.create_connection(("\(LabAddress.cloud)", 443), 3)
            print("knocking")
            while True:
                time.sleep(0.03)
                for address, expected in [("\(LabAddress.cloud)", True), ("\(LabAddress.tracker)", False)]:
                    try:
                        socket.create_connection((address, 443), 3).close(); reached = True
                    except OSError:
                        reached = False
                    print("knock" if reached == expected else "WRONG " + address)
            """
        let knocking = try lab.camera.start(["/usr/bin/python3", "-u", "-c", knock], label: "knocking")
        try knocking.wait(forOutput: "knock\n")
        func moreKnocks(_ words: String) throws {
            let before = knocking.output.count
            try Lab.wait(within: 20, for: "knocks \(words); \(knocking.output.suffix(200))") {
                knocking.output.count > before + 100
            }
        }
        try agent.kill()
        try moreKnocks("while it is dead")
        #expect(try isThere())
        try agent.start()
        try enforced.waitUntilConnected()
        try moreKnocks("afterwards")
        #expect(try isThere())
        #expect(!knocking.output.contains("WRONG"), "\(knocking.output.suffix(400))")
        // The name is known, not the element alone: another policy that allows it, and more, keeps it.
        try enforced.push(8, Self.rules([.to("updates.camera.example", .tcp(443))]))
        #expect(try isThere())
        try moreKnocks("under the next policy")
        #expect(!knocking.output.contains("WRONG"), "\(knocking.output.suffix(400))")
        // And one that does not allow it takes it.
        try enforced.push(9) { $0.baseline.unknown.allow = [.to("updates.camera.example", .tcp(443))] }
        #expect(try !isThere())
        try knocking.wait(forOutput: "WRONG \(LabAddress.cloud)", withinSeconds: 20)
    }

    @Test("quarantine ends when its time is over, and is twice as long for whoever comes back, also across a restart")
    func quarantineComesBack() throws {
        let enforced = try EnforcedFleet(
            more: "scan: { destinations: 8, quarantine: 4s }",
            prepare: { try $0.lab.camera.shell("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6") },
            Self.rules()
        )
        defer { enforced.lab.close() }
        let (lab, agent) = (enforced.lab, enforced.agent)
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try enforced.waitUntilHeld(Self.camera, LabAddress.camera)
        for seconds in [4, 8] {
            let scan = """
                import socket, time
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                # Of more than ten a second the log would tell of the first few again and again.
                for last in range(1, 21):
                    s.sendto(b"x", ("192.0.2.%d" % last, 9)); time.sleep(0.1)
                """
            // Half a second after the kernel has let it out, the agent does not count yet what it does.
            try Lab.wait(within: 20, for: "the quarantine; \(agent.log)") {
                try lab.camera.run(["/usr/bin/python3", "-c", scan])
                return try enforced.isQuarantined(Self.camera)
            }
            try Lab.wait(within: 20, for: "the report; \(agent.log)") {
                try fleetSummaries(enforced).contains { $0.hasPrefix("Put into quarantine for \(seconds) s: scan; ") }
            }
            if seconds == 8 {
                // The kernel holds it meanwhile, and the next agent knows how long.
                try agent.kill()
                #expect(try enforced.isQuarantined(Self.camera))
                try agent.start()
                try enforced.waitUntilConnected()
            }
            try Lab.wait(within: 40, for: "its end; \(agent.log)") { try !enforced.isQuarantined(Self.camera) }
            try Lab.wait(within: 20, for: "the camera to reach its cloud again; \(agent.log)") {
                try lab.camera.attempt(["getent", "ahostsv4", "cloud.camera.example"]).status == 0
            }
        }
    }

    private func fleetSummaries(_ enforced: EnforcedFleet) throws -> [String] {
        try enforced.fleet.list(["incident", "list", "--limit", "500"]).compactMap { $0["summary"] as? String }
    }
}
