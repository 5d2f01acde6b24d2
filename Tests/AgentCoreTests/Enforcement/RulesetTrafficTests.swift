import Fingerprinting
import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// What the rules do to packets: a real kernel, real sockets.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct RulesetTrafficTests {
    func allowlist(_ rules: [AllowRule], mode: Allowlist.Mode = .enforce) -> Allowlist {
        var cameras = Allowlist(name: "cameras")
        cameras.allow = rules
        cameras.mode = mode
        return cameras
    }

    func bundle(_ allowlist: Allowlist, generation: UInt64 = 1) -> PolicyBundle {
        var bundle = PolicyBundle()
        bundle.generation = generation
        bundle.allowlists = [allowlist]
        return bundle
    }

    func to(_ prefix: ByteString, _ ports: PortRange...) throws -> AllowRule {
        AllowRule(to: .prefix(try SamplePolicies.prefix(prefix)), ports: ports)
    }

    func named(_ name: ByteString, _ ports: PortRange...) throws -> AllowRule {
        AllowRule(to: .name(NamePattern(name: try SamplePolicies.name(name), isWildcard: false)), ports: ports)
    }

    func enforcing(_ bundle: PolicyBundle) -> Enforcement {
        var enforcement = Enforcement(settings: TrafficScript.settings)
        enforcement.adopt(bundle, devices: TrafficScript.devices())
        return enforcement
    }

    func expectPasses(_ commands: [ByteString], _ body: String) {
        let (outcome, failures) = TrafficScript.run(commands, body)
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
        for line in outcome.output.split(separator: "\n") where line.hasPrefix("     ") { print(line) }
    }

    @Test("what is allowed passes, what is not is refused at once, and a /20 is a /20")
    func allowsAndRefuses() throws {
        let enforcement = enforcing(
            bundle(
                allowlist([
                    try to("10.50.0.0/20", SamplePolicies.tcp(80), SamplePolicies.udp(5000, 5010)),
                    try to("2001:db8:50::/64", SamplePolicies.tcp(443)),
                ])
            )
        )
        expectPasses(
            [enforcement.load(nowMilliseconds: 0)],
            #"""
            check("before: all is open", passes(tcp("camera", "10.50.16.5", 80)))
            apply(0)
            check("first address of the /20", passes(tcp("camera", "10.50.0.5", 80)))
            check("last network of the /20", passes(tcp("camera", "10.50.15.5", 80)))
            check("the address after the /20", tcp("camera", "10.50.16.5", 80) == "refused")
            check("another port", tcp("camera", "10.50.0.5", 443) == "refused")
            check("IPv6", passes(tcp("camera", "2001:db8:50::5", 443)))
            check("IPv6, another port", tcp("camera", "2001:db8:50::5", 80) == "refused")
            check("UDP in the range", udp("camera", "10.50.0.5", 5005))
            check("UDP outside it", not udp("camera", "10.50.0.5", 80))
            check("a device without a policy", tcp("sensor", "10.50.0.5", 80) == "refused")
            check("DNS over TLS", tcp("camera", "10.50.0.5", 853) == "refused")
            check("the gateway itself is not held", passes(tcp("internet", "10.50.0.5", 80)))
            counters = nft("list counters table inet gatehouse")
            check("counted", "packets 0" in counters and counters.count("packets 1 ") + counters.count("packets 2 ") > 0)
            """#
        )
    }

    @Test("the gateway reaches what it needs though a policy blocks it, and is reached from break-glass addresses")
    func protects() throws {
        var settings = TrafficScript.settings
        settings.breakGlass = [try SamplePolicies.prefix("10.9.0.2"), try SamplePolicies.prefix("fd09::2")]
        var enforcement = Enforcement(settings: settings)
        _ = enforcement.protect([try SamplePolicies.prefix("10.50.0.5")])
        var blocking = bundle(allowlist([try to("10.50.0.0/20", SamplePolicies.tcp(80))]))
        blocking.baseline.blockedPrefixes = [
            try SamplePolicies.prefix("10.50.0.0/20"), try SamplePolicies.prefix("2001:db8:50::/64"),
        ]
        enforcement.adopt(blocking, devices: TrafficScript.devices())
        var commands = [enforcement.load(nowMilliseconds: 0)]
        commands.append(
            enforcement.protect([try SamplePolicies.prefix("10.50.15.5"), try SamplePolicies.prefix("2001:db8:50::5")])
        )
        expectPasses(
            commands,
            #"""
            own = socket.socket(); own.bind(("10.9.0.1", 80)); own.listen(8)
            check("before", isinstance(tcp("sensor", "10.9.0.1", 80), socket.socket))
            apply(0)
            check("what is protected", passes(tcp("gateway", "10.50.0.5", 80)))
            check("what is blocked", not passes(tcp("gateway", "10.50.15.5", 80, 1)))
            check("what is blocked, IPv6", not passes(tcp("gateway", "2001:db8:50::5", 80, 1)))
            check("a device gains nothing by it", tcp("camera", "10.50.0.5", 80) == "refused")
            check("from a break-glass address", isinstance(tcp("camera", "10.9.0.1", 80), socket.socket))
            check("from another", tcp("sensor", "10.9.0.1", 80) == "refused")
            apply(1)
            check("protected now", passes(tcp("gateway", "10.50.15.5", 80)))
            check("protected now, IPv6", passes(tcp("gateway", "2001:db8:50::5", 80)))
            check("no more", not passes(tcp("gateway", "10.50.0.5", 80, 1)))
            """#
        )
    }

    @Test("a withdrawn permission cuts the live flow; the others live on")
    func withdrawalCuts() throws {
        var enforcement = enforcing(
            bundle(allowlist([try to("10.50.0.5", SamplePolicies.tcp(80), SamplePolicies.tcp(443))]))
        )
        let first = enforcement.load(nowMilliseconds: 0)
        enforcement.adopt(
            bundle(allowlist([try to("10.50.0.5", SamplePolicies.tcp(80))]), generation: 2),
            devices: TrafficScript.devices()
        )
        expectPasses(
            [first, enforcement.load(nowMilliseconds: 0)],
            #"""
            apply(0)
            kept, cut = tcp("camera", "10.50.0.5", 80), tcp("camera", "10.50.0.5", 443)
            check("both live", passes(kept) and passes(cut))
            silent = tcp("camera", "10.50.0.5", 80)
            check("a third one", passes(silent))
            server = [s for s in accepted if s.getpeername()[1] == silent.getsockname()[1]][0]
            apply(1)
            dies(cut, "the withdrawn flow ends")
            check("the other one lives", passes(kept))
            server.send(b"news"); silent.settimeout(3)
            check("the server may speak first on a flow that is still allowed", silent.recv(100) == b"news")
            check("no new one", tcp("camera", "10.50.0.5", 443) == "refused")
            """#
        )
    }

    @Test("quarantine cuts live flows and release lets the device back")
    func quarantineCuts() throws {
        var enforcement = enforcing(bundle(allowlist([try to("10.50.0.5", SamplePolicies.tcp(80))])))
        let load = enforcement.load(nowMilliseconds: 0)
        let quarantine = enforcement.quarantine(TrafficScript.camera, seconds: 600, nowMilliseconds: 0)
        let release = enforcement.release(TrafficScript.camera)
        expectPasses(
            [load, quarantine, release],
            #"""
            apply(0)
            live = tcp("camera", "10.50.0.5", 80)
            check("live", passes(live))
            server = [s for s in accepted if s.getpeername()[1] == live.getsockname()[1]][0]
            apply(1)
            check("the live flow is silent", not echoes(live, 1))
            server.send(b"command"); live.settimeout(1)
            try: heard = live.recv(100)
            except OSError: heard = b""
            check("a server cannot command it", b"command" not in heard)
            check("no new flow", tcp("camera", "10.50.0.5", 80, 1) == "silence")
            apply(2)
            check("released", passes(tcp("camera", "10.50.0.5", 80)))
            """#
        )
    }

    @Test("an address learned by one device opens nothing for another, and goes with the permission")
    func learnedAddressesAreOnesOwn() throws {
        var policy = allowlist([
            try named("cloud.example.net", SamplePolicies.tcp(443)),
            try named("media.example.net", SamplePolicies.udp(5000, 6000)),
        ])
        var enforcement = Enforcement(settings: TrafficScript.settings)
        var devices = TrafficScript.devices()
        devices[1].policy = "cameras"
        enforcement.adopt(bundle(policy), devices: devices)
        let load = enforcement.load(nowMilliseconds: 0)
        let four = try #require(IPAddress("10.50.0.5"))
        let six = try #require(IPAddress("2001:db8:50::5"))
        var learned = enforcement.learn(
            device: TrafficScript.camera,
            name: try SamplePolicies.name("cloud.example.net"),
            addresses: [four, six],
            seconds: 60,
            nowMilliseconds: 0
        )
        learned.append(
            enforcement.learn(
                device: TrafficScript.camera,
                name: try SamplePolicies.name("media.example.net"),
                addresses: [four],
                seconds: 60,
                nowMilliseconds: 0
            )
        )
        let turned = enforcement.turnEpoch()
        enforcement.adopt(bundle(policy, generation: 2), devices: devices)
        let again = enforcement.load(nowMilliseconds: 1000)
        policy.allow.removeFirst()
        enforcement.adopt(bundle(policy, generation: 3), devices: devices)
        expectPasses(
            [load, learned, turned, again, enforcement.load(nowMilliseconds: 2000)],
            #"""
            apply(0)
            check("before the name is asked", tcp("camera", "10.50.0.5", 443) == "refused")
            apply(1)
            live = tcp("camera", "10.50.0.5", 443)
            check("learned", passes(live))
            check("learned, IPv6", passes(tcp("camera", "2001:db8:50::5", 443)))
            check("learned, not another port", tcp("camera", "10.50.0.5", 80) == "refused")
            check("learned, a range of ports", udp("camera", "10.50.0.5", 5005))
            check("not outside the range", not udp("camera", "10.50.0.5", 80))
            check("not for the other device", tcp("sensor", "10.50.0.5", 443) == "refused")
            apply(2)
            check("lives when the epoch turns", echoes(live))
            apply(3)
            check("lives under the next generation", echoes(live))
            apply(4)
            dies(live, "ends when the name is no longer allowed")
            check("the other name's address stays", udp("camera", "10.50.0.5", 5005))
            """#
        )
    }

    @Test("a flow that asks a shared address for another name is cut, also across a reload; the others live on")
    func cutsServerNames() throws {
        var enforcement = enforcing(
            bundle(allowlist([try named("cloud.example.net", SamplePolicies.tcp(443), SamplePolicies.udp(443))]))
        )
        var commands = [enforcement.load(nowMilliseconds: 0)]
        let four = try #require(IPAddress("10.50.0.5"))
        let six = try #require(IPAddress("2001:db8:50::5"))
        commands.append(
            enforcement.learn(
                device: TrafficScript.camera,
                name: try SamplePolicies.name("cloud.example.net"),
                addresses: [four, six],
                seconds: 60,
                nowMilliseconds: 0
            )
        )
        func asks(_ name: ByteString, _ client: ByteString, _ server: IPAddress, _ transport: TransportProtocol) throws
            -> ServerNameSighting
        {
            ServerNameSighting(
                device: TrafficScript.camera,
                client: try #require(IPAddress(client)),
                server: server,
                transport: transport,
                clientPort: 40_001,
                serverPort: 443,
                name: .named(name)
            )
        }
        for asked in [
            try asks("other.example.net", "10.9.0.2", four, .tcp),
            try asks("other.example.net", "fd09::2", six, .tcp),
            try asks("other.example.net", "10.9.0.2", four, .udp),
        ] {
            #expect(enforcement.judge(asked, nowMilliseconds: 1000)?.prefix.reason == .serverName)
        }
        commands.append(enforcement.takeCuts(nowMilliseconds: 1000))
        enforcement.adopt(
            bundle(
                allowlist([try named("cloud.example.net", SamplePolicies.tcp(443), SamplePolicies.udp(443))]),
                generation: 2
            ),
            devices: TrafficScript.devices()
        )
        commands.append(enforcement.load(nowMilliseconds: 2000))
        let allowed = try asks("cloud.example.net", "10.9.0.2", four, .udp)
        #expect(enforcement.judge(allowed, nowMilliseconds: 3000) == nil)
        commands.append(enforcement.takeCuts(nowMilliseconds: 3000))
        expectPasses(
            commands,
            #"""
            def flow(port, kind=socket.SOCK_STREAM, address="10.50.0.5", own="10.9.0.2"):
                with inside("camera"): s = socket.socket(family(address), kind)
                s.settimeout(3)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((own, port)); s.connect((address, 443)); return s
            apply(0)
            apply(1)
            first, second, six = flow(40001), flow(40002), flow(40001, address="2001:db8:50::5", own="fd09::2")
            datagrams, others = flow(40001, socket.SOCK_DGRAM), flow(40002, socket.SOCK_DGRAM)
            check("all live", all(echoes(s) for s in [first, second, six, datagrams, others]))
            server = [s for s in accepted if s.getpeername()[1] == 40001 and "." in s.getpeername()[0]][0]
            apply(2)
            dies(first, "the flow that is cut ends")
            dies(six, "over IPv6 too")
            check("its datagrams too", not echoes(datagrams, 1))
            check("others on the address live", echoes(second) and echoes(others))
            counter = nft("list counter inet gatehouse count_server-name_cameras")
            check("counted", "packets" in counter and "packets 0" not in counter)
            first.close()
            try: echoed = echoes(flow(40001))
            except ConnectionRefusedError: echoed = False
            check("a SYN does not bring the flow back", not echoed)
            apply(3)
            check("still cut after a reload", not echoes(datagrams, 1))
            check("others live", echoes(second) and echoes(others))
            apply(4)
            check("the same ports, with an allowed name", echoes(datagrams))
            """#
        )
    }

    @Test("nobody sends from another's address, nor from the middle of a connection nobody saw")
    func refusesForgeries() throws {
        let enforcement = enforcing(bundle(allowlist([try to("10.50.0.5", SamplePolicies.tcp(80))])))
        expectPasses(
            [enforcement.load(nowMilliseconds: 0), "table inet gatehouse\ndelete table inet gatehouse\n"],
            #"""
            apply(0)
            subprocess.run("ip -n camera addr add 10.9.0.77/24 dev eth0", shell=True)
            check("an address that is not its own", tcp("camera", "10.50.0.5", 80, 1, source="10.9.0.77") == "silence")
            check("counted as spoofed", "packets 0" not in nft("list counter inet gatehouse count_spoofed_cameras"))
            apply(1)
            live = tcp("camera", "10.50.0.5", 443)
            check("open without rules", passes(live))
            apply(0)
            dies(live, "a flow from before the rules, which they do not allow")
            """#
        )
    }

    @Test("monitor mode drops nothing, and counts")
    func monitors() throws {
        let enforcement = enforcing(bundle(allowlist([try to("10.50.0.5", SamplePolicies.tcp(80))], mode: .monitor)))
        expectPasses(
            [enforcement.load(nowMilliseconds: 0)],
            #"""
            apply(0)
            check("allowed", passes(tcp("camera", "10.50.0.5", 80)))
            check("not allowed, passes", passes(tcp("camera", "10.50.16.5", 443)))
            check("DNS over TLS passes", passes(tcp("camera", "10.50.16.5", 853)))
            check("UDP passes", udp("camera", "10.50.16.5", 5005))
            check("to the gateway", tcp("camera", "10.9.0.1", 9) == "refused")
            subprocess.run("ip -n camera addr add 10.9.0.77/24 dev eth0", shell=True)
            check("an unknown address passes", passes(tcp("camera", "10.50.0.5", 80, 2, source="10.9.0.77")))
            counter = nft("list counter inet gatehouse count_not-allowed_cameras")
            check("counted", "packets 0" not in counter)
            check("the unknown device is held", tcp("sensor", "10.50.0.5", 80) == "refused")
            """#
        )
    }

    @Test("nobody outside opens a connection to a device; other tables and other traffic are left alone")
    func touchesNothingElse() throws {
        let enforcement = enforcing(bundle(allowlist([])))
        expectPasses(
            [
                "table inet other {\n\tchain c {\n\t\ttcp dport 9 accept comment \"mine\"\n\t}\n}\n",
                enforcement.load(nowMilliseconds: 0),
            ],
            #"""
            apply(0)
            before = nft("list table inet other")
            with inside("camera"):
                door = socket.socket(); door.bind(("10.9.0.2", 8080)); door.listen(4)
            check("before: the camera can be reached", isinstance(tcp("internet", "10.9.0.2", 8080), socket.socket))
            apply(1)
            check("not any more", tcp("internet", "10.9.0.2", 8080, 1) != "open" and
                not isinstance(tcp("internet", "10.9.0.2", 8080, 1), socket.socket))
            check("the gateway reaches its device", isinstance(tcp("gateway", "10.9.0.2", 8080), socket.socket))
            check("the gateway reaches the internet", passes(tcp("gateway", "10.50.0.5", 80)))
            check("the other table is as it was", nft("list table inet other") == before)
            """#
        )
    }
}
