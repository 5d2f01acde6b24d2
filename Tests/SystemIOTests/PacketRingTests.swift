import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing

@Suite(
    "Packet ring",
    .ownThread,
    .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace")
)
struct PacketRingTests {
    /// Two ends of a cable: the gateway's and the device's.
    private struct Cable {
        let gateway: NetworkInterface
        let device: NetworkInterface

        init() throws {
            try NetworkNamespace.shell(
                "ip link add gate0 type veth peer name dev0; sysctl -qw net.ipv6.conf.all.disable_ipv6=1; "
                    + "ip link set gate0 up; ip link set dev0 up; "
                    // The kernel opens the first end for sending a little later than it says that the second is up.
                    + "for i in $(seq 500); do ip link show gate0 | grep -q 'qdisc noqueue state UP' && exit 0; sleep 0.02; done; "
                    + "exit 1"
            )
            let tables = try NetworkTables()
            gateway = try #require(try tables.interface(named: "gate0"))
            device = try #require(try tables.interface(named: "dev0"))
        }
    }

    private struct Seen {
        let bytes: [UInt8]
        let facts: CapturedFrame
    }

    private static func collect(_ ring: PacketRing, until count: Int) throws -> [Seen] {
        let loop = try EventLoop()
        try loop.add(ring.descriptor, token: 1, interest: .readable)
        var events: [EventLoop.Readiness] = []
        var seen: [Seen] = []
        for _ in 0..<20 where seen.count < count {
            try loop.wait(timeoutMilliseconds: 1_000, into: &events)
            while ring.forEachFrame(
                blockLimit: 1,
                { bytes, facts in
                    var copy: [UInt8] = []
                    for index in bytes.indices { copy.append(bytes[index]) }
                    seen.append(Seen(bytes: copy, facts: facts))
                }
            ) {}
        }
        return seen
    }

    private static func dhcp(_ size: Int = 300, tags: [Int] = []) -> [UInt8] {
        FrameBuilder.ethernet(
            from: "ac:cc:8e:01:02:03",
            tags: tags,
            FrameBuilder.ip(
                from: "0.0.0.0",
                to: "255.255.255.255",
                transport: 17,
                FrameBuilder.udp(from: 68, to: 67, [UInt8](repeating: 0x5A, count: size))
            )
        )
    }

    @Test("frames come as they were, with direction, length and time; the filter holds")
    func frames() throws {
        try NetworkNamespace.run {
            let cable = try Cable()
            let ring = try PacketRing(interface: cable.gateway)
            let device = try RawSender(cable.device)
            let gateway = try RawSender(cable.gateway)
            try device.send(Self.dhcp())
            // Filtered out.
            try device.send(FrameBuilder.ethernet(from: "ac:cc:8e:01:02:03", type: 0x888E, [1, 2, 3]))
            try gateway.send(Self.dhcp(100))
            let before = SystemClock.wallMilliseconds()
            let seen = try Self.collect(ring, until: 2)
            #expect(seen.map(\.bytes) == [Self.dhcp(), Self.dhcp(100)])
            #expect(seen.map(\.facts.direction) == [.broadcast, .outgoing])
            #expect(seen.map(\.facts.length) == [UInt32(Self.dhcp().count), UInt32(Self.dhcp(100).count)])
            for item in seen {
                #expect(item.facts.interfaceIndex == cable.gateway.index)
                #expect(item.facts.vlanTag == nil)
                #expect(item.facts.timeMicroseconds / 1_000 <= before + 60_000)
                #expect(item.facts.timeMicroseconds / 1_000 + 60_000 >= before)
            }
            let statistics = try ring.statistics()
            #expect(statistics == (try ring.statistics()))
            #expect(statistics.received == 2)
            #expect(statistics.dropped == 0)
            #expect(statistics.malformed == 0)
        }
    }

    @Test("a tag that the kernel took off is told")
    func vlan() throws {
        try NetworkNamespace.run {
            let cable = try Cable()
            let ring = try PacketRing(interface: cable.gateway)
            try RawSender(cable.device).send(Self.dhcp(tags: [42]))
            let seen = try Self.collect(ring, until: 1)
            #expect(seen.first?.facts.vlanTag.map { $0 & 0xFFF } == 42)
            #expect(seen.first?.bytes == Self.dhcp())
        }
    }

    @Test("many frames pass through a small ring in order, over its end")
    func wrapsAround() throws {
        try NetworkNamespace.run {
            let cable = try Cable()
            let ring = try PacketRing(interface: cable.gateway, size: .init(blockBytes: 4_096, blocks: 4))
            let device = try RawSender(cable.device)
            for round in 0..<16 {
                for number in 0..<4 { try device.send(Self.dhcp(200 + round * 4 + number)) }
                let seen = try Self.collect(ring, until: 4)
                #expect(seen.map(\.bytes.count) == (0..<4).map { Self.dhcp(200 + round * 4 + $0).count })
            }
            #expect(try ring.statistics().received == 64)
        }
    }

    @Test("what finds no room is dropped and counted, and the ring goes on after")
    func overflow() throws {
        try NetworkNamespace.run {
            let cable = try Cable()
            let ring = try PacketRing(interface: cable.gateway, size: .init(blockBytes: 4_096, blocks: 2))
            let device = try RawSender(cable.device)
            for _ in 0..<100 { try device.send(Self.dhcp(1_000)) }
            let seen = try Self.collect(ring, until: 4)
            let statistics = try ring.statistics()
            #expect(statistics.received == 100)
            #expect(statistics.dropped > 80)
            #expect(seen.count + Int(statistics.dropped) == 100)
            try device.send(Self.dhcp(77))
            #expect(try Self.collect(ring, until: 1).map(\.bytes) == [Self.dhcp(77)])
        }
    }

    @Test("nothing is captured of another interface")
    func oneInterface() throws {
        try NetworkNamespace.run {
            let cable = try Cable()
            try NetworkNamespace.shell(
                "ip link add other0 type veth peer name other1; ip link set other0 up; ip link set other1 up"
            )
            let other = try #require(try NetworkTables().interface(named: "other1"))
            let ring = try PacketRing(interface: cable.gateway)
            try RawSender(other).send(Self.dhcp())
            try RawSender(cable.device).send(Self.dhcp(123))
            #expect(try Self.collect(ring, until: 1).map(\.bytes) == [Self.dhcp(123)])
        }
    }

    @Test("a ring that cannot be is refused with the interface's name")
    func badSize() throws {
        try NetworkNamespace.run {
            let cable = try Cable()
            let error = #expect(throws: SystemError.self) {
                try PacketRing(interface: cable.gateway, size: .init(blockBytes: 1_000, blocks: 2))
            }
            #expect(error?.description == "cannot make a ring for gate0: Invalid argument")
        }
    }
}
