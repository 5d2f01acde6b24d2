import AgentCore
import NetworkTypes
import TestSupport
import Testing

/// Devices, a gateway and an internet in namespaces, through which a test sends real packets.
///
/// ```
///  camera 10.9.0.2, fd09::2  ──┐
///                              br0 gateway wan ── internet 10.50.0.5, 10.50.15.5, 10.50.16.5, 2001:db8:50::5
///  sensor 10.9.0.3, fd09::3  ──┘ 10.9.0.1, fd09::1        echoes on TCP and UDP 80, 443, 5005, 23
/// ```
///
/// The body is Python. It calls `apply(n)` for the nth command, and `check(words, truth)` for what must hold.
struct TrafficScript {
    static let camera = MACAddress(rawValue: 0x0200_0000_0002)
    static let sensor = MACAddress(rawValue: 0x0200_0000_0003)
    static let settings = EnforcementSettings(deviceInterfaces: ["br0"], dnsPort: 10053, logGroup: 77)

    /// The camera under `policy` and the sensor under none, with the addresses they have.
    static func devices(cameraPolicy policy: ByteString? = "cameras") -> [EnforcedDevice] {
        func addresses(_ texts: [ByteString]) -> [IPAddress] { texts.compactMap { IPAddress($0) } }
        return [
            EnforcedDevice(
                macAddress: camera,
                addresses: addresses(["10.9.0.2", "fd09::2", "fe80::ff:fe00:2"]),
                policy: policy
            ),
            EnforcedDevice(macAddress: sensor, addresses: addresses(["10.9.0.3", "fd09::3", "fe80::ff:fe00:3"])),
        ]
    }

    /// Runs the body; all output, and the lines that begin with `FAIL`.
    static func run(_ commands: [ByteString], _ body: String) -> (outcome: Namespace.Outcome, failures: [String]) {
        var input = library + "\n" + body + "\nfinish()\n"
        for command in commands { input += "\n#=====\n" + command.text }
        let program = #"import sys; parts = sys.stdin.read().split("\n#=====\n"); COMMANDS = parts[1:]; exec(parts[0])"#
        let outcome = Namespace.run(network + "\npython3 -c '\(program)'", input: input, timeoutSeconds: 120)
        return (outcome, outcome.output.split(separator: "\n").filter { $0.hasPrefix("FAIL") }.map(String.init))
    }

    /// Runs the body, and records an issue where a check of it fails; prints what it measured.
    static func expectPasses(_ commands: [ByteString], _ body: String, at location: SourceLocation = #_sourceLocation) {
        let (outcome, failures) = run(commands, body)
        #expect(
            outcome.status == 0 && failures.isEmpty,
            "\(failures)\n\(outcome.output)\n\(outcome.errors)",
            sourceLocation: location
        )
        for line in outcome.output.split(separator: "\n") where line.hasPrefix("     ") { print(line) }
    }

    private static let network = #"""
        sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0
        sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
        mkdir -p /run/netns
        ip link add br0 type bridge forward_delay 0
        ip link set br0 up
        ip addr add 10.9.0.1/24 dev br0; ip addr add fd09::1/64 dev br0 nodad
        n=2
        for device in camera sensor; do
            ip netns add $device
            ip link add $device type veth peer name eth0 netns $device
            ip link set $device master br0 up
            ip -n $device link set lo up
            ip -n $device link set eth0 address 02:00:00:00:00:0$n
            ip netns exec $device sysctl -qw net.ipv6.conf.eth0.accept_dad=0
            ip -n $device link set eth0 up
            ip -n $device addr add 10.9.0.$n/24 dev eth0
            ip -n $device addr add fd09::$n/64 dev eth0 nodad
            ip -n $device route add default via 10.9.0.1
            ip -n $device -6 route add default via fd09::1
            n=3
        done
        ip netns add internet
        ip link add wan type veth peer name eth0 netns internet
        ip link set wan up; ip addr add 10.50.0.1/16 dev wan; ip addr add 2001:db8:50::1/64 dev wan nodad
        ip -n internet link set lo up; ip -n internet link set eth0 up
        for a in 10.50.0.5/16 10.50.15.5/16 10.50.16.5/16; do ip -n internet addr add $a dev eth0; done
        ip -n internet addr add 2001:db8:50::5/64 dev eth0 nodad
        ip -n internet route add 10.9.0.0/24 via 10.50.0.1
        ip -n internet -6 route add fd09::/64 via 2001:db8:50::1
        """#

    private static let library = #"""
        import ctypes, errno, os, select, socket, struct, subprocess, threading, time
        libc = ctypes.CDLL(None, use_errno=True)
        HOME = os.open("/proc/self/ns/net", os.O_RDONLY)
        failed = False
        class inside:
            def __init__(self, name): self.name = name
            def __enter__(self):
                if self.name == "gateway": return
                descriptor = os.open("/run/netns/" + self.name, os.O_RDONLY)
                assert libc.setns(descriptor, 0x40000000) == 0
                os.close(descriptor)
            def __exit__(self, *ignored): assert libc.setns(HOME, 0x40000000) == 0
        def family(address): return socket.AF_INET6 if ":" in address else socket.AF_INET
        def check(words, truth):
            global failed
            if not truth: failed = True
            print("ok  " if truth else "FAIL", words, flush=True)
        def finish():
            if failed:
                print(subprocess.run("nft list table inet gatehouse; cat /proc/net/nf_conntrack 2>/dev/null",
                                     shell=True, capture_output=True, text=True).stdout)
            os._exit(1 if failed else 0)
        def apply(number):
            made = subprocess.run(["nft", "-f", "-"], input=COMMANDS[number], text=True, capture_output=True)
            check("command %d is taken: %s" % (number, made.stderr[:400]), made.returncode == 0)
        def nft(text): return subprocess.run(["nft"] + text.split(), capture_output=True, text=True).stdout
        servers = []
        for address in ["10.50.0.5", "10.50.15.5", "10.50.16.5", "2001:db8:50::5"]:
            for port in [80, 443, 5005, 23, 53, 853]:
                with inside("internet"):
                    tcp = socket.socket(family(address), socket.SOCK_STREAM)
                    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    tcp.bind((address, port)); tcp.listen(64)
                    udp = socket.socket(family(address), socket.SOCK_DGRAM)
                    udp.bind((address, port))
                servers += [tcp, udp]
        accepted = []
        def serve():
            watch = {s.fileno(): s for s in servers}
            # Two of these may watch one socket: the one that comes second must not wait for another peer.
            for s in servers: s.setblocking(False)
            while True:
                for fd in select.select(list(watch), [], [])[0]:
                    s = watch[fd]
                    try:
                        if s.type == socket.SOCK_DGRAM:
                            data, peer = s.recvfrom(2048); s.sendto(data, peer)
                        elif s in servers:
                            peer, _ = s.accept(); watch[peer.fileno()] = peer; accepted.append(peer)
                        else:
                            data = s.recv(2048)
                            if data: s.send(data)
                            else: del watch[fd]
                    except OSError:
                        if s not in servers: del watch[fd]
        threading.Thread(target=serve, daemon=True).start()
        def tcp(place, address, port, seconds=3, source=None):
            "A connection, or why there is none: refused, prohibited, silence."
            with inside(place): s = socket.socket(family(address), socket.SOCK_STREAM)
            s.settimeout(seconds)
            try:
                if source: s.bind((source, 0))
                s.connect((address, port)); return s
            except ConnectionRefusedError: return "refused"
            except (socket.timeout, TimeoutError): return "silence"
            except OSError as error:
                return "prohibited" if error.errno in (errno.EACCES, errno.EHOSTUNREACH) else str(error)
        def passes(connection): return isinstance(connection, socket.socket) and echoes(connection)
        def echoes(s, seconds=3):
            s.settimeout(seconds)
            try:
                s.send(b"hello"); return s.recv(100) == b"hello"
            except OSError: return False
        def udp(place, address, port, seconds=1):
            "Whether a datagram comes back; False where it is refused or lost."
            with inside(place): s = socket.socket(family(address), socket.SOCK_DGRAM)
            s.connect((address, port))
            return echoes(s, seconds)
        def dies(s, words, seconds=10):
            "Whether a live connection ends: sends until the kernel says no. Prints how long it took."
            start = time.monotonic()
            s.settimeout(0.05)
            while time.monotonic() - start < seconds:
                try:
                    s.send(b"x")
                    if s.recv(100) == b"": break
                except (socket.timeout, TimeoutError): continue
                except OSError: break
            else:
                check(words, False); return
            print("     %s after %.0f ms" % (words, (time.monotonic() - start) * 1000)); check(words, True)
        """#
}
