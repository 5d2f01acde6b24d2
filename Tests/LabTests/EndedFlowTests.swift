import Foundation
import KnowledgeBuilder
import Lab
import NetworkTypes
import Policy
import TestSupport
import Testing

/// Flows of TCP, UDP and QUIC, over IPv4 and IPv6, that must end: a permission withdrawn by the collector, another identity,
/// quarantine. Each test prints how long after the cause the last message came back.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct EndedFlowTests {
    private static let camera = "ac:cc:8e:01:02:03"
    private static let clouds: [String] = [LabAddress.cloud, "2001:db8:2::80"]
    /// By kind and port; what is withdrawn, and what both generations allow.
    private static let withdrawn = ["tcp:4433", "udp:4433", "quic:443"]
    private static let kept = ["tcp:4434", "udp:4434"]

    /// What the cloud may be asked; all by address, so that what QUIC's Initial says is nobody's business.
    private static func rules(_ all: Bool) -> [AllowRule] {
        clouds.map { text in
            var rule = AllowRule.to(ByteString(utf8: text), .tcp(4434), .udp(4434))
            if all { rule.ports += [.tcp(4433), .udp(4433), .udp(443)] }
            return rule
        }
    }

    /// Servers, a camera with both its addresses, and a kernel that takes up flows in their middle.
    private static func prepare(_ enforced: EnforcedFleet) throws {
        let echo = try enforced.lab.internet.start(
            Peer.command("echoes.py", ["4433,4434,443"] + clouds),
            label: "echoes"
        )
        try echo.wait(forOutput: "echoing")
        try enforced.lab.gateway.shell("sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1")
    }

    private static func lease(_ enforced: EnforcedFleet, _ vendorClass: String = "udhcp 1.36.1") throws -> LabProcess {
        try enforced.lab.lease(enforced.lab.camera, hostname: "cam", vendorClass: vendorClass)
    }

    /// Begins flows of each kind to each address, and waits until all of them are answered.
    private static func begin(_ enforced: EnforcedFleet, _ kinds: [String]) throws -> LabProcess {
        try Lab.wait(within: 30, for: "the camera to be held with IPv6 too; \(enforced.agent.log)") {
            let addresses = try enforced.lab.camera.run([
                "ip", "-6", "-br", "address", "show", "eth0", "scope", "global",
            ])
            // Whoever says nothing is not seen.
            for gateway in [LabAddress.gateway, "2001:db8:50::1"] {
                _ = try enforced.lab.camera.attempt(["ping", "-n", "-c1", "-W1", gateway])
            }
            guard
                let own = addresses.split(whereSeparator: \.isWhitespace).first(where: { $0.contains("2001:db8:50:") })
            else { return false }
            let word = own.split(separator: "/").first.map(String.init) ?? ""
            return try enforced.nft("list", "set", "inet", "gatehouse", "bound6").contains("\(camera) . \(word)")
                && enforced.nft("list", "set", "inet", "gatehouse", "bound4").contains(
                    "\(camera) . \(LabAddress.camera)"
                )
        }
        let flows = try enforced.lab.camera.start(
            Peer.command("flows.py", kinds + clouds + ["--initial", QUICVectors.version1]),
            label: "flows"
        )
        try Lab.wait(within: 20, for: "all flows; \(flows.output) \(enforced.agent.log)") {
            events(flows, "open").count == kinds.count * clouds.count
        }
        return flows
    }

    private static func events(_ flows: LabProcess, _ event: String) -> [[String: Any]] {
        EnforcedFleet.lines(flows.output).filter { $0["event"] as? String == event }
    }

    /// Waits until all flows of `kinds` are lost, for good, and prints how long the slowest of each kind lived on.
    private static func expectEnd(
        _ flows: LabProcess,
        _ kinds: [String],
        since cause: Int,
        _ words: String,
        _ enforced: EnforcedFleet
    ) throws {
        func lost() -> [[String: Any]] {
            events(flows, "lost").filter { line in
                kinds.contains { (line["flow"] as? String)?.hasPrefix("\($0) ") == true }
            }
        }
        try Lab.wait(within: 20, for: "the end of \(kinds); \(flows.output.suffix(2000)) \(enforced.agent.log)") {
            Set(lost().compactMap { $0["flow"] as? String }).count == kinds.count * clouds.count
        }
        for kind in kinds {
            let last =
                lost().filter { ($0["flow"] as? String)?.hasPrefix(kind) == true }
                .compactMap { $0["last"] as? Int }.max() ?? 0
            print("     \(words): \(kind) answered for the last time after \(max(0, last - cause)) ms")
        }
    }

    /// What the kernel knows of connections is thrown away, while the flows that ended are still tried.
    private static func flushTracking(_ enforced: EnforcedFleet) throws {
        // IPCTNL_MSG_CT_DELETE without a tuple deletes all (linux/netfilter/nfnetlink_conntrack.h).
        let program = """
            import socket, struct
            s = socket.socket(16, socket.SOCK_RAW, 12)
            s.send(struct.pack("=IHHII", 20, 0x102, 5, 1, 0) + struct.pack("!BBH", 0, 0, 0))
            assert struct.unpack("=i", s.recv(4096)[16:20])[0] == 0
            """
        try enforced.lab.gateway.run(["/usr/bin/python3", "-c", program])
    }

    /// Time goes by, told by other flows or by knocking at what is refused: nothing that ended comes back meanwhile.
    private static func expectNoneIsBack(_ flows: LabProcess, _ enforced: EnforcedFleet) throws {
        let knock = "import socket; socket.create_connection(('\(LabAddress.tracker)', 443), 1)"
        for _ in 0..<10 { _ = try enforced.lab.camera.attempt(["/usr/bin/python3", "-c", knock]) }
        #expect(events(flows, "back").isEmpty, "\(events(flows, "back"))")
    }

    @Test(
        "a permission that the collector withdraws; what stays allowed is not disturbed, what ended does not come back"
    )
    func withdrawal() throws {
        let enforced = try EnforcedFleet(prepare: Self.prepare) {
            $0.baseline.unknown.allow = Self.rules(true)
        }
        defer { enforced.lab.close() }
        _ = try Self.lease(enforced)
        let flows = try Self.begin(enforced, Self.withdrawn + Self.kept)
        let cause = try enforced.push(8) { $0.baseline.unknown.allow = Self.rules(false) }
        try Self.expectEnd(flows, Self.withdrawn, since: cause, "withdrawn by the collector", enforced)
        let beats = Self.events(flows, "beat").count
        try Lab.wait(within: 10, for: "those that stay; \(flows.output.suffix(2000))") {
            Self.events(flows, "beat").count >= beats + 3 * Self.kept.count * Self.clouds.count
        }
        let lost = Set(Self.events(flows, "lost").compactMap { $0["flow"] as? String })
        #expect(!lost.contains { flow in Self.kept.contains { flow.hasPrefix($0) } }, "\(lost)")
        try Self.flushTracking(enforced)
        try Self.expectNoneIsBack(flows, enforced)
    }

    @Test("quarantine, of a device that begins to scan")
    func quarantine() throws {
        let enforced = try EnforcedFleet(prepare: Self.prepare) {
            $0.baseline.unknown.allow = Self.rules(true)
        }
        defer { enforced.lab.close() }
        _ = try Self.lease(enforced)
        let flows = try Self.begin(enforced, Self.withdrawn + Self.kept)
        let scan = try enforced.lab.camera.start(
            Peer.command("scan.py", [LabAddress.camera, "--packets", "40", "--per-second", "100"]),
            label: "scan"
        )
        try scan.wait(forOutput: "\"done\"", withinSeconds: 20)
        let first = EnforcedFleet.lines(scan.output).first?["at"] as? Int ?? 0
        try Self.expectEnd(flows, Self.withdrawn + Self.kept, since: first, "scan to quarantine", enforced)
        #expect(try enforced.isQuarantined(Self.camera))
        try Self.flushTracking(enforced)
        try Self.expectNoneIsBack(flows, enforced)
    }

    private static let knowledge = """
        - rule: axis
          when: { dhcp.vendorClass: { prefix: "AXIS," } }
          says: { class: ip-camera, vendor: Axis }
          weight: 0.95
          source: https://example.com/
          examples: ["AXIS,Network Camera"]
          counterexamples: ["MSFT 5.0"]
        - rule: windows
          when: { dhcp.vendorClass: { prefix: "MSFT 5.0" } }
          says: { os: Windows }
          weight: 0.6
          source: https://example.com/
          examples: ["MSFT 5.0"]
          counterexamples: ["AXIS,"]

        """

    @Test("another identity: what says that it is a computer has no camera's permissions")
    func identity() throws {
        let enforced = try EnforcedFleet(
            prepare: { enforced in
                let knowledge = try KnowledgeBuilder.build(texts: [
                    ("rules.yaml", Self.knowledge),
                    ("vendors.yaml", "vendors:\n  - { name: Axis, register: [\"axis *\"] }\n"),
                ])
                try Data(knowledge).write(to: URL(fileURLWithPath: enforced.agent.path("knowledge.bin")))
                try Self.prepare(enforced)
            },
            { bundle in
                var cameras = Allowlist(name: "cameras")
                cameras.match.classes = [.ipCamera]
                cameras.match.vendors = ["axis"]
                cameras.onContradiction = .unknown
                cameras.allow = Self.rules(true)
                bundle.allowlists = [cameras]
                bundle.baseline.unknown.allow = Self.rules(false)
            }
        )
        defer { enforced.lab.close() }
        func policies() throws -> String { try enforced.nft("list", "map", "inet", "gatehouse", "policies") }
        _ = try Self.lease(enforced, "AXIS,Network Camera,M3045-V,9.80.1")
        try Lab.wait(within: 30, for: "the camera's policy; \(enforced.agent.log)") {
            try policies().contains("\(Self.camera) : goto policy_cameras")
        }
        let flows = try Self.begin(enforced, Self.withdrawn + Self.kept)
        let cause = EnforcedFleet.now()
        // Its addresses stay as they are.
        try enforced.lab.camera.run([
            "busybox", "udhcpc", "-q", "-n", "-i", "eth0", "-s", "/bin/true", "-x", "hostname:pc", "-V", "MSFT 5.0",
        ])
        try Self.expectEnd(flows, Self.withdrawn, since: cause, "another identity by DHCP", enforced)
        #expect(try policies().contains("\(Self.camera) : goto policy_unknown"))
        let beats = Self.events(flows, "beat").count
        try Lab.wait(within: 10, for: "those that stay; \(flows.output.suffix(2000))") {
            Self.events(flows, "beat").count >= beats + Self.kept.count * Self.clouds.count
        }
        try Self.flushTracking(enforced)
        try Self.expectNoneIsBack(flows, enforced)
    }
}
