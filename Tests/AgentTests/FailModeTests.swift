import Foundation
import Glibc
import KnowledgeBuilder
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// A device, a gateway with the whole agent, and a resolver, each in a network namespace; then the agent is killed.
@Suite(.ownThread, .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
struct FailModeTests {
    private struct Stage {
        let directory: URL
        let configuration: URL
        let gateway: RunningProgram
        let device: RunningProgram
        let internet: RunningProgram
        static let program = Programs.path("gatehouse-agent")

        init(_ directory: URL, failsOpen: Bool) async throws {
            self.directory = directory
            configuration = try Stage.prepare(directory, failsOpen: failsOpen)
            func namespace() throws -> RunningProgram {
                try RunningProgram(
                    "unshare",
                    ["--net", "sh", "-c", "ip link set lo up; exec sleep 1000"],
                    in: directory
                )
            }
            (gateway, device, internet) = (try namespace(), try namespace(), try namespace())
            for host in [gateway, device, internet] {
                try await host.wait(for: "its loopback") {
                    try await Programs.run("nsenter", Stage.enter(host) + ["cat", "/proc/net/route"], in: directory)
                        .output.isEmpty == false
                        && Stage.isApart(host)
                }
            }
            try await shell(
                gateway,
                """
                ip link add lan0 type veth peer name eth0 netns \(device.pid)
                ip link add eth0 type veth peer name eth0 netns \(internet.pid)
                ip link set lan0 up; ip link set eth0 up
                ip address add 10.9.0.1/24 dev lan0; ip address add 198.51.100.2/24 dev eth0
                ip route add default via 198.51.100.1
                echo 1 > /proc/sys/net/ipv4/ip_forward
                """
            )
            try await shell(
                device,
                "ip link set eth0 up; ip address add 10.9.0.2/24 dev eth0; ip route add default via 10.9.0.1"
            )
            try await shell(
                internet,
                """
                ip link set eth0 up; ip address add 198.51.100.1/24 dev eth0; ip address add 192.0.2.53/32 dev lo
                ip route add 10.9.0.0/24 via 198.51.100.2
                """
            )
        }

        private static func enter(_ host: RunningProgram) -> [String] { ["--net", "--target", "\(host.pid)"] }

        private static func isApart(_ host: RunningProgram) -> Bool {
            func name(_ process: String) -> String? {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
            }
            return name("\(host.pid)") != name("self")
        }

        private static func prepare(_ directory: URL, failsOpen: Bool) throws -> URL {
            let state = directory.appending(path: "state")
            try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
            let knowledge = directory.appending(path: "knowledge")
            try Data(KnowledgeBuilder.build(texts: [("vendors.yaml", "vendors: []\n")])).write(to: knowledge)
            let key = try SignedPolicy.write(into: state) {
                $0.baseline.unknown.mode = .enforce
                $0.baseline.unknown.dns.answersOnlyAllowed = false
                $0.baseline.unknown.dns.failsOpen = failsOpen
            }
            let configuration = directory.appending(path: "agent.yaml")
            try configuration.write(
                """
                collector: { host: 192.0.2.1 }
                interfaces: { devices: [lan0], uplink: eth0 }
                stateDirectory: \(state.path)
                knowledge: \(knowledge.path)
                sysroot: \(directory.path)
                dns: { upstreams: [192.0.2.53], failAfter: 3s }
                trustedPolicyKeys: ["\(key)"]

                """
            )
            return configuration
        }

        func shell(_ host: RunningProgram, _ script: String) async throws {
            let outcome = try await Programs.run("nsenter", Stage.enter(host) + ["sh", "-ec", script], in: directory)
            try #require(outcome.status == 0, "\(outcome)")
        }

        func start(_ host: RunningProgram, _ command: [String]) throws -> RunningProgram {
            try RunningProgram("nsenter", Stage.enter(host) + command, in: directory)
        }

        /// Starts the agent, and has the device speak until it is known.
        func startAgent() async throws -> RunningProgram {
            let agent = try start(gateway, [Stage.program, "run", "--config", configuration.path])
            try await agent.wait(for: "the device to be known") {
                _ = try await Programs.run(
                    "nsenter",
                    Stage.enter(device) + ["ping", "-c1", "-W1", "10.9.0.1"],
                    in: directory
                )
                return try await Programs.run(Stage.program, ["status", "--config", configuration.path], in: directory)
                    .output.contains("mac:")
            }
            return agent
        }

        /// Whether the device gets an answer from the resolver that it was told of.
        func isAnswered(_ server: String) async throws -> Bool {
            let script = PeersPython.packageRoot.appending(path: "Tests/Lab/Peers/asknames.py").path
            let outcome = try await Programs.run(
                "nsenter",
                Stage.enter(device) + ["python3", "-B", script, "1", "1", "at", server, "53", "1"],
                in: directory
            )
            try #require(outcome.status == 0, "\(outcome)")
            return outcome.output.contains("{\"0\": 1}")
        }
    }

    /// Who asked the resolver last.
    private static func lastAsker(_ resolver: RunningProgram) throws -> String? {
        let lines = String(decoding: resolver.written, as: UTF8.self).split(separator: "\n")
        return try lines.last.flatMap { try JSONDecoder().decode(UpstreamTests.Seen.self, from: Data($0.utf8)).sni }
    }

    @Test(arguments: [true, false]) func policyDecidesWhatBecomesOfDNSWhenTheAgentIsKilled(failsOpen: Bool) async throws
    {
        try await TemporaryDirectory.with { directory in
            let stage = try await Stage(directory, failsOpen: failsOpen)
            defer { for host in [stage.gateway, stage.device, stage.internet] { host.send(SIGKILL) } }
            let script = PeersPython.packageRoot.appending(path: "Tests/Lab/Peers/resolver.py").path
            let resolver = try stage.start(stage.internet, ["python3", "-B", script, "192.0.2.53"])
            defer { resolver.send(SIGKILL) }
            let agent = try await stage.startAgent()
            defer { agent.send(SIGKILL) }
            // The one asked is no resolver at all: the agent answers, by way of its own.
            try await agent.wait(for: "an answer") { try await stage.isAnswered("203.0.113.99") }
            #expect(try Self.lastAsker(resolver) == "198.51.100.2")

            agent.send(SIGKILL)
            try await agent.wait()
            if failsOpen {
                try await resolver.wait(for: "an answer without the agent") {
                    try await stage.isAnswered("203.0.113.99")
                }
                #expect(try Self.lastAsker(resolver) == "10.9.0.2")
                // Nothing else has come open.
                let ping = ["--net", "--target", "\(stage.device.pid)", "ping", "-c1", "-W1", "192.0.2.53"]
                #expect(try await Programs.run("nsenter", ping, in: directory).status != 0)
            } else {
                for _ in 0..<5 { #expect(try await stage.isAnswered("203.0.113.99") == false) }
                #expect(try Self.lastAsker(resolver) == "198.51.100.2")
            }

            let again = try await stage.startAgent()
            defer { again.send(SIGKILL) }
            try await again.wait(for: "an answer of the agent") {
                let isAnswered = try await stage.isAnswered("203.0.113.99")
                return try isAnswered && Self.lastAsker(resolver) == "198.51.100.2"
            }
        }
    }
}
