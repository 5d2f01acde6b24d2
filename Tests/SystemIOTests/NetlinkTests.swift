import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing

@Suite("Netlink", .ownThread, .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
struct NetlinkTests {
    private static func waitUntilReadable(_ descriptor: Int32) throws {
        let loop = try EventLoop()
        try loop.add(descriptor, token: 1, interest: .readable)
        var events: [EventLoop.Readiness] = []
        try loop.wait(timeoutMilliseconds: 5_000, into: &events)
        #expect(!events.isEmpty, "nothing came in five seconds")
    }

    private static let cable =
        "ip link add gate0 type veth peer name dev0; sysctl -qw net.ipv6.conf.all.disable_ipv6=1; "
        + "ip link set gate0 address 02:00:00:00:00:01; ip addr add 192.0.2.1/24 dev gate0; "
        + "ip link set gate0 up; ip link set dev0 up; "

    @Test("interfaces, addresses and neighbours")
    func tables() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                Self.cable
                    + "sysctl -qw net.ipv6.conf.all.disable_ipv6=0; ip link add br0 type bridge; ip link set dev0 master br0; "
                    + "ip addr add 2001:db8::1/64 dev lo nodad; "
                    + "ip neigh add 192.0.2.7 lladdr ac:cc:8e:01:02:03 dev gate0; "
                    + "ip neigh add 2001:db8::7 lladdr ac:cc:8e:01:02:03 dev gate0"
            )
            let tables = try NetworkTables()
            let interfaces = try tables.interfaces()
            let gate = try #require(interfaces.first { $0.name == "gate0" })
            let bridge = try #require(interfaces.first { $0.name == "br0" })
            let device = try #require(interfaces.first { $0.name == "dev0" })
            let loopback = try #require(interfaces.first { $0.name == "lo" })
            #expect(gate.hardwareAddress == MACAddress("02:00:00:00:00:01"))
            #expect(gate.isUp && gate.isRunning && !gate.isLoopback)
            #expect(gate.addresses.filter { $0.address.family == .v4 }.map(\.address) == [IPAddress("192.0.2.1")])
            #expect(gate.addresses.first { $0.address.family == .v4 }?.network == IPPrefix("192.0.2.0/24"))
            #expect(device.master == bridge.index)
            #expect(gate.master == 0)
            #expect(!bridge.isUp)
            #expect(loopback.isLoopback)
            let six = try #require(IPAddress("2001:db8::1"))
            #expect(loopback.addresses.contains { $0.address == six && $0.prefixLength == 64 })
            #expect(try tables.interface(named: "none0") == nil)

            let neighbours = try tables.neighbours()
            let mac = try #require(MACAddress("ac:cc:8e:01:02:03"))
            let found = neighbours.filter { $0.hardwareAddress == mac }
            #expect(Set(found.map(\.address)) == [IPAddress("192.0.2.7"), IPAddress("2001:db8::7")])
            #expect(found.allSatisfy { $0.interfaceIndex == gate.index && $0.isKnown })
            #expect(tables.turnedAway == 0)
        }
    }

    @Test("the kernel asks the hardware address it is told, by ARP and NDP, and no entry that somebody made")
    func askingNeighbours() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                Self.cable
                    + "sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.gate0.accept_dad=0; "
                    + "ip addr add 2001:db8::1/64 dev gate0 nodad; "
                    + "ip neigh add 192.0.2.7 lladdr ac:cc:8e:01:02:03 dev gate0 nud stale; "
                    + "ip neigh add 192.0.2.8 lladdr ac:cc:8e:01:02:03 dev gate0"
            )
            let tables = try NetworkTables()
            let gate = try #require(try tables.interface(named: "gate0"))
            let device = try #require(try tables.interface(named: "dev0"))
            let ring = try PacketRing(interface: device, retireMilliseconds: 20)
            let other = try #require(MACAddress("3c:ef:8c:01:02:03"))
            let wanted = Set(["192.0.2.7", "192.0.2.9", "2001:db8::7"].map { (text: ByteString) in IPAddress(text) })
            for address in wanted {
                #expect(try tables.ask(try #require(address), of: other, interfaceIndex: gate.index) == nil)
            }
            let fixed = try #require(IPAddress("192.0.2.8"))
            let entered = MACAddress("ac:cc:8e:01:02:03")
            #expect(try tables.ask(fixed, of: other, interfaceIndex: gate.index) == entered)
            var asked: Set<IPAddress?> = []
            for _ in 0..<40 where asked != wanted {
                try Self.waitUntilReadable(ring.descriptor)
                while ring.forEachFrame({ frame, _ in
                    func bytes(_ range: Range<Int>) -> [UInt8] { range.map { frame[$0] } }
                    // An ARP question, or a neighbour solicitation (RFC 4861 section 4.3), after its Ethernet header.
                    let isARP = frame.count >= 42 && bytes(12..<14) == [0x08, 0x06] && frame[21] == 1
                    let isNDP =
                        frame.count >= 78 && bytes(12..<14) == [0x86, 0xDD] && frame[20] == 58 && frame[54] == 135
                    guard isARP || isNDP, bytes(0..<6) == other.octets else { return }
                    asked.insert(IPAddress(octets: bytes(isARP ? 38..<42 : 62..<78)))
                }) {}
            }
            #expect(asked == wanted)
            #expect(throws: SystemError.self) { _ = try tables.ask(fixed, of: other, interfaceIndex: 9999) }
        }
    }

    @Test("many interfaces need more than one datagram")
    func manyInterfaces() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell("for n in $(seq 60); do ip link add d$n type ifb; done")
            #expect(try NetworkTables().interfaces().filter { $0.name.hasPrefix("d") }.count == 60)
        }
    }

    @Test("a change of an address is told")
    func networkMonitor() throws {
        try NetworkNamespace.run {
            let monitor = try NetworkMonitor()
            #expect(try monitor.receive() == false)
            try NetworkNamespace.shell("ip addr add 192.0.2.1/32 dev lo")
            try Self.waitUntilReadable(monitor.descriptor)
            #expect(try monitor.receive())
        }
    }

    @Test("a device that is plugged in is told")
    func deviceEvents() throws {
        try NetworkNamespace.run {
            let source = try DeviceEventSource()
            try NetworkNamespace.shell("ip link add hot0 type ifb")
            try Self.waitUntilReadable(source.descriptor)
            var events: [DeviceEvent] = []
            while try source.receive(into: &events) {}
            let event = try #require(events.first { $0.value("INTERFACE") == "hot0" })
            #expect(event.action == "add")
            #expect(event.subsystem == "net")
            #expect(event.devicePath == "/devices/virtual/net/hot0")
            #expect(source.malformed == 0)
        }
    }

    @Test("a change of the ruleset names the process that made it, and says whether it was in the watched table")
    func rulesetMonitor() throws {
        try NetworkNamespace.run {
            let monitor = try RulesetMonitor(table: "b")
            var changes: [RulesetMonitor.Change] = []
            #expect(try monitor.receive(into: &changes) == false)
            let b = "table inet b { set s { type ipv4_addr; }; chain c { }; }"
            for command in [
                "add table inet a", b, "add element inet b s { 192.0.2.1 }", "add set inet a s { type mark; }",
            ] {
                try NetworkNamespace.shell("nft '\(command)'")
            }
            for command in ["add rule inet b c drop", "delete element inet b s { 192.0.2.1 }", "flush ruleset"] {
                try NetworkNamespace.shell("nft '\(command)'")
            }
            try Self.waitUntilReadable(monitor.descriptor)
            while try monitor.receive(into: &changes) {}
            #expect(changes.map(\.touchesTable) == [false, true, true, false, true, true, true])
            #expect(changes.allSatisfy { $0.processName == "nft" && $0.process > 0 })
            #expect((changes.last?.generation ?? 0) > (changes.first?.generation ?? 0))
        }
    }

    /// A frame from a camera to the gateway, with checksums, so that the gateway's own IP layer takes it.
    private static func frame(to port: Int, ttl: UInt8 = 64) -> [UInt8] {
        var packet = FrameBuilder.ip(
            from: "192.0.2.7",
            to: "192.0.2.1",
            transport: 17,
            timeToLive: ttl,
            FrameBuilder.udp(from: 5_000, to: port, Array("from a camera".utf8))
        )
        var sum: UInt32 = 0
        for index in stride(from: 0, to: 20, by: 2) { sum += UInt32(packet[index]) << 8 | UInt32(packet[index + 1]) }
        while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
        packet[10] = UInt8(truncatingIfNeeded: ~sum >> 8)
        packet[11] = UInt8(truncatingIfNeeded: ~sum)
        return FrameBuilder.ethernet(from: "ac:cc:8e:01:02:03", to: "02:00:00:00:00:01", packet)
    }

    @Test("a logged packet comes with its prefix, its sender's address and its first bytes")
    func netfilterLog() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                Self.cable
                    + "nft 'table inet t { chain i { type filter hook input priority 0; "
                    + "udp dport 9999 meta mark set 0x17 log prefix \"gh:drop:cameras:0\" group 5 drop; }; }'"
            )
            let log = try NetfilterLog(group: 5)
            let tables = try NetworkTables()
            let gate = try #require(try tables.interface(named: "gate0"))
            let device = try RawSender(try #require(try tables.interface(named: "dev0")))
            let sent = Self.frame(to: 9_999)
            for _ in 0..<3 { try device.send(sent) }
            try device.send(Self.frame(to: 9_998))
            var packets: [LoggedPacket] = []
            try Self.waitUntilReadable(log.descriptor)
            while packets.count < 3 {
                let more = try log.receive(into: &packets)
                if !more, packets.count < 3 { try Self.waitUntilReadable(log.descriptor) }
            }
            #expect(packets.count == 3)
            #expect(packets.map(\.sequence) == [0, 1, 2])
            let packet = try #require(packets.first)
            #expect(packet.prefix == "gh:drop:cameras:0")
            #expect(packet.source == MACAddress("ac:cc:8e:01:02:03"))
            #expect(packet.inputInterface == gate.index)
            #expect(packet.outputInterface == 0)
            #expect(packet.etherType == 0x0800)
            #expect(packet.hook == 1)
            #expect(packet.mark == 0x17)
            #expect(packet.payload == Array(sent[14...]))
            #expect(packet.linkHeader == Array(sent[0..<14]))
            #expect(log.overruns == 0)

            let error = #expect(throws: SystemError.self) { try NetfilterLog(group: 5) }
            #expect(
                error?.description
                    == "cannot take over netfilter log group 5: Operation not permitted (root, or the capability for it, is needed)"
            )
        }
    }

    @Test("packets that nobody reads are counted as an overrun, and the log goes on")
    func netfilterLogOverrun() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                Self.cable
                    + "nft 'table inet t { chain i { type filter hook input priority 0; "
                    + "udp dport 9999 log prefix \"x\" group 6 drop; }; }'"
            )
            let log = try NetfilterLog(group: 6)
            let device = try RawSender(try #require(try NetworkTables().interface(named: "dev0")))
            for _ in 0..<8_000 { try device.send(Self.frame(to: 9_999)) }
            try Self.waitUntilReadable(log.descriptor)
            var packets: [LoggedPacket] = []
            while try log.receive(into: &packets) {}
            #expect(log.overruns > 0)
            #expect(!packets.isEmpty)
            #expect(packets.count < 8_000)
        }
    }

    @Test("flows are listed, marked and forgotten")
    func connectionTracking() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                "ip addr add 2001:db8::1/128 dev lo nodad; "
                    + "nft 'table inet t { chain o { type filter hook output priority 0; "
                    + "udp dport 7001 ct mark set 0x10005; udp dport 7002 ct mark set 0x10006; ct state new counter; }; }'"
            )
            let loopback = try #require(IPAddress("127.0.0.1"))
            let six = try #require(IPAddress("2001:db8::1"))
            var sockets: [DatagramSocket] = []
            for (address, port) in [(loopback, 7_001), (loopback, 7_002), (six, 7_001)] {
                let target = SocketAddress(address, port: UInt16(port))
                sockets.append(try DatagramSocket.listening(on: target))
                let client = try DatagramSocket.connected(to: target)
                _ = try client.send([1])
                sockets.append(client)
            }
            let tracking = try ConnectionTracking()
            let all = try tracking.flows(.v4).flows
            #expect(Set(all.map(\.original.destinationPort)) == [7_001, 7_002])
            #expect(
                all.allSatisfy { $0.original.transport == .udp && $0.original.source == loopback && !$0.isAnswered }
            )
            #expect(all.allSatisfy { $0.replySource == loopback })
            let filter = ConnectionTracking.MarkFilter(value: 0x5, mask: 0xF)
            let marked = try tracking.flows(.v4, mark: filter).flows
            #expect(marked.map(\.original.destinationPort) == [7_001])
            #expect(marked.map(\.mark) == [0x10005])
            #expect(marked.first?.original.sourcePort == (try sockets[1].localAddress().port))
            // The first packet over IPv6 may leave before the kernel has armed that family's hooks: sent until it is seen.
            var inSix = try tracking.flows(.v6).flows
            for _ in 0..<500 where inSix.isEmpty {
                _ = try sockets[5].send([1])
                Thread.sleep(forTimeInterval: 0.01)
                inSix = try tracking.flows(.v6).flows
            }
            #expect(inSix.map(\.original.destination) == [six])

            let flow = try #require(marked.first?.original)
            #expect(try tracking.setMark(0x20009, of: flow))
            #expect(
                try tracking.flows(.v4, mark: .init(value: 0x20009, mask: UInt32.max)).flows.map(\.original) == [flow]
            )
            #expect(try tracking.delete(flow))
            #expect(try tracking.delete(flow) == false)
            #expect(try tracking.setMark(1, of: flow) == false)
            #expect(try tracking.flows(.v4).flows.map(\.original.destinationPort) == [7_002])
            #expect(try tracking.delete(try #require(inSix.first?.original)))
            #expect(try tracking.flows(.v6).flows.isEmpty)
        }
    }

    @Test("connections that are let pass are told once; what a rule drops or rejects is not")
    func openedConnections() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                "nft 'table inet t { chain o { type filter hook output priority 0; ct state new counter; "
                    + "udp dport 7002 drop; udp dport 7003 reject; }; }'"
            )
            let monitor = try ConnectionMonitor()
            let loopback = try #require(IPAddress("127.0.0.1"))
            var sockets: [DatagramSocket] = []
            for port in [7_002, 7_003, 7_001] {
                let target = SocketAddress(loopback, port: UInt16(port))
                sockets.append(try DatagramSocket.listening(on: target))
                let client = try DatagramSocket.connected(to: target)
                for _ in 0..<3 { _ = try? client.send([1]) }
                sockets.append(client)
            }
            try Self.waitUntilReadable(monitor.descriptor)
            var flows: [TrackedFlow] = []
            while try monitor.receive({ flows.append($0) }) {}
            #expect(flows.map(\.original.destinationPort) == [7_001])
            #expect(flows.first?.original.source == loopback)
            #expect(flows.first?.original.sourcePort == (try sockets[5].localAddress().port))
            #expect(flows.first?.replySource == loopback)
            #expect(monitor.overruns == 0)
        }
    }

    @Test("more connections than the buffer holds: what was lost is counted, and the rest comes")
    func manyConnections() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                "nft 'table inet t { chain o { type filter hook output priority 0; ct state new counter; }; }'"
            )
            let monitor = try ConnectionMonitor()
            let loopback = try #require(IPAddress("127.0.0.1"))
            let client = try DatagramSocket.listening(on: SocketAddress(loopback, port: 7_000))
            for port in UInt16(10_000)..<14_000 {
                _ = try? client.send([1], to: SocketAddress(loopback, port: port), from: nil, interfaceIndex: 0)
            }
            var count = 0
            while try monitor.receive({ _ in count += 1 }) {}
            #expect(monitor.overruns > 0)
            #expect(count > 0 && count < 4_000)
        }
    }

    @Test("an echo exchange can be forgotten too")
    func trackedEcho() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                "nft 'table inet t { chain o { type filter hook output priority 0; ct state new counter; }; }'; "
                    + "ping -c 1 -W 2 127.0.0.1 > /dev/null"
            )
            let tracking = try ConnectionTracking()
            let echo = try #require(try tracking.flows(.v4).flows.first { $0.original.transport == .icmp })
            #expect(echo.original.icmp?.type == 8)
            #expect(try tracking.delete(echo.original))
            #expect(try tracking.flows(.v4).flows.isEmpty)
        }
    }
}

@Suite("Device events")
struct DeviceEventTests {
    // As the kernel sends it for a webcam's USB interface (lib/kobject_uevent.c: action@devpath, then the environment).
    private static let sound =
        "add@/devices/pci0000:00/0000:00:14.0/usb1/1-1\0ACTION=add\0DEVPATH=/devices/pci0000:00/0000:00:14.0/usb1/1-1\0"
        + "SUBSYSTEM=usb\0DEVTYPE=usb_device\0PRODUCT=46d/825/12\0EMPTY=\0"

    private static func parse(_ text: String) throws(DecodeError) -> DeviceEvent {
        let bytes = Array(text.utf8)
        var reader = ByteReader(bytes.span)
        return try DeviceEvent(parsing: &reader)
    }

    @Test("fields of an event")
    func fields() throws {
        let event = try Self.parse(Self.sound)
        #expect(event.action == "add")
        #expect(event.devicePath == "/devices/pci0000:00/0000:00:14.0/usb1/1-1")
        #expect(event.subsystem == "usb")
        #expect(event.value("PRODUCT") == "46d/825/12")
        #expect(event.value("EMPTY") == "")
        #expect(event.value("NONE") == nil)
    }

    @Test("every prefix is read or refused")
    func prefixes() {
        let bytes = Array(Self.sound.utf8)
        for length in 0..<bytes.count {
            _ = try? Self.parse(String(decoding: bytes[0..<length], as: UTF8.self))
        }
    }

    @Test(
        "not a uevent of the kernel",
        arguments: ["", "libudev\0", "add", "add@/x\0NOTAFIELD\0", "add@/x\0A=1"]
    )
    func refused(_ text: String) {
        #expect(throws: DecodeError.self) { try Self.parse(text) }
    }

    @Test("bytes changed at random are read or refused")
    func mutations() {
        for seed in UInt64(0)..<3_000 {
            var generator = SeededGenerator(seed: seed)
            var bytes = Array(Self.sound.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let value = UInt8.random(in: 0...255, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[Int.random(in: 0..<bytes.count, using: &generator)] = value
                case 1: bytes.insert(value, at: Int.random(in: 0...bytes.count, using: &generator))
                default: bytes.removeSubrange(Int.random(in: 0..<bytes.count, using: &generator)...)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            var reader = ByteReader(bytes.span)
            guard let event = try? DeviceEvent(parsing: &reader) else { continue }
            #expect(event.fields.count <= DeviceEvent.fieldLimit, "seed \(seed)")
            _ = event.concernsLocalBuses
        }
    }

    @Test(
        "what concerns local buses",
        arguments: [("usb", true), ("input", true), ("net", true), ("block", false), ("cpu", false), ("", false)]
    )
    func localBuses(subsystem: String, isOne: Bool) throws {
        #expect(try Self.parse("add@/x\0SUBSYSTEM=\(subsystem)\0").concernsLocalBuses == isOne)
    }

    @Test("too many fields are refused")
    func limit() {
        let text = "add@/x\0" + String(repeating: "A=1\0", count: DeviceEvent.fieldLimit + 1)
        #expect(throws: DecodeError.self) { try Self.parse(text) }
    }
}
