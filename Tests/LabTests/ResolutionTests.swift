import Foundation
import Lab
import TestSupport
import Testing

/// Where the collector is: several addresses, a resolver that is silent, and the addresses of yesterday.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasWrongCollector, "needs a lab, the agent beside the tests, and GATEHOUSE_PEERS_PYTHON")
)
struct ResolutionTests {
    @Test func triesAllAddressesAndDoesNotWaitForTheResolver() throws {
        // A certificate that is not to be renewed here.
        let centre = try WrongCollector(host: "collector.lab", goneSeconds: 10, leftSeconds: 3600)
        defer { centre.lab.close() }
        let agent = centre.agent
        let lab = centre.lab
        try centre.start("good")
        // Nobody listens at the first address, which IPv6 makes the preferred one.
        try Data("127.0.0.1 localhost\n2001:db8:200::10 collector.lab\n\(LabAddress.central) collector.lab\n".utf8)
            .write(to: URL(fileURLWithPath: agent.path("hosts")))
        try lab.gateway.shell("mount --bind \(agent.path("hosts")) /etc/hosts")
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        #expect(try agent.counter("uplink.disconnects") == 0, "no waiting between the addresses")
        let kept = try String(
            contentsOf: agent.state.appendingPathComponent("collector-addresses"),
            encoding: .utf8
        )
        #expect(kept == "collector.lab\n2001:db8:200::10\n\(LabAddress.central)")
        try agent.process?.stop()

        // The name is gone, and the resolver does not answer: packets to it vanish.
        try Data("127.0.0.1 localhost\n".utf8).write(to: URL(fileURLWithPath: agent.path("hosts")))
        try lab.gateway.shell(
            "umount /etc/hosts; mount --bind \(agent.path("hosts")) /etc/hosts\n"
                + "echo 'nameserver 192.0.2.99' > /etc/resolv.conf"
        )
        try agent.start()
        var answeredMeanwhile = false
        try Lab.wait(within: 60, for: "the agent to connect by the addresses of before; \(agent.log)") {
            let children = ["pgrep", "-P", String(agent.process?.pid ?? 0)]
            let wasResolving = try lab.gateway.attempt(children).output
            guard let status = try agent.status() else { return false }
            // The same child before and after: the status was answered while the resolver was waited for.
            if !wasResolving.isEmpty, try lab.gateway.attempt(children).output == wasResolving {
                answeredMeanwhile = true
            }
            return status["connected"] as? Bool == true
        }
        #expect(answeredMeanwhile, "\(agent.log)")
        #expect(try agent.counter("uplink.unresolved") == 1)
        #expect(try lab.gateway.attempt(["pgrep", "-P", String(agent.process?.pid ?? 0)]).output.isEmpty)
    }
}
