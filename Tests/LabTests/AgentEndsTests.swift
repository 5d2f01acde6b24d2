import Foundation
import Lab
import NetworkTypes
import Policy
import TestSupport
import Testing

/// The agent is killed, or hangs: the kernel goes on enforcing, and what becomes of the devices' DNS is the policy's to say.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasAgent, "needs a lab, and the programs beside the tests")
)
struct AgentEndsTests {
    private static let infected = "3c:ef:8c:01:02:03"
    private static let learned = "ac:cc:8e:01:02:03 . \(LabAddress.cloud) . tcp . 443"

    @Test(arguments: [SIGKILL, SIGSTOP]) func enforcementStaysWithoutTheAgentAndThroughItsNextStart(signal: Int32)
        throws
    {
        // Its time is over: it may not come into force any more, and where it is in force it stays.
        let guarded = try GuardedLab(more: "scan: { quarantine: 15s }") { bundle in
            bundle.issuedAtSeconds -= 172_800
            bundle.notAfterSeconds = bundle.issuedAtSeconds + 86_400
        }
        let (lab, agent) = (guarded.lab, guarded.agent)
        defer { lab.close() }
        try guarded.start()
        try guarded.admitCamera()
        _ = try lab.startInfected()
        let transfer = try guarded.transfer()
        let knocking = try guarded.knock(from: lab.camera)
        try Lab.wait(within: 20, for: "the infected device to be held; \(agent.log)") {
            try guarded.reaches(LabAddress.broker, 8883, from: lab.infected)
        }
        func isQuarantined() throws -> Bool {
            try guarded.kernel("set", "inet", "gatehouse", "quarantined").contains(Self.infected)
        }
        let scan = try lab.startScan()
        try Lab.wait(within: 20, for: "quarantine; \(agent.log)", until: isQuarantined)
        try scan.stop()

        // Nobody is there to end the quarantine but the kernel.
        try agent.process?.send(signal: signal)
        if signal == SIGKILL { try agent.process?.wait() }
        #expect(try isQuarantined())
        #expect(try !guarded.reaches(LabAddress.broker, 8883, from: lab.infected))
        try guarded.waitForBeats(of: transfer)
        try guarded.wait(rounds: 10, of: knocking)
        // A new connection to an address that was learned before.
        #expect(try guarded.kernel("set", "inet", "gatehouse", "names4").contains(Self.learned))
        #expect(try guarded.reaches(LabAddress.cloud))
        try Lab.wait(within: 60, for: "the kernel to end the quarantine") { try !isQuarantined() }
        #expect(try guarded.reaches(LabAddress.broker, 8883, from: lab.infected))

        // The next start: what was learned is in the kernel at every moment.
        let watching = try lab.gateway.start(
            [
                "/bin/sh", "-c",
                """
                while [ ! -e '\(agent.path("watch.stop"))' ]; do
                    if nft list set inet gatehouse names4 | grep -q '\(Self.learned)'
                    then echo there; else echo gone; fi
                done
                """,
            ],
            label: "watching"
        )
        try watching.wait(forOutput: "there")
        if signal == SIGKILL {
            try guarded.start()
        } else {
            // As systemd does when the watchdog is not fed.
            try agent.kill()
            try guarded.start()
        }
        try Lab.wait(within: 20, for: "answers; \(agent.log)") { try guarded.isAnswered() }
        try guarded.waitForBeats(of: transfer)
        try guarded.wait(rounds: 10, of: knocking)
        try Data().write(to: URL(fileURLWithPath: agent.path("watch.stop")))
        try Lab.wait(within: 10, for: "the watcher's end") { !watching.isRunning }
        #expect(!watching.output.contains("gone"))
        #expect(!knocking.output.contains("through"), "\(knocking.output)")
        #expect(!transfer.output.contains("\"lost\""))
        #expect(try lab.gateway.attempt(agent.command("verify")).status == 0)
    }

    @Test(arguments: [false, true], [SIGKILL, SIGSTOP])
    func thePolicySaysWhatBecomesOfDNSOfBothFamilies(failsOpen: Bool, signal: Int32) throws {
        let upstreams = "\(LabAddress.resolver), \"2001:db8:2::53\""
        let guarded = try GuardedLab(more: "dns: { upstreams: [\(upstreams)], failAfter: 3s }") {
            $0.baseline.unknown.dns.answersOnlyAllowed = false
            $0.baseline.unknown.dns.failsOpen = failsOpen
        }
        let (lab, agent) = (guarded.lab, guarded.agent)
        defer { lab.close() }
        try guarded.start()
        try guarded.admitCamera()
        // Nobody has these addresses: whoever answers is not who was asked. Nothing but questions comes from the camera's IPv6
        // address, and by these it is bound, also where the kernel redirects them before they are captured (br_netfilter).
        try Lab.wait(within: 30, for: "the camera's global IPv6 address; its other one asks first") {
            let addresses = try lab.camera.run(["ip", "-6", "address", "show", "scope", "global"])
            return addresses.contains("2001:db8:50:") && !addresses.contains("tentative")
        }
        let resolvers = ["203.0.113.99", "2001:db8:99::1"]
        for resolver in resolvers {
            try Lab.wait(within: 20, for: "an answer at \(resolver); \(agent.log)") {
                try guarded.isAnswered(at: resolver)
            }
        }
        try agent.process?.send(signal: signal)
        if signal == SIGKILL { try agent.process?.wait() }
        for resolver in resolvers {
            if failsOpen {
                try Lab.wait(within: 30, for: "an answer at \(resolver) without the agent") {
                    try guarded.isAnswered(at: resolver)
                }
            } else {
                // Longer than `failAfter`.
                for _ in 0..<6 { #expect(try !guarded.isAnswered(at: resolver)) }
            }
        }
        // Nothing else has come open.
        #expect(try !guarded.reaches(LabAddress.tracker) && (try !guarded.reaches("2001:db8:2::66")))
        if signal == SIGKILL { try guarded.start() } else { try agent.process?.send(signal: SIGCONT) }
        let before = try agent.counter("dns.queries")
        for resolver in resolvers {
            try Lab.wait(within: 30, for: "an answer of the agent at \(resolver); \(agent.log)") {
                try guarded.isAnswered(at: resolver)
            }
        }
        try Lab.wait(within: 10, for: "the agent to have answered") { try agent.counter("dns.queries") >= before + 2 }
    }
}
