import Foundation
import NetworkTypes
import TestSupport
import Testing

@testable import AgentProgram

/// `doctor` on gateways that want one thing or another.
@Suite(.ownThread) struct DoctorTests {
    /// What it said of each check; those that it made twice, once.
    struct Report: Decodable {
        struct Check: Decodable {
            let check: String
            let status: String
            let detail: String
        }
        let result: String
        let checks: [Check]

        func status(_ name: String) -> String? { checks.first { $0.check == name }?.status }
        func detail(_ name: String) -> String { checks.first { $0.check == name }?.detail ?? "" }
    }

    /// Runs `doctor` in a namespace of its own, after `setUp`; `prefix` stands before the program.
    static func examine(
        _ setUp: String,
        prefix: String = "",
        configuration: String = "",
        in directory: URL
    ) async throws -> (report: Report, outcome: Programs.Outcome) {
        let file = directory.appending(path: "agent.yaml")
        let state = directory.appending(path: "state")
        try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
        try file.write(
            "collector: { host: 127.0.0.1, agentPort: 17443 }\ninterfaces: { devices: [br0], uplink: up0 }\n"
                + "stateDirectory: \(state.path)\n\(configuration)"
        )
        let program = Programs.path("gatehouse-agent")
        let outcome = try await Programs.run(
            "unshare",
            [
                "--net", "sh", "-c",
                "set -e; ip link set lo up; \(setUp)\n\(prefix) '\(program)' doctor --config '\(file.path)' -o json",
            ],
            in: directory
        )
        try #require(outcome.output.hasPrefix("{"), "\(outcome)")
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        return (report, outcome)
    }

    static let bridge = "ip link add br0 type bridge; ip addr add 10.9.0.1/24 dev br0; ip link set br0 up; "

    @Test(.enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
    func saysWhatIsWanting() async throws {
        try await TemporaryDirectory.with { directory in
            let (report, outcome) = try await Self.examine(Self.bridge, in: directory)
            #expect(outcome.status == 2 && report.result == "wanting", "\(outcome)")
            #expect(report.status("rights") == "ok")
            #expect(report.status("interface:br0") != "wanting")
            #expect(report.status("interface:up0") == "wanting")
            #expect(report.status("forwarding-ipv4") == "wanting")
            #expect(report.status("forwarding-ipv6") == nil, "no device has an IPv6 address")
            #expect(report.status("state-directory") == "ok")
            #expect(report.status("certificate") == "wanting")
            #expect(report.status("collector") == "wanting")
            #expect(report.detail("collector").contains("127.0.0.1:17443: Connection refused"))
            #expect(report.status("kernel:nf-tables") == "ok")
            #expect(report.status("kernel:capture-ring") == "ok")
            #expect(["ok", "notice"].contains(report.status("kernel:bridge-conntrack")))
            #expect(report.status("dns.port") == "ok" && report.status("port-53") == "ok")
            #expect(report.detail("conntrack-table").split(separator: " ").count > 3, "\(outcome.output)")
        }
    }

    @Test(.enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
    func noticesWhatStandsInTheWay() async throws {
        try await TemporaryDirectory.with { directory in
            let knowledge = directory.appending(path: "damaged")
            try knowledge.write("not a knowledge file")
            // Another resolver, and a program that has the agent's port: sockets that the agent's process inherits.
            let holder = directory.appending(path: "holder.py")
            try holder.write(
                """
                import os, socket, sys
                for port in [53, 10053]:
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    s.bind(("0.0.0.0", port))
                    os.set_inheritable(s.fileno(), True)
                    s.detach()
                os.execv(sys.argv[1], sys.argv[1:])
                """
            )
            let others = """
                ip link add up0 type veth peer name up1; ip addr add 192.0.2.2/24 dev up0; ip link set up0 up
                sysctl -qw net.ipv4.ip_forward=1
                nft -f - <<END
                table ip filter {
                chain FORWARD {
                type filter hook forward priority filter; policy drop;
                }
                chain watch {
                type filter hook forward priority 10; policy accept;
                }
                }
                table inet theirs {
                chain dns {
                type nat hook prerouting priority dstnat - 10; policy accept;
                }
                }
                END
                echo 99999999999 >\(directory.path)/state/time-floor
                """
            let (report, outcome) = try await Self.examine(
                Self.bridge + others,
                prefix: "python3 '\(holder.path)'",
                configuration: "knowledge: \(knowledge.path)\n",
                in: directory
            )
            #expect(outcome.status == 2, "\(outcome)")
            #expect(report.status("forwarding-ipv4") == "ok")
            #expect(report.status("interface:up0") == "ok" || report.status("interface:up0") == "notice")
            #expect(report.status("knowledge") == "wanting")
            #expect(report.status("clock") == "wanting")
            #expect(report.status("port-53") == "notice")
            #expect(report.status("dns.port") == "wanting")
            let chains = report.checks.filter { $0.check == "other-rules" }.map(\.detail)
            #expect(chains.count == 2, "\(chains)")
            #expect(chains.contains { $0.hasPrefix("table ip filter, chain FORWARD drops") })
            #expect(chains.contains { $0.hasPrefix("table inet theirs, chain dns is asked before") })
        }
    }

    @Test(.enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
    func saysWhatCouldNotBeAsked() async throws {
        try await TemporaryDirectory.with { directory in
            let (report, outcome) = try await Self.examine(
                Self.bridge,
                prefix: "setpriv --bounding-set=-all --inh-caps=-all",
                in: directory
            )
            #expect(outcome.status == 2)
            #expect(report.status("rights") == "wanting")
            for name in ["nf-tables", "ct-count", "log-socket", "ctnetlink", "capture-ring", "timeout-refresh"] {
                #expect(report.status("kernel:\(name)") == "not-asked", "\(name): \(report.detail("kernel:\(name)"))")
            }
            #expect(report.status("other-rules") == "not-asked")
        }
    }

    @Test func aWrongConfigurationIsNotExamined() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await Programs.run(
                Programs.path("gatehouse-agent"),
                ["doctor", "--config", directory.appending(path: "missing.yaml").path],
                in: directory
            )
            #expect(outcome.status == 78)
            #expect(outcome.output.isEmpty)
        }
    }

    @Test func chainsOfOthersAreReadWithTheirPriorities() {
        let chains = ForeignChain.all(
            in: """
                table ip filter {
                	chain FORWARD {
                		type filter hook forward priority filter; policy drop;
                	}
                	chain helper {
                	}
                }
                table inet gatehouse {
                	chain forward {
                		type filter hook forward priority filter - 5; policy accept;
                	}
                }
                table inet fw {
                	chain early {
                		type filter hook input priority -150; policy accept;
                	}
                	chain after {
                		type nat hook prerouting priority dstnat + 5; policy accept;
                	}
                	chain pre {
                		type filter hook prerouting priority raw; policy drop;
                	}
                }
                """
        )
        #expect(chains.map(\.name) == ["FORWARD", "early", "after", "pre"])
        #expect(chains.map(\.priority) == [0, -150, -95, -300])
        #expect(chains.map { $0.concern != nil } == [true, true, false, false])
    }
}
