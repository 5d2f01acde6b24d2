import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// 200 devices, one of them with 50 addresses and then more than a device may have, under a policy of 2,000 names: all in
/// the real kernel.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct ScaleTests {
    private static let devices = 200
    private static let names = 2000

    private static func bound(_ lab: Lab, _ set: String) throws -> Set<String> {
        let text = try lab.gateway.run(["nft", "-j", "list", "set", "inet", "gatehouse", set], withinSeconds: 60)
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let items = value?["nftables"] as? [[String: Any]] ?? []
        let elements = items.compactMap { ($0["set"] as? [String: Any])?["elem"] as? [[String: Any]] }.first ?? []
        return Set(elements.compactMap { ($0["concat"] as? [String])?.joined(separator: " ") })
    }

    private static func wait(_ what: String, _ agent: LabAgent, until condition: () throws -> Bool) throws {
        try Lab.wait(within: 120, for: "\(what); \(agent.log.suffix(2000))", until: condition)
    }

    @Test func twoHundredDevicesAndTwoThousandNames() throws {
        let key = try Ed25519SigningKey.generate()
        let keys = [Hexadecimal.encode(key.publicKey).text]
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600, credits: 200, policyKeys: keys)
        defer { fleet.lab.close() }
        let (lab, agent) = (fleet.lab, fleet.agent)
        let names = (1...Self.names).map { "host-\($0).cloud-\($0 % 17).example" }
        // The answers to all of them, from the lab's own name server.
        let hosts = names.enumerated().map { "192.0.2.\($0.offset % 250 + 1) \($0.element)" }.joined(separator: "\n")
        try Data((hosts + "\n").utf8).write(to: URL(fileURLWithPath: agent.path("hosts")))
        try lab.internet.shell("ip address add 192.0.2.250/32 dev lo")
        let resolver = try lab.internet.start(
            [
                "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-", "--no-resolv",
                "--no-hosts", "--addn-hosts=\(agent.path("hosts"))", "--listen-address=192.0.2.250",
                "--bind-interfaces",
            ],
            label: "names"
        )
        try agent.configure(
            host: LabAddress.central,
            policyKeys: keys,
            enforces: true,
            more: "dns: { upstreams: [192.0.2.250] }"
        )
        try agent.start()
        try Self.wait("the agent to connect", agent) { try agent.isConnected() }
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        let many = Peer.command("many.py", ["\(Self.devices)", "50"])
        try lab.sensor.run(many, withinSeconds: 60)
        try Self.wait("the devices", agent) { try agent.counter("devices") >= Self.devices + 1 }

        let envelope = try RefusedPolicyTests.envelope(key) { bundle in
            let https = PortRange(transport: .tcp, first: 443, last: 443)
            bundle.baseline.unknown.allow = names.compactMap { NamePattern(ByteString(utf8: $0)) }.map {
                AllowRule(to: .name($0), ports: [https])
            }
        }
        let file = agent.path("policy.cose")
        try Data(envelope).write(to: URL(fileURLWithPath: file))
        let begin = ContinuousClock.now
        let proved = try fleet.control(["policy", "push", file, "--wait", "25s"])
        #expect(proved.contains(": proved"), "\(proved)")
        let milliseconds = try fleet.list(["policy", "status"]).first?["pushToProofMilliseconds"] ?? "?"
        print(
            """
            \(Self.devices) devices, \(Self.names) names, \(envelope.count) bytes: push to proof \(milliseconds) ms \
            (with gatehousectl \(ContinuousClock.now - begin)), \(try agent.status()?["residentKiB"] ?? "?") KiB resident
            """
        )

        // Every device, and every address of the one that has many.
        let four = try Self.bound(lab, "bound4")
        for number in 0..<Self.devices {
            let mac = "02:00:00:00:00:" + (number < 16 ? "0" : "") + String(number, radix: 16)
            // As many.py has it: no address of a device of the lab.
            let address = (95..<110).contains(number) ? 140 + number : 2 + number
            #expect(four.contains("\(mac) 192.168.50.\(address)"))
        }
        let six = try Self.bound(lab, "bound6")
        let last = "02:00:00:00:00:" + String(Self.devices - 1, radix: 16)
        for index in 1...50 {
            #expect(six.contains("\(last) 2001:db8:50::1:\(String(index, radix: 16))"))
        }
        #expect(try agent.counter("devices.addressesTurnedAway") == 0)
        #expect(try agent.counter("enforcement.turnedAway") == 0)
        #expect(try agent.counter("enforcement.refused") == 0)

        // Names from the whole list, asked by a real device; their addresses are in the kernel before the answer is.
        for (place, name) in names.enumerated() where place % 97 == 0 || place == names.count - 1 {
            let answer = try lab.camera.run(["getent", "ahostsv4", name])
            let address = "192.0.2.\(place % 250 + 1)"
            #expect(answer.contains(address), "\(name): \(answer)")
            #expect(
                try lab.gateway.run([
                    "nft", "get", "element", "inet", "gatehouse", "names4",
                    "{ ac:cc:8e:01:02:03 . \(address) . tcp . 443 }",
                ])
                .contains(address)
            )
        }
        #expect(try lab.camera.attempt(["getent", "ahostsv4", "host-2001.cloud-1.example"]).status != 0)
        #expect(resolver.isRunning)

        // More addresses than a device may have: the newest are held, and the others counted and told.
        let limit = 64
        try lab.sensor.run(Peer.command("many.py", ["\(Self.devices)", "80"]), withinSeconds: 60)
        try Self.wait("addresses to be turned away", agent) { try agent.counter("devices.addressesTurnedAway") > 0 }
        try Self.wait("the newest address to be held", agent) {
            try Self.bound(lab, "bound6").contains("\(last) 2001:db8:50::1:50")
        }
        let held = try Self.bound(lab, "bound6").count { $0.hasPrefix(last) }
        #expect(held <= limit && held > 50, "\(held)")
        #expect(try lab.gateway.attempt(agent.command("verify"), withinSeconds: 60).status == 0)
        #expect(try agent.counter("enforcement.refused") == 0)
    }
}
