import BlocklistBuilder
import Foundation
import Glibc
import KnowledgeBuilder
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// The whole agent as a gateway in a network namespace, and a device in another, whose curl asks for a refused name.
@Suite(.ownThread, .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
struct NoticeTests {
    /// Writes configuration, knowledge, a list and a signed policy; gives the configuration's path.
    private static func prepare(_ directory: URL, blocked: Bool) throws -> URL {
        let state = directory.appending(path: "state")
        try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
        let knowledge = directory.appending(path: "knowledge")
        try Data(KnowledgeBuilder.build(texts: [("vendors.yaml", "vendors: []\n")])).write(to: knowledge)
        var compiler = BlocklistCompiler()
        compiler.add(BlocklistSource(parsing: Array("ads.example\n".utf8)), to: "ads")
        try Data(try compiler.compile(key: (1, 2))).write(to: directory.appending(path: "lists"))
        let key = try SignedPolicy.write(into: state) {
            $0.baseline.unknown.mode = .enforce
            $0.baseline.unknown.dns.noticesBlocked = blocked
            $0.baseline.unknown.dns.blocklists = ["ads"]
        }
        let configuration = directory.appending(path: "agent.yaml")
        try configuration.write(
            """
            collector: { host: 192.0.2.1 }
            interfaces: { devices: [lan0], uplink: eth0 }
            stateDirectory: \(state.path)
            knowledge: \(knowledge.path)
            sysroot: \(directory.path)
            dns: { upstreams: [127.0.0.2], blocklists: \(directory.path)/lists }
            notice: { contact: "Bob <bob@example.com>" }
            trustedPolicyKeys: ["\(key)"]

            """
        )
        return configuration
    }

    /// Waits for a device's end of the cable, then stays; its resolver is the gateway.
    private static let device = """
        mount --make-rprivate / && mount --bind resolv.conf /etc/resolv.conf && ip link set lo up
        until ip link set eth0 up 2>/dev/null; do sleep 0.05; done
        ip address add 10.9.0.2/24 dev eth0 && ip address add fd09::2/64 dev eth0 nodad
        until ping -c1 -W1 10.9.0.1 && ping -c1 -W1 fd09::1; do sleep 0.1; done >/dev/null 2>&1
        exec sleep 1000
        """

    private static func with(
        blocked: Bool,
        _ body: (_ curl: ([String]) async throws -> Programs.Outcome, _ status: () async throws -> String) async throws
            -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let configuration = try prepare(directory, blocked: blocked)
            try directory.appending(path: "resolv.conf").write("nameserver 10.9.0.1\n")
            let program = Programs.path("gatehouse-agent")
            let device = try RunningProgram("unshare", ["--net", "--mount", "sh", "-ec", Self.device], in: directory)
            defer { device.send(SIGKILL) }
            let gateway = """
                ip link set lo up
                until ip link add lan0 type veth peer name eth0 netns \(device.pid) 2>/dev/null; do sleep 0.05; done
                ip link set lan0 up && ip address add 10.9.0.1/24 dev lan0 && ip address add fd09::1/64 dev lan0 nodad
                exec '\(program)' run --config '\(configuration.path)'
                """
            let agent = try RunningProgram("unshare", ["--net", "sh", "-ec", gateway], in: directory)
            defer { agent.send(SIGKILL) }
            func status() async throws -> String {
                try await Programs.run(program, ["status", "--config", configuration.path, "--json"], in: directory)
                    .output
            }
            try await agent.wait(for: "the device to be known") {
                let text = try await status()
                return text.contains("10.9.0.2") && text.contains("fd09::2")
            }
            func curl(_ arguments: [String]) async throws -> Programs.Outcome {
                let enter = ["--net", "--mount", "--target", "\(device.pid)", "curl", "-sSi", "--max-time", "5"]
                return try await Programs.run("nsenter", enter + arguments, in: directory)
            }
            try await body(curl, status)
        }
    }

    @Test func curlIsToldWhatWasRefusedByWhichPolicyAndWhomToAsk() async throws {
        try await Self.with(blocked: true) { curl, status in
            for family in ["-4", "-6"] {
                let page = try await curl([family, "http://x.ads.example/a?<script>"])
                #expect(page.output.hasPrefix("HTTP/1.1 403 Forbidden\r\n"), "\(page)")
                #expect(page.output.contains("<strong>x.ads.example</strong> is on the list <strong>ads</strong>"))
                #expect(page.output.contains("the policy <strong>unknown</strong>"), "\(page)")
                #expect(page.output.contains("ask: Bob &lt;bob@example.com&gt;") && !page.output.contains("script"))
            }
            let other = try await curl(["http://bank.example/", "--data", String(repeating: "x", count: 50_000)])
            #expect(other.output.contains("<strong>bank.example</strong> is not allowed by the policy"), "\(other)")
            // Over TLS it is refused at once, which is status 7 of curl, and no violation.
            let secure = try await curl(["https://bank.example/"])
            #expect(secure.status == 7, "\(secure)")
            var text = try await status()
            #expect(text.contains("\"notice.pages\":3"), "\(text)")
            #expect(text.contains("\"violations.packets\":0"), "\(text)")
            // The port itself is not open, nor another.
            for port in [10_080, 8080] {
                let direct = try await curl(["http://10.9.0.1:\(port)/"])
                #expect(direct.status == 7, "\(direct)")
            }
            text = try await status()
            #expect(text.contains("\"proved\":true") && text.contains("\"notice.pages\":3"), "\(text)")
        }
    }

    @Test func withoutANoticeTheNameDoesNotExistAndPort80IsClosed() async throws {
        try await Self.with(blocked: false) { curl, _ in
            let named = try await curl(["http://x.ads.example/"])
            #expect(named.status == 6, "\(named)")
            let direct = try await curl(["http://10.9.0.1/"])
            #expect(direct.status == 7, "\(direct)")
        }
    }
}
