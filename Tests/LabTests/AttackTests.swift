import Foundation
import Lab
import NetworkTypes
import Policy
import TestSupport
import Testing

/// What a device that was taken over does, each kind with real packets: dropped, told with its numbers and targets, and the first
/// packets kept. Prints how long after the first packet the kernel held the device.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct AttackTests {
    private static let infected = "3c:ef:8c:01:02:03"

    /// One attack: what it is told as, to which target, and the Python that does it.
    private struct Attack {
        var kind: String
        /// What the incident's words begin with, or hold.
        var words: String
        /// What tcpdump shows of the packets that were kept.
        var packet: String
        var program: String
    }

    private static let attacks = [
        Attack(
            kind: "flood",
            words: "syn-flood: more than 100 a second, last to 192.0.2.80 tcp 443",
            packet: "> 192.0.2.80.443: Flags [S]",
            program: """
                while True:
                    s = socket.socket(); s.setblocking(False); s.connect_ex(("192.0.2.80", 443)); s.close()
                """
        ),
        Attack(
            kind: "flood",
            words: "udp-flood: more than 1000 a second, last to 192.0.2.66 udp 9999",
            packet: "> 192.0.2.66.9999: UDP",
            program: """
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                while True: s.sendto(b"x", ("192.0.2.66", 9999))
                """
        ),
        Attack(
            kind: "flood",
            words: "icmp-flood: more than 100 a second, last to 192.0.2.66 icmp",
            packet: "> 192.0.2.66: ICMP",
            program: """
                s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
                while True: s.sendto(struct.pack("!BBHHH", 8, 0, 0xF7FD, 1, 1), ("192.0.2.66", 0))
                """
        ),
        Attack(
            kind: "flood",
            words: "dns-flood: more than 500 a second, last to 192.168.50.1 udp 10053",
            packet: "> 192.168.50.1.10053: UDP",
            program: """
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                while True: s.sendto(b"x", ("192.168.50.1", 53))
                """
        ),
        Attack(
            kind: "flood",
            words: "protocol-flood: more than 50 a second, last to 192.0.2.66 gre",
            packet: "> 192.0.2.66: GRE",
            program: """
                s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
                while True: s.sendto(b"\\0\\0\\x08\\0" + b"x" * 20, ("192.0.2.66", 0))
                """
        ),
        Attack(
            kind: "scan",
            words: "refused packets to 16 addresses on port 7777",
            packet: ".7777: UDP",
            program: """
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                while True:
                    for last in range(101, 140):
                        s.sendto(b"x", ("192.0.2.%d" % last, 7777)); time.sleep(0.02)
                """
        ),
        Attack(
            kind: "scan",
            words: "refused packets to 1 address on ports 20",
            packet: "> 192.0.2.66.20",
            program: """
                while True:
                    for port in range(2000, 2100):
                        s = socket.socket(); s.setblocking(False); s.connect_ex(("192.0.2.66", port)); time.sleep(0.02)
                """
        ),
    ]

    private func evidence(_ enforced: EnforcedFleet) -> Set<String> {
        let names = try? FileManager.default.contentsOfDirectory(atPath: enforced.agent.state.path + "/evidence")
        return Set(names ?? [])
    }

    /// Lets the device attack until the kernel holds it; checks what is told and kept, and has an operator let it out.
    private func expectQuarantine(
        _ enforced: EnforcedFleet,
        _ attack: Attack,
        _ command: [String]
    ) throws {
        let (lab, agent) = (enforced.lab, enforced.agent)
        let before = evidence(enforced)
        let running = try lab.infected.start(command, label: attack.kind)
        defer { try? running.stop() }
        try running.wait(forOutput: "\"at\"")
        var held = 0
        try Lab.wait(within: 30, for: "\(attack.words): quarantine; \(agent.log)") {
            held = EnforcedFleet.now()
            return try enforced.isQuarantined(Self.infected)
        }
        let first = EnforcedFleet.lines(running.output).first?["at"] as? Int ?? 0
        print("     \(attack.words.prefix(45)): held \(held - first) ms after the first packet (a run of nft in it)")
        try Lab.wait(within: 30, for: "\(attack.words): packets; \(agent.log)") {
            guard let name = evidence(enforced).subtracting(before).first else { return false }
            let file = agent.state.path + "/evidence/" + name
            return try name.hasSuffix("-3cef8c010203.pcap")
                && lab.gateway.attempt(["tcpdump", "-n", "-r", file]).output.contains(attack.packet)
        }
        try running.stop()
        try Lab.wait(within: 30, for: "\(attack.words): incident; \(agent.log)") {
            try enforced.incidents(attack.kind).contains { $0.contains(attack.words) }
        }
        let device = "mac:\(Self.infected)"
        try Lab.wait(within: 30, for: "\(attack.words): the report of the quarantine; \(agent.log)") {
            try enforced.fleet.list(["device", "list", "--quarantined"]).contains { $0["key"] as? String == device }
        }
        try enforced.fleet.control(["device", "release", device])
        try Lab.wait(within: 30, for: "\(attack.words): release; \(agent.log)") {
            try !enforced.isQuarantined(Self.infected)
        }
        try Lab.wait(within: 30, for: "\(attack.words): the word of the release; \(agent.log)") {
            try !enforced.fleet.list(["device", "list", "--quarantined"]).contains { $0["key"] as? String == device }
        }
    }

    private static func python(_ program: String) -> [String] {
        let head = "import socket, struct, time, json\nprint(json.dumps({'at': time.monotonic_ns() // 1000000}))\n"
        return ["/usr/bin/python3", "-u", "-c", head + program]
    }

    private func start() throws -> EnforcedFleet {
        let enforced = try EnforcedFleet(
            prepare: { enforced in
                for device in [enforced.lab.infected, enforced.lab.camera] {
                    try device.shell("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
                }
            },
            { $0.baseline.unknown.allow = [.to("192.0.2.80", .tcp(443))] }
        )
        _ = try enforced.lab.startInfected()
        _ = try enforced.lab.lease(enforced.lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        try enforced.waitUntilHeld(Self.infected, LabAddress.infected)
        try enforced.waitUntilHeld("ac:cc:8e:01:02:03", LabAddress.camera)
        return enforced
    }

    @Test("floods of SYN, UDP, ICMP, DNS and GRE, scans of addresses and of ports, and Mirai's")
    func quarantines() throws {
        let enforced = try start()
        defer { enforced.lab.close() }
        for attack in Self.attacks { try expectQuarantine(enforced, attack, Self.python(attack.program)) }
        // Four addresses, and one mark, are no scan; two marks are Mirai's.
        let mirai = Attack(
            kind: "scan",
            words: "; sequence number equals destination address (Mirai)",
            packet: ".23: Flags [S]",
            program: ""
        )
        try expectQuarantine(
            enforced,
            mirai,
            Peer.command("scan.py", [LabAddress.infected, "--packets", "4", "--per-second", "50"])
        )
        #expect(try !enforced.isQuarantined("ac:cc:8e:01:02:03"), "nobody else")
        let connect = "import socket; socket.create_connection(('\(LabAddress.cloud)', 443), 3)"
        #expect(try enforced.lab.camera.attempt(["/usr/bin/python3", "-c", connect]).status == 0)
        #expect(try enforced.lab.infected.attempt(["/usr/bin/python3", "-c", connect]).status == 0, "it is out again")
    }

    @Test("packets from another device's address are dropped, and told of the device that sent them")
    func spoofing() throws {
        let enforced = try start()
        defer { enforced.lab.close() }
        let echo = try enforced.lab.internet.start(
            ["/usr/bin/python3", "-u", "-c", Self.listener],
            label: "listener"
        )
        try echo.wait(forOutput: "listening")
        let forge = """
            import socket, struct, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            body = sys.argv[2].encode()
            datagram = struct.pack("!HHHH", 7, 4436, 8 + len(body), 0) + body
            source, target = socket.inet_aton(sys.argv[1]), socket.inet_aton("192.0.2.80")
            s.sendto(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0) + source + target + datagram,
                     ("192.0.2.80", 0))
            """
        func send(_ source: String, _ body: String) throws {
            try enforced.lab.infected.run(["/usr/bin/python3", "-c", forge, source, body])
        }
        try enforced.push(8) { $0.baseline.unknown.allow = [.to("192.0.2.80", .tcp(443), .udp(4436))] }
        try send(LabAddress.camera, "forged")
        try send(LabAddress.infected, "own")
        try echo.wait(forOutput: "own")
        #expect(!echo.output.contains("forged"))
        try Lab.wait(within: 30, for: "the report; \(enforced.agent.log)") {
            try enforced.violations().contains {
                $0["reason"] as? String == "spoofed" && "\($0)".contains("192.0.2.80")
            }
        }
        let devices = try enforced.fleet.list(["incident", "list", "--kind", "violation", "--limit", "500"])
            .filter {
                let violation = $0["violation"] as? [String: Any]
                return violation?["reason"] as? String == "spoofed"
                    && violation?["destination"] as? String == LabAddress.cloud
            }
            .compactMap { $0["device"] as? String }
        #expect(Set(devices) == ["mac:\(Self.infected)"], "\(devices)")

        // Two were a mistake; some dozens, from an address that nobody here can have, are not.
        #expect(try !enforced.isQuarantined(Self.infected))
        try Lab.wait(within: 30, for: "quarantine for forged packets; \(enforced.agent.log)") {
            try send("198.51.100.99", "forged")
            return try enforced.isQuarantined(Self.infected)
        }
        #expect(!echo.output.contains("forged"))
        try Lab.wait(within: 30, for: "the incident") {
            try enforced.fleet.list(["incident", "list", "--kind", "incident", "--limit", "500"]).contains {
                "\($0)".contains("spoofing") && $0["device"] as? String == "mac:\(Self.infected)"
            }
        }
        #expect(try !enforced.isQuarantined("ac:cc:8e:01:02:03"), "whose address was forged")
    }

    @Test("an address that another device has is not let to who announces it, as long as its holder answers for it")
    func takenAddresses() throws {
        let enforced = try start()
        defer { enforced.lab.close() }
        let (lab, sensor) = (enforced.lab, "00:11:22:33:44:55")
        // An announcement, and a connection from the address: each is what a device is seen by.
        let claim = """
            import socket, struct, sys
            mac, ip = bytes.fromhex(sys.argv[1].replace(":", "")), socket.inet_aton(sys.argv[2])
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); raw.bind(("eth0", 0))
            raw.send(b"\\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + mac + ip + bytes(6) + ip + bytes(18))
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            syn = struct.pack("!HHLLBBHHH", 40000, 443, 7, 0, 5 << 4, 2, 1000, 0, 0)
            s.sendto(struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + ip + socket.inet_aton("192.0.2.80") + syn,
                     ("192.0.2.80", 0))
            """
        func claims(_ host: LabHost, _ mac: String, _ address: String) throws {
            try host.run(["/usr/bin/python3", "-c", claim, mac, address])
        }
        func conflicts() throws -> [String] {
            try enforced.fleet.list(["incident", "list", "--kind", "incident", "--limit", "500"]).map { "\($0)" }
                .filter { $0.contains("address-conflict") }
        }
        func holds(_ mac: String, _ address: String) throws -> Bool {
            // One address may begin as another does.
            try enforced.nft("list", "set", "inet", "gatehouse", "bound4").split(whereSeparator: {
                ",{}\n".contains($0)
            })
            .contains { $0.trimmingCharacters(in: .whitespaces) == "\(mac) . \(address)" }
        }
        try lab.sensor.shell(
            """
            ip link set eth0 down; ip link set eth0 address \(sensor); ip link set eth0 up
            ip address replace \(LabAddress.sensor)/24 dev eth0; ip route replace default via \(LabAddress.gateway)
            """
        )
        try enforced.waitUntilHeld("ac:cc:8e:01:02:03", LabAddress.camera)
        try claims(lab.infected, Self.infected, LabAddress.camera)
        try Lab.wait(within: 30, for: "the incident of a device's address; \(enforced.agent.log)") {
            try conflicts().contains {
                $0.contains(Self.infected) && $0.contains(LabAddress.camera) && $0.contains("ac:cc:8e:01:02:03 has")
            }
        }
        #expect(try holds("ac:cc:8e:01:02:03", LabAddress.camera) && !holds(Self.infected, LabAddress.camera))
        #expect(try !enforced.isQuarantined(Self.infected))
        let connect = "import socket; socket.create_connection(('\(LabAddress.cloud)', 443), 3)"
        #expect(try lab.camera.attempt(["/usr/bin/python3", "-c", connect]).status == 0)

        // By IPv6 alike: an advertisement to all nodes that overrides.
        let six = "2001:db8:50::c"
        for host in [lab.camera, lab.infected] {
            try host.shell("echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
        }
        try lab.camera.shell("ip address add \(six)/64 dev eth0 nodad")
        try lab.infected.shell("ip address add fe80::bad/64 dev eth0 nodad")
        try Lab.wait(within: 30, for: "the camera's IPv6 address; \(enforced.agent.log)") {
            _ = try lab.camera.attempt(["ping", "-6", "-c", "1", "-W", "1", "-I", six, "2001:db8:50::1"])
            return try enforced.nft("list", "set", "inet", "gatehouse", "bound6").contains(six)
        }
        let held = "ac:cc:8e:01:02:03 . \(six)"
        let refused = try enforced.agent.counter("devices.claimsRefused")
        try lab.infected.run(["/usr/bin/python3", "-c", Self.advertise, six])
        try Lab.wait(within: 30, for: "the claim to be refused; \(enforced.agent.log)") {
            try enforced.agent.counter("devices.claimsRefused") > refused
        }
        let bound = try enforced.nft("list", "set", "inet", "gatehouse", "bound6")
        #expect(bound.contains(held) && !bound.contains("\(Self.infected) . \(six)"))
        #expect(try enforced.agent.counter("devices.claimsGranted") == 0)

        // Its holder is gone: who comes after it gets it.
        try lab.camera.run(["ip", "link", "set", "eth0", "down"])
        try claims(lab.sensor, sensor, LabAddress.camera)
        try Lab.wait(within: 30, for: "the address to change hands; \(enforced.agent.log)") {
            try holds(sensor, LabAddress.camera)
        }
        #expect(try !holds("ac:cc:8e:01:02:03", LabAddress.camera))
        #expect(try !conflicts().contains { $0.contains(sensor) })

        // The gateway's own is nobody else's.
        try claims(lab.sensor, sensor, LabAddress.gateway)
        try Lab.wait(within: 30, for: "the incident of the gateway's address; \(enforced.agent.log)") {
            try conflicts().contains { $0.contains(sensor) && $0.contains("own address") }
        }
        #expect(try !holds(sensor, LabAddress.gateway))
    }

    private static let advertise = """
        import socket, struct, sys
        target = socket.inet_pton(socket.AF_INET6, sys.argv[1])
        s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        body = bytes([136, 0, 0, 0, 0x20, 0, 0, 0]) + target + bytes([2, 1]) + bytes.fromhex("3cef8c010203")
        s.sendto(body, ("ff02::1", 0, 0, socket.if_nametoindex("eth0")))
        """

    private static let listener = """
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("192.0.2.80", 4436)); print("listening")
        while True: print(s.recv(100).decode())
        """
}
