import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// Whose an address is, what a prefix holds, and what reaches the gateway itself: IPv4 and IPv6 side by side.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct RulesetAddressTests {
    /// What the bodies share: servers on any address, raw packets with a source of one's choice, counters.
    private static let library = #"""
        def listens(place, port):
            for f in [socket.AF_INET, socket.AF_INET6]:
                with inside(place): s = socket.socket(f)
                if f == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                s.bind(("" if f == socket.AF_INET else "::", port)); s.listen(64); servers.append(s)
        def opens(place, address, port, seconds=3, source=None):
            return isinstance(tcp(place, address, port, seconds, source), socket.socket)
        def hears(address, port):
            with inside("internet"): s = socket.socket(family(address), socket.SOCK_DGRAM)
            s.bind((address, port)); s.settimeout(1); return s
        def arrives(s):
            try: return s.recv(100) == b"forged"
            except OSError: return False
        def forge(place, source, destination, port):
            "A datagram from an address that the sender need not have."
            datagram = struct.pack("!HHHH", 7, port, 14, 0) + b"forged"
            if ":" in source:
                a, b = socket.inet_pton(socket.AF_INET6, source), socket.inet_pton(socket.AF_INET6, destination)
                total = sum(struct.unpack("!23H", a + b + struct.pack("!IHBB", 14, 0, 0, 17)[:8] + datagram[:6]))
                total += sum(struct.unpack("!4H", datagram[6:]))
                while total >> 16: total = (total & 0xFFFF) + (total >> 16)
                datagram = datagram[:6] + struct.pack("!H", (~total & 0xFFFF) or 0xFFFF) + datagram[8:]
                packet = struct.pack("!IHBB", 6 << 28, len(datagram), 17, 64) + a + b + datagram
            else:
                a, b = socket.inet_aton(source), socket.inet_aton(destination)
                packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0) + a + b + datagram
            with inside(place): s = socket.socket(family(source), socket.SOCK_RAW, socket.IPPROTO_RAW)
            s.sendto(packet, (destination, 0))
        def packets(counter):
            text = nft("list counter inet gatehouse count_" + counter)
            return int(text.split("packets ")[1].split()[0]) if "packets " in text else -1
        def run(text): subprocess.run(text, shell=True, check=True)
        """#

    private func loaded(_ rules: [AllowRule]) -> Enforcement {
        var cameras = Allowlist(name: "cameras")
        cameras.allow = rules
        var bundle = PolicyBundle()
        bundle.allowlists = [cameras]
        var enforcement = Enforcement(settings: TrafficScript.settings)
        enforcement.adopt(bundle, devices: TrafficScript.devices())
        return enforcement
    }

    private func to(_ prefix: ByteString, _ ports: PortRange...) throws -> AllowRule {
        AllowRule(to: .prefix(try SamplePolicies.prefix(prefix)), ports: ports)
    }

    private func expectPasses(_ commands: [ByteString], _ body: String, at location: SourceLocation = #_sourceLocation)
    {
        TrafficScript.expectPasses(commands, Self.library + "\n" + body, at: location)
    }

    @Test("the first and the last address of a prefix are in it, their neighbours are not")
    func prefixesEndWhereTheyEnd() throws {
        let enforcement = loaded([
            try to("10.50.32.0/20", SamplePolicies.tcp(8100)),
            try to("2001:db8:50::1000/116", SamplePolicies.tcp(8100)),
        ])
        expectPasses(
            [enforcement.load(nowMilliseconds: 0)],
            #"""
            within = ["10.50.32.0", "10.50.47.255", "2001:db8:50::1000", "2001:db8:50::1fff"]
            outside = ["10.50.31.255", "10.50.48.0", "2001:db8:50::fff", "2001:db8:50::2000"]
            for a in within + outside:
                run("ip -n internet addr add %s dev eth0" % (a + "/64 nodad" if ":" in a else a + "/16"))
            listens("internet", 8100)
            check("the control: all are there", all(opens("camera", a, 8100) for a in within + outside))
            apply(0)
            for a in within: check("in: " + a, opens("camera", a, 8100))
            for a in outside: check("out: " + a, tcp("camera", a, 8100) == "refused")
            """#
        )
    }

    @Test("a device has the addresses it is known by, temporary ones too, and nobody else's")
    func boundToDevices() throws {
        var enforcement = loaded([
            try to("10.50.0.5", SamplePolicies.tcp(80), SamplePolicies.udp(8200)),
            try to("2001:db8:50::5", SamplePolicies.tcp(80), SamplePolicies.udp(8200)),
        ])
        var commands = [enforcement.load(nowMilliseconds: 0)]
        var camera = TrafficScript.devices()[0]
        camera.addresses.append(try #require(IPAddress("fd09::a1b2:c3d4:e5f6:789a")))
        commands.append(enforcement.hold(camera))
        camera.addresses.removeLast()
        commands.append(enforcement.hold(camera))
        expectPasses(
            commands,
            #"""
            temporary = "fd09::a1b2:c3d4:e5f6:789a"
            run("ip -n camera addr add %s/64 dev eth0 nodad" % temporary)
            run("ip -n camera addr add 10.9.0.77/24 dev eth0")
            ears = {a: hears(a, 8200) for a in ["10.50.0.5", "2001:db8:50::5"]}
            neighbours = [("10.9.0.3", "10.50.0.5"), ("fd09::3", "2001:db8:50::5")]
            for source, there in neighbours:
                forge("camera", source, there, 8200)
                check("the control: before the rules a forgery arrives from " + source, arrives(ears[there]))
            apply(0)
            for source, there in [("10.9.0.2", "10.50.0.5"), ("fd09::2", "2001:db8:50::5")]:
                forge("camera", source, there, 8200)
                check("its own " + source, arrives(ears[there]))
            for source, there in neighbours:
                before = packets("spoofed_cameras")
                forge("camera", source, there, 8200)
                check("its neighbour's " + source, not arrives(ears[there]))
                check("counted", packets("spoofed_cameras") == before + 1)
                own = "fd09::1" if ":" in source else "10.9.0.1"
                forge("camera", source, own, 9999)
                check("neither to the gateway", packets("spoofed_cameras") == before + 2)
            check("nobody's, IPv4", tcp("camera", "10.50.0.5", 80, 1, source="10.9.0.77") == "silence")
            check("not known yet, IPv6", tcp("camera", "2001:db8:50::5", 80, 1, source=temporary) == "silence")
            apply(1)
            check("a temporary address, once it is known", opens("camera", "2001:db8:50::5", 80, source=temporary))
            check("the others are still its own", opens("camera", "2001:db8:50::5", 80, source="fd09::2")
                and opens("camera", "10.50.0.5", 80))
            apply(2)
            check("and no longer when it is gone", tcp("camera", "2001:db8:50::5", 80, 1, source=temporary) == "silence")
            """#
        )
    }

    @Test("requests from outside reach no device: it amplifies nothing, over IPv4 and IPv6")
    func amplifiesNothing() throws {
        let enforcement = loaded([try to("10.50.0.5", SamplePolicies.udp(5005))])
        expectPasses(
            [enforcement.load(nowMilliseconds: 0)],
            #"""
            with inside("camera"):
                doors = {"10.9.0.2": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                         "fd09::2": socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)}
            for own, s in doors.items(): s.bind((own, 1900))
            def is_asked(own):
                with inside("internet"): asker = socket.socket(family(own), socket.SOCK_DGRAM)
                asker.sendto(b"M-SEARCH", (own, 1900)); doors[own].settimeout(1)
                try: return doors[own].recv(100) == b"M-SEARCH"
                except OSError: return False
            for own in doors: check("the control: before the rules it is asked at " + own, is_asked(own))
            apply(0)
            for own in doors: check("not at " + own, not is_asked(own))
            check("counted", packets("inbound_all") >= 2)
            check("it may ask itself, and is answered", udp("camera", "10.50.0.5", 5005))
            """#
        )
    }

    @Test("ICMP where a rule has it, ranges of ports, and 853 over TCP and UDP where a rule would allow it")
    func protocols() throws {
        let icmp = PortRange(transport: .icmp, first: 0, last: 65535)
        let enforcement = loaded([
            try to("10.50.0.5", icmp), try to("2001:db8:50::5", icmp),
            try to("10.50.15.5", SamplePolicies.tcp(8000, 8002)),
            try to("10.50.16.5", SamplePolicies.tcp(1, 65535), SamplePolicies.udp(1, 65535)),
        ])
        expectPasses(
            [enforcement.load(nowMilliseconds: 0)],
            #"""
            def pings(address):
                return subprocess.run(["ip", "netns", "exec", "camera", "ping", "-n", "-c1", "-W1", address],
                                      capture_output=True).returncode == 0
            run("ip -n internet addr add 2001:db8:50::6/64 dev eth0 nodad")
            for port in [7999, 8000, 8002, 8003]: listens("internet", port)
            check("the control: all answer", all(pings(a) for a in ["10.50.0.5", "10.50.15.5", "2001:db8:50::6"]))
            check("the control: 853 answers", passes(tcp("camera", "10.50.16.5", 853)) and udp("camera", "10.50.16.5", 853))
            apply(0)
            check("ICMP", pings("10.50.0.5")); check("ICMPv6", pings("2001:db8:50::5"))
            check("not to others", not pings("10.50.15.5")); check("ICMPv6, not to others", not pings("2001:db8:50::6"))
            check("and no TCP", tcp("camera", "10.50.0.5", 80) == "refused")
            for port in [8000, 8002]: check("port %d" % port, opens("camera", "10.50.15.5", port))
            for port in [7999, 8003]: check("not port %d" % port, tcp("camera", "10.50.15.5", port) == "refused")
            check("all ports of TCP", passes(tcp("camera", "10.50.16.5", 80)))
            check("all ports of UDP", udp("camera", "10.50.16.5", 5005))
            check("but 853 over TCP", tcp("camera", "10.50.16.5", 853) == "refused")
            check("and over UDP", not udp("camera", "10.50.16.5", 853))
            check("counted", packets("encrypted-dns_cameras") >= 2)
            """#
        )
    }

    @Test("of the gateway a device reaches what a rule names, and makes itself no router")
    func gatewayItself() throws {
        var enforcement = loaded([AllowRule(to: .gateway, ports: [SamplePolicies.tcp(8123)])])
        let load = enforcement.load(nowMilliseconds: 0)
        let quarantine = enforcement.quarantine(TrafficScript.camera, seconds: 60, nowMilliseconds: 0)
        expectPasses(
            [load, "delete table inet gatehouse\n", quarantine],
            #"""
            for port in [8123, 8124]: listens("gateway", port)
            run("sysctl -qw net.ipv6.conf.br0.accept_ra=2 net.ipv6.conf.br0.accept_ra_defrtr=1")
            def routes(): return subprocess.run("ip -6 route show default dev br0", shell=True, capture_output=True).stdout
            def advertise():
                with inside("camera"):
                    s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
                    number = socket.if_nametoindex("eth0")
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, number)
                s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, number))
            def becomes_router():
                for _ in range(10):
                    advertise(); time.sleep(0.1)
                    if routes(): return True
                return False
            apply(0)
            for own in ["10.9.0.1", "fd09::1"]:
                check("its service at " + own, opens("camera", own, 8123))
                check("not another at " + own, tcp("camera", own, 8124) == "refused")
                check("nor for a device without it at " + own, tcp("sensor", own, 8123) == "refused")
            check("neighbour discovery works", opens("camera", "fd09::1", 8123))
            check("no router", not becomes_router())
            apply(2)
            for own in ["10.9.0.1", "fd09::1"]:
                check("nothing of it in quarantine, at " + own, tcp("camera", own, 8123, 1) == "silence")
            apply(1)
            check("the control: without rules it is one", becomes_router())
            """#
        )
    }
}
