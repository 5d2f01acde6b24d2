import Foundation
import Lab
import TestSupport
import Testing

/// Certificates of seconds: the real agent renews them at the real collector.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs namespaces, the lab's packages and the programs beside the tests")
)
struct RenewalTests {
    @Test func renewsAgainAndAgainAndLosesNothing() throws {
        let fleet = try LabFleet(certificateLifetimeSeconds: 15)
        defer { fleet.lab.close() }
        let agent = fleet.agent
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        let enrolled = try agent.serial()
        #expect(enrolled == (try fleet.keptSerials().last))
        let stop = agent.path("stop")
        let crowd = try fleet.lab.camera.start(Peer.command("crowd.py", [stop]), label: "crowd")

        try Lab.wait(within: 90, for: "three renewals; \(agent.log)") { try fleet.renewals().count >= 3 }
        try Data().write(to: URL(fileURLWithPath: stop))
        try crowd.wait(forOutput: "stopped")
        let serials = try fleet.keptSerials()
        #expect(Set(serials).count == serials.count && serials.count >= 4, "\(serials)")
        try Lab.wait(within: 20, for: "the agent to show the certificate that the collector issued last") {
            let serial = try agent.serial()
            return serial == (try fleet.keptSerials().first)
        }
        // The API, and so the console, shows the end of the same certificate.
        try Lab.wait(within: 20, for: "the API to show the certificate's end") {
            let expires = try fleet.gateway()["certificateExpires"] as? String ?? ""
            let end = try agent.status()?["certificateNotAfter"] as? Int ?? 0
            let formatter = ISO8601DateFormatter()
            formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            return formatter.date(from: expires)?.timeIntervalSince1970 == TimeInterval(end)
        }

        // Reports flowed all the time, three at most beyond what was acknowledged, over four connections and more.
        let announced = Set(crowd.output.split(separator: "\n").filter { $0.hasPrefix("mac:") }.map(String.init))
        #expect(announced.count > 50)
        try Lab.wait(within: 60, for: "every device to be at the collector") {
            announced.isSubset(of: Set(try fleet.list(["device", "list"]).compactMap { $0["key"] as? String }))
        }
        try Lab.wait(within: 60, for: "nothing to wait in the spool") { try agent.counter("spool.reports") == 0 }
        #expect(try fleet.events(kind: "gap").isEmpty)
        #expect(try fleet.events(kind: "incident").isEmpty, "no renewal failed and no clone was seen")
        #expect(try agent.counter("uplink.disconnects") == 0, "the uplink was never down")
        #expect(try agent.counter("certificate.renewals") >= 3)
        #expect(try agent.counter("certificate.failures") == 0)
        #expect(try fleet.metric("gatehouse_certificate_renewals_total") >= 3)
        #expect(try fleet.gateway()["state"] as? String == "connected")

        // Nobody but root may read the key; nothing of the renewals is left beside it.
        let names = try FileManager.default.contentsOfDirectory(atPath: agent.state.path)
        #expect(names.filter { $0.hasPrefix("gateway.") } == ["gateway.pem"])
        let attributes = try FileManager.default.attributesOfItem(
            atPath: agent.state.appendingPathComponent("gateway.pem").path
        )
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        // The pair on the disk is the one in force: a start finds the gateway's identity as it was.
        try agent.kill()
        try agent.start()
        try Lab.wait(within: 20, for: "the agent to connect again; \(agent.log)") { try agent.isConnected() }
    }

    @Test func aBanStopsItAndTheEndIsSaid() throws {
        let fleet = try LabFleet(certificateLifetimeSeconds: 20)
        defer { fleet.lab.close() }
        let agent = fleet.agent
        try agent.start()
        try Lab.wait(within: 60, for: "a renewal; \(agent.log)") { try fleet.renewals().count >= 1 }
        let id = try fleet.gateway()["id"] as? String ?? ""
        try fleet.control(["gateway", "ban", id, "--reason", "stolen"])
        try Lab.wait(within: 20, for: "the connection to end; \(agent.log)") { try !agent.isConnected() }
        let atBan = try fleet.renewals().count
        let serial = try agent.serial()

        try Lab.wait(within: 60, for: "the certificate's end to be said; \(agent.log)") {
            agent.log.contains("the gateway's certificate ended") && agent.log.contains("enrol anew")
        }
        #expect(try fleet.renewals().count == atBan)
        #expect(try agent.serial() == serial)
        let status = try fleet.lab.gateway.run(agent.command("status"))
        #expect(status.contains("certificate ended ") && status.contains("enrol anew"), "\(status)")
        // It goes on: what devices do is spooled.
        let before = try agent.counter("spool.reports")
        let stop = agent.path("stop")
        let crowd = try fleet.lab.camera.start(Peer.command("crowd.py", [stop]), label: "crowd")
        try Lab.wait(within: 20, for: "reports in the spool") { try agent.counter("spool.reports") >= before + 10 }
        try Data().write(to: URL(fileURLWithPath: stop))
        try crowd.wait(forOutput: "stopped")
        // And says it again at a start.
        try agent.kill()
        try agent.start()
        try agent.process?.wait(forOutput: "enrol anew")
        #expect(try agent.isConnected() == false)
        // What it says to do helps.
        try fleet.enrol()
        try agent.kill()
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect as another gateway; \(agent.log)") {
            try agent.isConnected()
        }
        #expect(try agent.serial() != serial)
    }
}
