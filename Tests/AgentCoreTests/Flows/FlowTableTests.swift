import Captures
import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing
import WireProtocol

@testable import AgentCore

@Suite("Flows that devices opened")
struct FlowTableTests {
    private static let camera = ProbeTrial.camera
    private static let plug = MACAddress(rawValue: 0x5CCF_7F00_0001)
    private static var place: FlowPlace {
        var place = FlowPlace()
        place.ownAddresses = [ProbeTrial.address("192.168.50.1"), ProbeTrial.address("198.51.100.2")]
        place.networks = [ProbeTrial.prefix("192.168.50.0/24"), ProbeTrial.prefix("2001:db8:50::/64")]
        return place
    }

    private static func flow(_ to: ByteString, _ port: UInt16 = 443, by: ByteString? = nil) -> OpenedFlow {
        OpenedFlow(
            device: camera,
            destination: ProbeTrial.address(to),
            answeredBy: by.map { ProbeTrial.address($0) },
            transport: .tcp,
            port: port
        )
    }

    private static func key(_ device: MACAddress, _ number: Int) -> FlowKey {
        FlowKey(
            OpenedFlow(
                device: device,
                destination: IPAddress(v4: 0xCB00_7100 + UInt32(number)),
                transport: .tcp,
                port: 443
            ),
            name: nil,
            direction: .internet
        )
    }

    @Test(
        "where a connection leads",
        arguments: [
            ("203.0.113.5", nil, FlowDirection.internet), ("192.168.50.1", nil, .gateway),
            ("198.51.100.2", nil, .gateway), ("8.8.8.8", "192.168.50.1", .gateway), ("192.168.50.7", nil, .device),
            ("2001:db8:50::7", nil, .device), ("2001:db8:51::7", nil, .internet), ("192.168.50.255", nil, nil),
            ("255.255.255.255", nil, nil), ("239.255.255.250", nil, nil), ("ff02::fb", nil, nil), ("0.0.0.0", nil, nil),
        ] as [(ByteString, ByteString?, FlowDirection?)]
    )
    func directions(_ to: ByteString, _ by: ByteString?, _ expected: FlowDirection?) {
        #expect(Self.place.direction(of: Self.flow(to, by: by)) == expected)
    }

    @Test("connections to one name are one flow, whatever the address; those without a name are one an address")
    func aggregation() throws {
        var agent = Agent(settings: AgentSettings(), knowledge: try ProbeTrial.knowledgeBase())
        func time(_ milliseconds: UInt64) -> AgentTime {
            AgentTime(wallMilliseconds: milliseconds, monotonicMilliseconds: milliseconds)
        }
        let flow = Self.flow("203.0.113.5")
        // Of a device that nobody saw nothing is kept.
        agent.take(flow, name: nil, place: Self.place, isNew: true, now: time(1))
        #expect(agent.flows.flows.isEmpty)
        _ = agent.take(Sighting(device: Self.camera, address: nil, signals: []), interface: "br0", now: time(1))
        let name = try #require(DomainName("cloud.example"))
        agent.take(flow, name: name, place: Self.place, isNew: true, now: time(10))
        agent.take(Self.flow("203.0.113.6"), name: name, place: Self.place, isNew: true, now: time(30))
        agent.take(Self.flow("203.0.113.6"), name: name, place: Self.place, isNew: false, now: time(50))
        agent.take(Self.flow("203.0.113.7"), name: nil, place: Self.place, isNew: true, now: time(40))
        agent.take(Self.flow("203.0.113.7", 80), name: nil, place: Self.place, isNew: true, now: time(40))
        agent.take(Self.flow("198.51.100.2", 123), name: name, place: Self.place, isNew: true, now: time(40))
        let lines = agent.flowLines(asJSON: false).split(0x0A).filter { !$0.isEmpty }
        #expect(
            lines.map { $0.split(0x09).dropFirst(4).map(\.text).joined(separator: " ") } == [
                "internet 203.0.113.7 80/tcp 1 40 40", "internet 203.0.113.7 443/tcp 1 40 40",
                "internet cloud.example 443/tcp 2 10 50", "gateway gateway 123/tcp 1 40 40",
            ]
        )
        #expect(
            agent.flowLines(asJSON: true).split(0x0A)[2] == """
                {"device":"mac:ac:cc:8e:01:02:03","site":null,"class":"unknown","vendor":null,"model":null,"confidence":\
                {"class":0,"vendor":0,"model":0},"direction":"internet","destination":"cloud.example","address":\
                "203.0.113.6","transport":"tcp","port":443,"count":2,"first":10,"last":50}
                """
        )
    }

    @Test("the answer that a device is given names the address for this device alone, along a chain of CNAMEs")
    func answeredNames() throws {
        let question = DNSProxyBench.question("shop.example")
        var message = question
        message.flags.isResponse = true
        message.answers = [
            DNSProxyBench.cname("shop.example", "a.far.example"), DNSProxyBench.a("a.far.example", "198.51.100.2"),
            DNSProxyBench.a("stray.example", "203.0.113.9"),
        ]
        func frame(_ port: Int, _ message: DNSMessage) -> [UInt8] {
            let payload = message.encoded()
            let udp =
                FrameBuilder.word(port) + FrameBuilder.word(40_000) + FrameBuilder.word(8 + payload.count) + [0, 0]
                + payload
            return FrameBuilder.ethernet(
                from: "02:00:00:00:00:01",
                to: Self.camera.byteString,
                FrameBuilder.ip(from: "192.168.50.1", to: "192.168.50.7", transport: 17, udp)
            )
        }
        var names = AnsweredNames()
        let address = ProbeTrial.address("198.51.100.2")
        func answer(in frame: [UInt8]) -> (client: IPAddress, message: DNSMessage)? {
            AnsweredNames.answer(in: frame.span)
        }
        #expect(answer(in: frame(53, question)) == nil)
        #expect(answer(in: frame(5353, message)) == nil)
        let whole = frame(53, message)
        for length in 0..<whole.count { #expect(answer(in: Array(whole.prefix(length))) == nil) }
        let found = try #require(answer(in: whole))
        #expect(found.client == ProbeTrial.address("192.168.50.7") && found.message == message)
        names.note(question, to: Self.camera)
        #expect(names.count == 0)
        names.note(found.message, to: Self.camera)
        #expect(names.name(device: Self.camera, address: address)?.byteString == "shop.example")
        #expect(names.name(device: Self.plug, address: address) == nil)
        #expect(names.count == 1)
    }

    @Test("a device that goes everywhere pushes out its own flows, the longest silent first, and no others'")
    func limitOfADevice() {
        var table = FlowTable()
        table.note(Self.key(Self.plug, 1), address: IPAddress(v4: 1), isNew: true, wallMilliseconds: 1)
        for number in 0..<(FlowTable.maximumFlowsPerDevice + 10) {
            let key = Self.key(Self.camera, number)
            let time = 1_000 + UInt64(number)
            table.note(key, address: key.address, isNew: true, wallMilliseconds: time)
            // The first is used all the time.
            table.note(Self.key(Self.camera, 0), address: key.address, isNew: true, wallMilliseconds: time)
        }
        #expect(table.flows.count == FlowTable.maximumFlowsPerDevice + 1)
        #expect(table.evictedCount == 10)
        #expect(table.flows[Self.key(Self.plug, 1)] != nil)
        #expect(table.flows[Self.key(Self.camera, 0)]?.count == UInt64(FlowTable.maximumFlowsPerDevice + 11))
        #expect((1...10).allSatisfy { table.flows[Self.key(Self.camera, $0)] == nil })
        table.forget(Self.camera)
        #expect(table.flows.keys == [Self.key(Self.plug, 1)])
    }

    @Test("the limit of all holds, and what it turned away is counted")
    func limitOfAll() {
        var table = FlowTable()
        let devices = FlowTable.maximumFlows / FlowTable.maximumFlowsPerDevice + 1
        for device in 0..<devices {
            for number in 0..<FlowTable.maximumFlowsPerDevice {
                let key = Self.key(MACAddress(rawValue: 0xACCC_8E00_0000 + UInt64(device)), number)
                table.note(key, address: key.address, isNew: true, wallMilliseconds: UInt64(device * 1_000 + number))
            }
        }
        #expect(table.flows.count == FlowTable.maximumFlows)
        #expect(table.evictedCount == UInt64(FlowTable.maximumFlowsPerDevice))
        #expect(table.flows.keys.allSatisfy { $0.device.rawValue != 0xACCC_8E00_0000 })
        #expect(table.encoded().count < 2 << 20)
    }

    @Test("what is written is read back; every prefix and every damage is read or refused")
    func memory() throws {
        var table = FlowTable()
        let name = try #require(DomainName("cloud.example"))
        for (to, name, direction) in [
            ("203.0.113.5", name, FlowDirection.internet), ("203.0.113.6", nil, .internet),
            ("192.168.50.9", nil, .device), ("192.168.50.1", nil, .gateway), ("2001:db8::7", nil, .internet),
        ] as [(ByteString, DomainName?, FlowDirection)] {
            let flow = Self.flow(to)
            let key = FlowKey(flow, name: name, direction: direction)
            table.note(key, address: flow.destination, isNew: true, wallMilliseconds: 1_764_000_000_000)
            table.note(key, address: flow.destination, isNew: true, wallMilliseconds: 1_764_000_900_000)
        }
        let bytes = table.encoded()
        let read = try FlowTable(decoding: bytes)
        #expect(read.flows == table.flows)
        #expect(read.encoded() == bytes)
        for length in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try FlowTable(decoding: Array(bytes.prefix(length))) }
        }
        let seed: UInt64 = 7
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            var damaged = bytes
            damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = try? FlowTable(decoding: damaged)
        }
    }

    @Test("a flow is reported once it is there, and while it goes on again each hour")
    func reportOfChanges() throws {
        var table = FlowTable()
        let start: UInt64 = 1_764_000_000_000
        func note(_ number: Int, _ time: UInt64, isNew: Bool = true) {
            let key = Self.key(Self.camera, number)
            table.note(key, address: key.address, isNew: isNew, wallMilliseconds: time)
        }
        func reported(_ time: UInt64) -> [UInt64] { table.takeReport(wallMilliseconds: time)?.flows.map(\.count) ?? [] }
        #expect(table.takeReport(wallMilliseconds: start) == nil)
        note(1, start)
        note(1, start + 1)
        #expect(reported(start + 10) == [2])
        #expect(reported(start + 20) == [])
        note(2, start + 25)
        note(1, start + 30)
        // New at once, what goes on when its hour is over.
        #expect(reported(start + 40) == [1])
        #expect(reported(start + 9 + FlowTable.repeatMilliseconds) == [])
        #expect(reported(start + 10 + FlowTable.repeatMilliseconds) == [3])
        // What did not go on is not told again.
        #expect(reported(start + 100 * FlowTable.repeatMilliseconds) == [])
        // A connection that only lasts goes on too.
        note(2, start + 100 * FlowTable.repeatMilliseconds, isNew: false)
        let last = try #require(table.takeReport(wallMilliseconds: start + 101 * FlowTable.repeatMilliseconds)?.flows)
        #expect(last.map(\.lastMilliseconds) == [start + 100 * FlowTable.repeatMilliseconds])
        #expect(last.map(\.firstMilliseconds) == [start + 25] && last.map(\.device) == [Self.camera])
        // After a restart all is told anew.
        var restored = try FlowTable(decoding: table.encoded())
        #expect(restored.takeReport(wallMilliseconds: start + 102 * FlowTable.repeatMilliseconds)?.flows.count == 2)
    }

    @Test("a report has its limit, and who is everywhere keeps nobody's flows out of it")
    func reportLimit() {
        var table = FlowTable()
        let crowd = FlowTable.maximumFlowsPerDevice
        func fill(_ round: Int) {
            for number in 0..<crowd {
                let key = Self.key(Self.camera, round * crowd + number)
                table.note(key, address: key.address, isNew: true, wallMilliseconds: UInt64(1 + round))
            }
        }
        fill(0)
        let quiet = Self.key(Self.plug, 1)
        table.note(quiet, address: quiet.address, isNew: true, wallMilliseconds: 1)
        var (rounds, isTold) = (0, false)
        while !isTold, rounds < 10 {
            rounds += 1
            let flows = table.takeReport(wallMilliseconds: UInt64(1 + rounds))?.flows ?? []
            #expect(flows.count == FlowReport.maximumFlowCount || flows.contains { $0.device == Self.plug })
            isTold = flows.contains { $0.device == Self.plug }
            // All of it is new again.
            fill(rounds)
        }
        #expect(isTold && rounds <= 4, "\(rounds)")
    }
}
