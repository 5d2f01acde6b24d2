import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// Limits, DNS, time and the way into the log, with real packets.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct RulesetLimitTests {
    func loaded(_ change: (inout Allowlist) -> Void) throws -> (Enforcement, ByteString) {
        var cameras = Allowlist(name: "cameras")
        cameras.allow = [
            AllowRule(
                to: .prefix(try SamplePolicies.prefix("10.50.0.0/16")),
                ports: [SamplePolicies.tcp(80)]
            ),
            AllowRule(
                to: .prefix(try SamplePolicies.prefix("10.50.0.0/16")),
                ports: [SamplePolicies.udp(5005)]
            ),
        ]
        change(&cameras)
        var bundle = PolicyBundle()
        bundle.allowlists = [cameras]
        var enforcement = Enforcement(settings: TrafficScript.settings)
        enforcement.adopt(bundle, devices: TrafficScript.devices())
        return (enforcement, enforcement.load(nowMilliseconds: 0))
    }

    func expectPasses(_ commands: [ByteString], _ body: String) {
        let (outcome, failures) = TrafficScript.run(commands, body)
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
    }

    @Test("new connections a second, connections at a time, packets a second")
    func limits() throws {
        let (_, connections) = try loaded { $0.limits.newConnectionsPerSecond = 6 }
        let (_, open) = try loaded { $0.limits.concurrentConnections = 4 }
        let (_, packets) = try loaded { $0.limits.packetsPerSecond = 20 }
        expectPasses(
            [connections, open, packets],
            #"""
            def begin(count):
                made = []
                for _ in range(count):
                    with inside("camera"): s = socket.socket()
                    s.setblocking(False); s.connect_ex(("10.50.0.5", 80)); made.append(s)
                time.sleep(0.3)
                return [s for s in made if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
                        and select.select([], [s], [], 0)[1]]
            apply(0)
            first = begin(30)
            check("some of 30 at once pass, not all: %d" % len(first), 4 <= len(first) <= 20)
            check("counted", "packets 0" not in nft("list counter inet gatehouse count_connection-rate_cameras"))
            [s.close() for s in first]
            apply(1)
            kept = begin(10)
            check("four of 10 are open: %d" % len(kept), len(kept) == 4)
            check("they work", all(echoes(s) for s in kept))
            check("counted", "packets 0" not in nft("list counter inet gatehouse count_connection-count_cameras"))
            [s.close() for s in kept]
            apply(2)
            with inside("camera"): s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.connect(("10.50.0.5", 5005))
            for _ in range(300): s.send(b"x")
            time.sleep(0.3); s.setblocking(False); back = 0
            try:
                while True: s.recv(10); back += 1
            except OSError: pass
            check("of 300 packets on one connection some pass, not all: %d" % back, 10 <= back <= 100)
            check("counted", "packets 0" not in nft("list counter inet gatehouse count_packet-rate_cameras"))
            time.sleep(1.2)
            check("the connection was not revoked", echoes(s))
            """#
        )
    }

    @Test("DNS goes to the agent wherever it was sent; encrypted DNS is refused")
    func redirectsDNS() throws {
        let (_, load) = try loaded { $0.allow = [] }
        expectPasses(
            [load],
            #"""
            agents = []
            for f, any in [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]:
                a = socket.socket(f, socket.SOCK_DGRAM)
                if f == socket.AF_INET6: a.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                a.bind((any, 10053)); agents.append(a)
                t = socket.socket(f, socket.SOCK_STREAM)
                if f == socket.AF_INET6: t.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                t.bind((any, 10053)); t.listen(8); servers.append(t)
            def answer():
                while True:
                    for a in select.select(agents, [], [])[0]:
                        data, peer = a.recvfrom(100); a.sendto(b"agent " + data, peer)
            threading.Thread(target=answer, daemon=True).start()
            apply(0)
            for address in ["10.9.0.1", "10.50.0.5", "fd09::1", "2001:db8:50::5"]:
                with inside("camera"): s = socket.socket(family(address), socket.SOCK_DGRAM)
                s.settimeout(2); s.connect((address, 53)); s.send(b"?")
                try: said = s.recv(100)
                except OSError as error: said = str(error).encode()
                check("asked %s: %s" % (address, said), said == b"agent ?")
            for address in ["10.50.0.5", "2001:db8:50::5"]:
                check("asked %s over TCP" % address, isinstance(tcp("camera", address, 53), socket.socket))
                check("DNS over TLS to " + address, tcp("camera", address, 853) == "refused")
            """#
        )
    }

    @Test("when the tick turns, a connection keeps the address it uses; the epoch's turn loses nobody")
    func ticks() throws {
        let name = try SamplePolicies.name("cloud.example.net")
        var (enforcement, load) = try loaded {
            $0.allow = [
                AllowRule(to: .name(NamePattern(name: name, isWildcard: false)), ports: [SamplePolicies.tcp(443)])
            ]
        }
        let learned = enforcement.learn(
            device: TrafficScript.camera,
            name: name,
            addresses: [try #require(IPAddress("10.50.0.5"))],
            seconds: 1,
            nowMilliseconds: 0
        )
        let tick = enforcement.tick(nowMilliseconds: 130_000)
        #expect(!tick.isEmpty)
        let epoch = enforcement.turnEpoch()
        expectPasses(
            [load, learned, tick, epoch, "flush set inet gatehouse names4\n"],
            #"""
            apply(0); apply(1)
            live, idle = tcp("camera", "10.50.0.5", 443), tcp("camera", "10.50.0.5", 443)
            check("live", passes(live) and passes(idle))
            apply(4)
            check("lives without the element, for it was judged", echoes(live))
            apply(1)
            check("it has ten minutes", "timeout 10m" in nft("list set inet gatehouse names4"))
            apply(2)
            check("lives on", echoes(live))
            listing = nft("list set inet gatehouse names4")
            check("and its address was refreshed", "expires 59m" in listing or "expires 1h" in listing)
            apply(3)
            check("lives when judged again", echoes(live))
            server = [s for s in accepted if s.getpeername()[1] == idle.getsockname()[1]][0]
            server.send(b"news"); idle.settimeout(3)
            check("the other side may speak first", idle.recv(100) == b"news")
            check("and the device's answer passes", echoes(idle))
            """#
        )
    }

    @Test("what is refused reaches the log with its reason, and the first bytes of the packet")
    func logs() throws {
        let (_, load) = try loaded { _ in }
        expectPasses(
            [load],
            #"""
            # nfnetlink_log (linux/netfilter/nfnetlink_log.h): bind group 77, copy packets.
            log = socket.socket(16, socket.SOCK_RAW, 12)
            def send(message_type, body):
                log.send(struct.pack("=IHHII", 16 + len(body), message_type, 5, 1, 0) + body); log.recv(4096)
            def attribute(kind, data): return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)
            send(0x401, struct.pack("!BBH", 0, 0, 77) + attribute(1, b"\1"))
            send(0x401, struct.pack("!BBH", 0, 0, 77) + attribute(2, struct.pack("!IBB", 128, 2, 0)))
            apply(0)
            check("refused", tcp("camera", "10.50.0.5", 23) == "refused")
            log.settimeout(5)
            heard = log.recv(65536)
            check("prefix", b"gh1|drop|not-allowed|cameras" in heard)
            check("the packet", bytes([10, 9, 0, 2, 10, 50, 0, 5]) in heard)
            check("the device", bytes([2, 0, 0, 0, 0, 2]) in heard)
            """#
        )
    }

    @Test("in monitor mode others may open connections to the device, and that is counted")
    func monitorsInbound() throws {
        let (_, load) = try loaded { $0.mode = .monitor }
        expectPasses(
            [load],
            #"""
            with inside("camera"):
                door = socket.socket(); door.bind(("10.9.0.2", 8080)); door.listen(4)

            apply(0)
            visitor = tcp("internet", "10.9.0.2", 8080)
            check("a visitor", isinstance(visitor, socket.socket))
            peer, _ = door.accept()
            visitor.send(b"hello"); peer.settimeout(2); check("is heard", peer.recv(10) == b"hello")
            peer.send(b"answer"); visitor.settimeout(2); check("and answered", visitor.recv(10) == b"answer")
            check("counted", "packets 0" not in nft("list counter inet gatehouse count_inbound_watched"))
            """#
        )
    }
}
