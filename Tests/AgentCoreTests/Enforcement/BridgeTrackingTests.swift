import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// Two devices of one bridge on a kernel that tracks the connections between them (nf_conntrack_bridge).
@Suite(.ownThread, .enabled(if: Namespace.tracksBridges, "needs a kernel with nf_conntrack_bridge"))
struct BridgeTrackingTests {
    /// Whether bridged packets also pass the chains of the family inet, where that can be switched.
    static let bridgeNetfilter = ["0", "1"]

    static let settings: EnforcementSettings = {
        var settings = TrafficScript.settings
        settings.holdsNeighbours = true
        settings.tracksNeighbours = true
        return settings
    }()

    /// The camera may ask the sensor these ports, if `allows`; by both families.
    static func bundle(allows: Bool = true, mode: Allowlist.Mode = .enforce) throws -> PolicyBundle {
        var cameras = Allowlist(name: "cameras")
        cameras.mode = mode
        for prefix in allows ? ["10.9.0.3", "fd09::3"] as [ByteString] : [] {
            cameras.allow.append(
                AllowRule(
                    to: .prefix(try SamplePolicies.prefix(prefix)),
                    ports: [SamplePolicies.tcp(554), SamplePolicies.udp(5000, 5010)]
                )
            )
        }
        var bundle = PolicyBundle()
        bundle.allowlists = [cameras]
        return bundle
    }

    /// Servers on the sensor and the camera, and packets that answer nothing.
    static let peers = #"""
        def listen(place, kind, address, port):
            with inside(place): s = socket.socket(family(address), kind)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((address, port))
            if kind == socket.SOCK_STREAM: s.listen(16)
            return s
        CAMERA, SENSOR = {4: "10.9.0.2", 6: "fd09::2"}, {4: "10.9.0.3", 6: "fd09::3"}
        for version in (4, 6):
            for port in (554, 23): servers.append(listen("sensor", socket.SOCK_STREAM, SENSOR[version], port))
            for port in (5005, 5006): servers.append(listen("sensor", socket.SOCK_DGRAM, SENSOR[version], port))
            servers.append(listen("camera", socket.SOCK_STREAM, CAMERA[version], 80))
        threading.Thread(target=serve, daemon=True).start()
        heard = {version: listen("camera", socket.SOCK_DGRAM, CAMERA[version], 7777) for version in (4, 6)}
        unasked = {version: listen("sensor", socket.SOCK_DGRAM, SENSOR[version], 5010) for version in (4, 6)}
        def drain(s):
            s.setblocking(False)
            try:
                while True: s.recv(2048)
            except BlockingIOError: pass
        def arrives_udp(version, seconds=1):
            "Whether a datagram from a port that the camera may ask arrives, unasked."
            drain(heard[version]); unasked[version].sendto(b"unasked", (CAMERA[version], 7777))
            heard[version].settimeout(seconds)
            try: return heard[version].recv(100) == b"unasked"
            except OSError: return False
        def checksum(data):
            data += b"\0" * (len(data) % 2)
            total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
            while total >> 16: total = (total & 0xffff) + (total >> 16)
            return ~total & 0xffff
        def arrives_ack(version, seconds=1):
            "Whether an acknowledgement of a connection that there never was arrives, from a port the camera may ask."
            kind = socket.AF_INET if version == 4 else socket.AF_INET6
            with inside("camera"): watch = socket.socket(kind, socket.SOCK_RAW, socket.IPPROTO_TCP)
            with inside("sensor"): forger = socket.socket(kind, socket.SOCK_RAW, socket.IPPROTO_TCP)
            raw = lambda total: struct.pack("!HHLLBBHHH", 554, 80, 0x4748, 1, 5 << 4, 0x10, 1000, total, 0)
            source, target = (socket.inet_pton(kind, a[version]) for a in (SENSOR, CAMERA))
            pseudo = source + target + (struct.pack("!BBH", 0, 6, 20) if version == 4 else struct.pack("!LL", 20, 6))
            forger.sendto(raw(checksum(pseudo + raw(0))), (CAMERA[version], 0))
            limit = time.monotonic() + seconds
            while time.monotonic() < limit:
                watch.settimeout(max(0.01, limit - time.monotonic()))
                try: data = watch.recv(200)
                except OSError: return False
                if version == 4: data = data[20:]
                if data[:8] == struct.pack("!HHL", 554, 80, 0x4748): return True
            return False
        def udp_flow(version):
            "A flow of datagrams that the camera began and the sensor answered."
            with inside("camera"): s = socket.socket(family(CAMERA[version]), socket.SOCK_DGRAM)
            s.connect((SENSOR[version], 5005)); return s
        def stalls(s, words, seconds=20):
            "Whether nothing comes back any more: for two seconds, whatever is sent."
            start = last = time.monotonic()
            s.settimeout(0.1)
            while time.monotonic() - start < seconds:
                try:
                    s.send(b"x")
                    if s.recv(100) == b"": break
                    last = time.monotonic()
                except (socket.timeout, TimeoutError):
                    if time.monotonic() - last > 2: break
                except OSError: break
            else:
                check(words, False); return
            print("     %s: the last answer after %.0f ms" % (words, (last - start) * 1000)); check(words, True)
        """#

    /// The switch, where this kernel has it.
    static func prelude(_ bridgeNetfilter: String) -> String {
        """
        for name in ("iptables", "ip6tables"):
            path = "/proc/sys/net/bridge/bridge-nf-call-" + name
            if os.path.exists(path): open(path, "w").write("\(bridgeNetfilter)")

        """ + peers
    }

    @Test("what was asked is answered, and nothing else arrives", arguments: bridgeNetfilter)
    func answersAreAnswers(_ bridgeNetfilter: String) throws {
        var enforcement = Enforcement(settings: Self.settings)
        enforcement.adopt(try Self.bundle(), devices: TrafficScript.devices())
        let (outcome, failures) = TrafficScript.run(
            [enforcement.load(nowMilliseconds: 0)],
            Self.prelude(bridgeNetfilter) + "\n" + #"""
                for version in (4, 6):
                    check("before, unasked UDP %d" % version, arrives_udp(version))
                    check("before, forged %d" % version, arrives_ack(version))
                    check("before, another port %d" % version, passes(tcp("camera", SENSOR[version], 23)))
                apply(0)
                for version in (4, 6):
                    check("allowed %d" % version, passes(tcp("camera", SENSOR[version], 554)))
                    check("allowed, UDP %d" % version, udp("camera", SENSOR[version], 5005, 3))
                    check("another port %d" % version, tcp("camera", SENSOR[version], 23, 1) == "silence")
                    check("unasked UDP %d" % version, not arrives_udp(version))
                    check("forged ACK %d" % version, not arrives_ack(version))
                    check("the other way round %d" % version, tcp("sensor", CAMERA[version], 80, 1) == "silence")
                check("the gateway reaches both", isinstance(tcp("gateway", "10.9.0.3", 23), socket.socket))
                check("counted", "packets 0" not in nft("list counter bridge gatehouse bridge_count_cameras"))
                check("counted", "packets 0" not in nft("list counter bridge gatehouse bridge_count_unknown"))
                """#
        )
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
    }

    @Test("a live flow lasts while it is allowed, and ends when it is not", arguments: bridgeNetfilter)
    func withdrawalEndsFlows(_ bridgeNetfilter: String) throws {
        var enforcement = Enforcement(settings: Self.settings)
        enforcement.adopt(try Self.bundle(), devices: TrafficScript.devices())
        var commands = [enforcement.load(nowMilliseconds: 0), enforcement.turnEpoch()]
        commands.append(enforcement.quarantine(TrafficScript.sensor, seconds: 600, nowMilliseconds: 0))
        commands.append(enforcement.release(TrafficScript.sensor))
        enforcement.adopt(try Self.bundle(allows: false), devices: TrafficScript.devices())
        commands.append(enforcement.load(nowMilliseconds: 0))
        enforcement.adopt(try Self.bundle(), devices: TrafficScript.devices())
        commands.append(enforcement.load(nowMilliseconds: 0))
        // The camera is another device now, and held by another policy.
        commands.append(enforcement.hold(TrafficScript.devices(cameraPolicy: nil)[0]))
        let (outcome, failures) = TrafficScript.run(
            commands,
            Self.prelude(bridgeNetfilter) + "\n" + #"""
                apply(0)
                def flows(words):
                    made = []
                    for version in (4, 6):
                        made += [tcp("camera", SENSOR[version], 554), udp_flow(version)]
                        check("%s %d" % (words, version), all(isinstance(s, socket.socket) and echoes(s) for s in made))
                    return made
                live = flows("a flow")
                apply(1)
                check("judged anew, and goes on", all(echoes(s) for s in live))
                # What the sensor sends first, after a turn of the epoch, is an answer still.
                peer = accepted[-1]
                apply(1); peer.send(b"news"); live[2].settimeout(3)
                check("the other side speaks first", live[2].recv(100) == b"news")
                check("and goes on", all(echoes(s) for s in live))
                apply(2)
                for s in live: stalls(s, "quarantine ends it")
                apply(3)
                live = flows("released")
                apply(4)
                for s in live: stalls(s, "a withdrawn permission ends it")
                check("nor what the other side sends", not arrives_udp(4) and not arrives_ack(4))
                apply(5)
                # The same ports are allowed again: what was revoked is judged by what holds now.
                check("allowed again, the same flow", echoes(live[1]) or echoes(live[1]))
                live = flows("allowed again")
                apply(6)
                for s in live: stalls(s, "another policy ends it")
                """#
        )
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
    }

    @Test("in monitor mode nothing is lost, and all of it is counted")
    func monitorDropsNothing() throws {
        var enforcement = Enforcement(settings: Self.settings)
        var bundle = try Self.bundle(allows: false, mode: .monitor)
        bundle.baseline.unknown.mode = .monitor
        enforcement.adopt(bundle, devices: TrafficScript.devices())
        let (outcome, failures) = TrafficScript.run(
            [enforcement.load(nowMilliseconds: 0)],
            Self.prelude("0") + "\n" + #"""
                apply(0)
                for version in (4, 6):
                    check("another port %d" % version, passes(tcp("camera", SENSOR[version], 23)))
                    check("unasked UDP %d" % version, arrives_udp(version))
                    check("forged %d" % version, arrives_ack(version))
                check("counted", "packets 0" not in nft("list counter bridge gatehouse bridge_count_cameras"))
                """#
        )
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
    }

    @Test("what a router on the bridge passes on is answered, and nobody answers in the place of the internet")
    func routersOnTheBridge() throws {
        var enforcement = Enforcement(settings: Self.settings)
        var bundle = try Self.bundle()
        bundle.allowlists[0].allow.append(
            AllowRule(to: .prefix(try SamplePolicies.prefix("10.50.0.5")), ports: [SamplePolicies.udp(443, 443)])
        )
        enforcement.adopt(bundle, devices: TrafficScript.devices())
        // The sensor is the way to 10.77.0.0/16, where it has an address that nobody knows to be its own.
        let (outcome, failures) = TrafficScript.run(
            [enforcement.load(nowMilliseconds: 0)],
            Self.prelude("0") + "\n" + #"""
                subprocess.run("ip -n sensor addr add 10.77.0.1/32 dev lo; ip -n camera route add 10.77.0.0/16 via 10.9.0.3;"
                               "ip -n sensor addr add 10.50.0.5/32 dev lo", shell=True, check=True)
                servers.append(listen("sensor", socket.SOCK_DGRAM, "10.77.0.1", 5005))
                forger = listen("sensor", socket.SOCK_DGRAM, "10.50.0.5", 443)
                threading.Thread(target=serve, daemon=True).start()
                check("before: by way of the router", udp("camera", "10.77.0.1", 5005, 3))
                apply(0)
                check("by way of the router", udp("camera", "10.77.0.1", 5005, 3))
                with inside("camera"): s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(("10.9.0.2", 7000)); s.connect(("10.50.0.5", 443))
                check("the internet answers", echoes(s))
                forger.sendto(b"forged", ("10.9.0.2", 7000)); s.settimeout(1)
                try: check("nobody else does", s.recv(100) != b"forged")
                except OSError: check("nobody else does", True)
                """#
        )
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
    }

    @Test("what devices send through the gateway, and to its DNS, is what it was", arguments: bridgeNetfilter)
    func leavesTheGatewayAlone(_ bridgeNetfilter: String) throws {
        var enforcement = Enforcement(settings: Self.settings)
        var bundle = try Self.bundle()
        for prefix in ["10.50.0.5", "2001:db8:50::5"] as [ByteString] {
            bundle.allowlists[0].allow.append(
                AllowRule(to: .prefix(try SamplePolicies.prefix(prefix)), ports: [SamplePolicies.tcp(443)])
            )
        }
        enforcement.adopt(bundle, devices: TrafficScript.devices())
        let load = enforcement.load(nowMilliseconds: 0)
        enforcement.adopt(try Self.bundle(), devices: TrafficScript.devices())
        let (outcome, failures) = TrafficScript.run(
            [load, enforcement.load(nowMilliseconds: 0)],
            Self.prelude(bridgeNetfilter) + "\n" + #"""
                for address in ("0.0.0.0", "::"):
                    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                        s = socket.socket(family(address), kind)
                        if family(address) == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                        s.bind((address, 10053))
                        if kind == socket.SOCK_STREAM: s.listen(8)
                        servers.append(s)
                threading.Thread(target=serve, daemon=True).start()
                apply(0)
                for address in ("10.9.0.1", "10.50.0.5", "fd09::1"):
                    check("DNS of the gateway, asked at " + address, udp("camera", address, 53, 3))
                    check("and over TCP", passes(tcp("camera", address, 53)))
                live = [tcp("camera", address, 443) for address in ("10.50.0.5", "2001:db8:50::5")]
                check("allowed", all(passes(s) for s in live))
                check("another port", tcp("camera", "10.50.0.5", 80) == "refused")
                check("nobody from outside", tcp("internet", "10.9.0.2", 80, 1) == "silence")
                apply(1)
                for s in live: dies(s, "a withdrawn permission ends it")
                """#
        )
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
    }

    @Test("both tables are listed as rendered, also after small commands")
    func isProved() throws {
        var enforcement = Enforcement(settings: Self.settings)
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        var commands = [enforcement.load(nowMilliseconds: 0), enforcement.turnEpoch()]
        commands.append(enforcement.hold(TrafficScript.devices(cameraPolicy: nil)[0]))
        commands.append(enforcement.letGo(TrafficScript.camera))
        let input = commands.map { $0.text }.joined(separator: "\n#=====\n")
        let outcome = Namespace.run(
            "csplit -s -z -n 3 -f /run/command - '/^#=====$/' '{*}'; for file in /run/command*; do nft -f $file; done; "
                + "nft -s list table inet gatehouse; nft -s list table bridge gatehouse",
            input: input
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        let asked = CanonicalRuleset(enforcement.desired)
        let found = CanonicalRuleset(ByteString(utf8: outcome.output))
        #expect(CanonicalRuleset.difference(asked: asked, found: found) == "")
        #expect(asked.hash == found.hash)
    }
}
