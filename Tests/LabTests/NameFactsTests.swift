import Foundation
import Lab
import NetworkTypes
import Policy
import TestSupport
import Testing

/// DNS of real devices through the real agent, from a name server that is honest, forged, or leads inside (`zone.py`).
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct NameFactsTests {
    private static let camera = "ac:cc:8e:01:02:03"
    private static let servers = ["192.0.2.54", "192.0.2.55"]
    private let enforced: EnforcedFleet
    private let zones: [LabProcess]
    private var lab: Lab { enforced.lab }

    init() throws {
        var zones: [LabProcess] = []
        enforced = try EnforcedFleet(
            more: "dns: { upstreams: [\(Self.servers.joined(separator: ", "))], timeout: 500ms }",
            prepare: { enforced in
                try enforced.lab.internet.shell(
                    """
                    for a in \(Self.servers.joined(separator: " ")); do ip address add $a/32 dev lo; done
                    ip route add local 192.0.2.128/25 dev lo
                    """
                )
                for (server, more) in zip(Self.servers, [[], ["--second"]] as [[String]]) {
                    zones.append(
                        try enforced.lab.internet.start(Peer.command("zone.py", [server] + more), label: "zone")
                    )
                }
                for zone in zones { try zone.wait(forOutput: "serving") }
                // The address that is asked for first would differ from run to run.
                for device in enforced.lab.devices {
                    try device.shell("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
                }
                let devices = [
                    (enforced.lab.camera, "axis"), (enforced.lab.sensor, "shelly"), (enforced.lab.recorder, "nas"),
                ]
                for (device, name) in devices {
                    _ = try enforced.lab.lease(device, hostname: name, vendorClass: "udhcp 1.36.1")
                }
            },
            { bundle in
                bundle.baseline.unknown.allow = [
                    .to("*.fast.example", .tcp(4430)), .to("*.camera.example", .tcp(4430)),
                    .to("10.20.0.0/16", .tcp(443)),
                ]
            }
        )
        self.zones = zones
        try enforced.waitUntilHeld(Self.camera, LabAddress.camera)
        try enforced.waitUntilHeld("a4:cf:12:0a:0b:0c", LabAddress.sensor)
    }

    private struct Answer {
        var code = -1
        var isTruncated = false
        var name = ""
        var records: [(name: String, type: Int, seconds: Int, value: String)] = []
        var values: [String] { records.map(\.value) }
    }

    private func ask(_ name: String, _ more: String..., from host: LabHost? = nil) throws -> Answer {
        let output = try (host ?? lab.camera).run(Peer.command("askdns.py", [name] + more))
        let line = EnforcedFleet.lines(output).first ?? [:]
        var answer = Answer()
        answer.code = line["code"] as? Int ?? -1
        answer.isTruncated = line["truncated"] as? Bool ?? false
        answer.name = line["name"] as? String ?? ""
        for record in line["answers"] as? [[Any]] ?? [] where record.count == 4 {
            answer.records.append(
                (
                    record[0] as? String ?? "", record[1] as? Int ?? -1, record[2] as? Int ?? -1,
                    record[3] as? String ?? ""
                )
            )
        }
        return answer
    }

    private func set() throws -> String { try enforced.nft("list", "set", "inet", "gatehouse", "names4") }

    /// What the name servers were asked for a name, over both.
    private func asked(_ name: String) -> [[String: Any]] {
        zones.flatMap { EnforcedFleet.lines($0.output) }.filter { ($0["name"] as? String)?.lowercased() == name }
    }

    @Test("the way is open when the answer comes: new names, and names that another device had asked for")
    func fillsBeforeTheReplyLeaves() throws {
        defer { lab.close() }
        func rush(_ host: LabHost) throws -> [String: Any] {
            let output = try host.run(
                Peer.command("askdns.py", ["--rush", LabAddress.resolver, "60", "fast.example", "4430"]),
                withinSeconds: 60
            )
            return EnforcedFleet.lines(output).first ?? [:]
        }
        let first = try rush(lab.camera)
        #expect(first["connected"] as? Int == 60 && first["refused"] as? Int == 0, "\(first) \(enforced.agent.log)")
        let hits = try enforced.agent.counter("dns.cacheHits")
        let second = try rush(lab.sensor)
        #expect(second["connected"] as? Int == 60 && second["refused"] as? Int == 0, "\(second)")
        #expect(try enforced.agent.counter("dns.cacheHits") >= hits + 60, "from the cache")
        // The control: who has not asked is refused there. The recorder never does.
        try enforced.waitUntilHeld("00:11:32:01:02:03", LabAddress.recorder)
        let connect = "import socket; socket.create_connection(('192.0.2.130', 4430), 3)"
        #expect(try lab.recorder.attempt(["/usr/bin/python3", "-c", connect]).output.contains("refused"))
        // One that no connection has used lives five minutes at least, and the answer says no more than that.
        #expect(try ask("f100.fast.example").records.map(\.seconds) == [300])
        let element =
            try set().split(whereSeparator: { "\n,".contains($0) }).first { $0.contains(" . 192.0.2.228 . ") } ?? ""
        let words = element.split(whereSeparator: { " }".contains($0) })
        let left = words.firstIndex(of: "expires").map { String(words[$0 + 1]) } ?? ""
        #expect(Self.seconds(left) >= 300, "\(element)")
        #expect(try ask("f1.fast.example").records.allSatisfy { $0.seconds <= 300 && $0.seconds > 0 })
    }

    /// nft's `9m58s720ms`, whole seconds.
    private static func seconds(_ text: String) -> Int {
        var (total, number, rest) = (0, 0, Substring(text))
        while let digit = rest.first {
            rest = rest.dropFirst()
            if let value = digit.wholeNumberValue {
                number = number * 10 + value
                continue
            }
            if digit == "m", rest.first == "s" { return total }
            total += number * (["d": 86_400, "h": 3600, "m": 60, "s": 1][digit] ?? 0)
            number = 0
        }
        return total
    }

    @Test(
        "the verdict is on the name asked; chains are followed, what does not belong, leads inside or hides names is not there"
    )
    func answers() throws {
        defer { lab.close() }
        let chain = try ask("chain.camera.example")
        #expect(chain.values == ["one.cdn.example", "two.cdn.example", "192.0.2.200"], "\(chain)")
        let inside = try ask("inside.camera.example")
        #expect(inside.values == ["192.0.2.201"], "\(inside)")
        #expect(try ask("lan.camera.example").values == ["10.20.0.5"], "a rule has that prefix")
        let service = try ask("svc.camera.example", "--type", "65")
        let binding = service.values.first ?? ""
        // Priority 1 and the root; ALPN; one address hint; no ech.
        #expect(binding == "000100" + "00010003026833" + "00040004c00002ca", "\(binding)")
        let forged = try ask("forged.camera.example")
        #expect(forged.values == ["192.0.2.203"], "\(forged)")
        #expect(try enforced.agent.counter("dns.mismatchedAnswers") >= 2)

        let listing = try set()
        for address in ["192.0.2.200", "192.0.2.201", "192.0.2.202", "192.0.2.203", "10.20.0.5"] {
            #expect(listing.contains("\(Self.camera) . \(address) . tcp . 4430 "), "\(address): \(listing)")
        }
        for address in [
            "192.0.2.66 ", "192.0.2.67 ", "10.1.2.3", "127.0.0.1", "169.254.", "192.168.50.104", "224.", "10.0.0.1 ",
        ] {
            #expect(!listing.contains(" . \(address)"), "\(address): \(listing)")
        }
        // What no rule names is not there, whoever would answer for it; nor what would lead round the gateway.
        for name in ["tracker.example", "camera.example", "dns.google", "use-application-dns.net", "mask.icloud.com"] {
            let refused = try ask(name)
            #expect(refused.code == 3 && refused.values.isEmpty, "\(name): \(refused)")
            #expect(asked(name).isEmpty, "\(name) went upstream")
        }
        #expect(try enforced.agent.counter("dns.refusedResolvers") == 3)
    }

    @Test("case of letters, sizes, TCP, denials and a silent name server")
    func transport() throws {
        defer { lab.close() }
        let mixed = try ask("CaSe.CamerA.example")
        #expect(mixed.name == "CaSe.CamerA.example" && mixed.values == ["192.0.2.205"], "\(mixed)")
        let forwarded = asked("case.camera.example")
        #expect(forwarded.first?["name"] as? String == "CaSe.CamerA.example", "\(forwarded)")
        #expect(forwarded.first?["id"] as? String != "1234", "an identifier of the agent's own")

        // 60 addresses have no room in 512 bytes; nor has an honest resolver any for a device that offers more than it should.
        let cut = try ask("big.camera.example")
        #expect(cut.isTruncated && cut.values.isEmpty, "\(cut)")
        let whole = try ask("big.camera.example", "--tcp")
        #expect(!whole.isTruncated && Set(whole.values).count == 60, "\(whole)")
        #expect(try ask("edns.camera.example", "--edns", "4096").values == ["192.0.2.205"])
        #expect(asked("edns.camera.example").first?["payload"] as? Int == 1232)

        for _ in 0..<2 { #expect(try ask("gone.camera.example").code == 3) }
        #expect(asked("gone.camera.example").count == 1, "a denial is kept")

        let late = try ask("late.camera.example")
        #expect(late.values == ["192.0.2.204"], "\(late) \(enforced.agent.log)")
        #expect(asked("late.camera.example").count == 2, "both were asked")
        // The second is asked first for a while.
        #expect(try ask("after.camera.example").values == ["192.0.2.205"])
        #expect(EnforcedFleet.lines(zones[1].output).contains { $0["name"] as? String == "after.camera.example" })
    }

    @Test("where the kernel takes no address, the device is told of none, until it takes them again")
    func kernelRefuses() throws {
        defer { lab.close() }
        #expect(try ask("f1.fast.example").values == ["192.0.2.129"])
        // A table with an owner can be changed by nobody else (nft(8), flag owner), and goes with him.
        let owner = try lab.gateway.start(
            [
                "/bin/sh", "-c",
                """
                (echo 'delete table inet gatehouse'; echo 'add table inet gatehouse { flags owner; }'; sleep 1000) | nft -i
                """,
            ],
            label: "owner"
        )
        try Lab.wait(within: 30, for: "another owner of the table; \(owner.output)") {
            try enforced.nft("list", "table", "inet", "gatehouse").contains("flags owner")
        }
        try Lab.wait(within: 30, for: "the agent to notice; \(enforced.agent.log)") {
            enforced.agent.log.contains("the kernel refused the ruleset")
        }
        // Nothing leads questions to the agent any more, so it is asked at its own port.
        let refused = try ask("f2.fast.example", "--port", "10053")
        #expect(refused.code == 2 && refused.values.isEmpty, "\(refused) \(enforced.agent.log)")
        #expect(try enforced.agent.counter("dns.fillFailures") >= 1)
        #expect(asked("f2.fast.example").count == 1, "the name server had answered")
        // Nor of one that it had been told before.
        let known = try ask("f1.fast.example", "--port", "10053")
        #expect(known.code == 2 && known.values.isEmpty, "\(known)")
        try owner.stop()
        try Lab.wait(within: 60, for: "the rules to come back; \(enforced.agent.log)") {
            try enforced.nft("list", "table", "inet", "gatehouse").contains("redirect to :10053")
        }
        #expect(try ask("f2.fast.example").values == ["192.0.2.130"])
        #expect(try set().contains("\(Self.camera) . 192.0.2.130 . tcp . 4430 "))
    }
}
