import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import PacketParsing
import TLS
import TestSupport
import Testing
import WireProtocol

@testable import AgentCore

/// Floods and scans that end in quarantine, longer for whoever comes back, with what led there.
@Suite struct QuarantineTests {
    static let device = MACAddress(rawValue: 0xACCC_8E01_0203)
    var agent: Agent

    init() throws {
        let knowledge = try KnowledgeBase(
            opening: ArrayByteStore(
                try KnowledgeBuilder.build(texts: [(file: "rules.yaml", text: DeviceFloodTests.rules)])
            )
        )
        agent = Agent(settings: AgentSettings(), knowledge: knowledge)
        _ = agent.admit(DeviceKey(Self.device), interface: "br0", now: Self.time(0))
    }

    static func time(_ milliseconds: UInt64) -> AgentTime {
        AgentTime(wallMilliseconds: 1_700_000_000_000 + milliseconds, monotonicMilliseconds: milliseconds)
    }

    static func packet(
        _ reason: VerdictReason,
        to address: ByteString = "192.0.2.7",
        port: UInt16 = 23,
        wasDropped: Bool = true,
        sequence: UInt32? = 1
    ) throws -> DroppedPacket {
        DroppedPacket(
            device: device,
            destination: try #require(IPAddress(address)),
            transport: .tcp,
            port: port,
            prefix: ViolationPrefix(wasDropped: wasDropped, reason: reason, policy: "-"),
            synSequenceNumber: sequence
        )
    }

    static func seconds(_ actions: [AgentAction]) -> UInt64? {
        for case .quarantine(_, let seconds) in actions { return seconds }
        return nil
    }

    static func report(_ actions: [AgentAction]) -> QuarantineReport? {
        for case .report(_, .quarantine(let report)) in actions { return report }
        return nil
    }

    static func incidents(_ actions: [AgentAction]) -> [IncidentReport] {
        actions.compactMap { if case .report(_, .incident(let incident)) = $0 { incident } else { nil } }
    }

    @Test("the first packet too many is an incident and a quarantine", arguments: VerdictReason.floods)
    func floods(_ reason: VerdictReason) throws {
        var agent = agent
        let actions = agent.take(try Self.packet(reason), now: Self.time(5))
        #expect(Self.incidents(actions).map(\.kind) == ["flood"])
        #expect(Self.incidents(actions).first?.summary.text.contains("\(reason.name.text): more than ") == true)
        #expect(Self.seconds(actions) == 3600 && Self.report(actions)?.reason == "flood")
        #expect(agent.take(try Self.packet(reason), now: Self.time(6)).isEmpty, "it is in quarantine")
        #expect(Self.incidents(agent.take(try Self.packet(reason), now: Self.time(5006))).isEmpty)
    }

    @Test("20 forged packets within a minute are an incident and a quarantine")
    func forges() throws {
        var forged = try Self.packet(.spoofed)
        forged.isForged = true
        var slow = agent
        var own = agent
        for number in 0..<100 as Range<UInt64> {
            let time = Self.time(number * 3_200)
            #expect(Self.incidents(slow.take(forged, now: time)).isEmpty, "19 a minute")
            #expect(Self.incidents(own.take(try Self.packet(.spoofed), now: Self.time(number))).isEmpty)
        }
        for wasDropped in [true, false] {
            var agent = agent
            forged.prefix = ViolationPrefix(wasDropped: wasDropped, reason: .spoofed, policy: "-")
            for number in 0..<19 as Range<UInt64> {
                #expect(Self.incidents(agent.take(forged, now: Self.time(number))).isEmpty)
            }
            let actions = agent.take(forged, now: Self.time(20))
            #expect(Self.incidents(actions).map(\.kind) == ["spoofing"] && Self.incidents(actions).first?.count == 20)
            #expect(Self.seconds(actions) == (wasDropped ? 3600 : nil), "in monitor mode it is told alone")
            #expect(Self.incidents(agent.take(forged, now: Self.time(21))).isEmpty, "once a minute")
        }
    }

    @Test("a device that an operator lets out and that floods on goes back at once")
    func floodsOn() throws {
        var agent = agent
        #expect(Self.seconds(agent.take(try Self.packet(.udpFlood), now: Self.time(0))) == 3600)
        _ = agent.release(DeviceKey(Self.device))
        #expect(Self.seconds(agent.take(try Self.packet(.udpFlood), now: Self.time(2000))) == 3600)
    }

    @Test("in monitor mode, or where no quarantine is wanted, a flood is told once a minute")
    func watches() throws {
        var agent = agent
        let packet = try Self.packet(.udpFlood, wasDropped: false)
        var told = 0
        for second in 0..<180 as Range<UInt64> {
            let actions = agent.take(packet, now: Self.time(second * 1000))
            #expect(Self.seconds(actions) == nil)
            told += Self.incidents(actions).count
        }
        #expect(told == 3)
    }

    @Test("whoever comes back within a day stays twice as long, at most a week; whoever is let out by hand begins anew")
    func comesBack() throws {
        var agent = agent
        var now: UInt64 = 0
        var stays: [UInt64] = []
        for _ in 0..<10 {
            let seconds = try #require(Self.seconds(agent.take(try Self.packet(.synFlood), now: Self.time(now))))
            stays.append(seconds)
            now += seconds * 1000 + 60_000
            #expect(agent.tick(now: Self.time(now)).contains { $0 == .release(Self.device) })
        }
        #expect(stays == [1, 2, 4, 8, 16, 32, 64, 128, 168, 168].map { $0 * 3600 })
        // It is remembered across a restart.
        var next = self.agent
        next.registry = DeviceRegistry()
        let memory = DeviceReport(try #require(agent.registry[DeviceKey(Self.device)]))
        var reader = ByteReader(memory.encoded().span)
        next.remember(try DeviceReport(parsing: &reader), now: Self.time(now))
        #expect(Self.seconds(next.take(try Self.packet(.synFlood), now: Self.time(now))) == 168 * 3600)
        // A day of good conduct after the end.
        now += Agent.returnMilliseconds
        #expect(Self.seconds(agent.take(try Self.packet(.synFlood), now: Self.time(now))) == 3600)
        _ = agent.release(DeviceKey(Self.device))
        #expect(Self.seconds(agent.take(try Self.packet(.synFlood), now: Self.time(now + 60_000))) == 3600)
    }

    @Test("what led to the quarantine is kept: counts, targets, and the first 64 packets as a capture file")
    func keepsEvidence() throws {
        var agent = agent
        var actions: [AgentAction] = []
        // IPv4, 40 bytes of which the log gives 40; then nothing but the header's own length is told.
        let bytes: [UInt8] =
            [0x45, 0, 0x05, 0xDC, 0, 1, 0, 0, 64, 6, 0, 0, 192, 168, 50, 103, 192, 0, 2, 7]
            + [UInt8](repeating: 0, count: 20)
        for index in 0..<100 as Range<UInt64> {
            let packet = try Self.packet(.notAllowed, port: index % 4 == 0 ? 2323 : 23)
            actions = agent.take(packet, bytes: bytes, length: 1500, now: Self.time(index))
            #expect(actions.isEmpty)
        }
        actions = agent.take(try Self.packet(.synFlood), bytes: bytes, length: 1500, now: Self.time(100))
        let report = try #require(Self.report(actions))
        #expect(report.evidenceName == "1700000000100-accc8e010203.pcap")
        #expect(
            report.detail == "101 logged packets in 100 ms to 192.0.2.7 tcp 2323 (25), 192.0.2.7 tcp 23 (76)"
        )
        var capture: [UInt8] = []
        for case .keepEvidence(let name, let file) in actions {
            #expect(name == report.evidenceName)
            capture = file
        }
        // tcpdump.org's link type 101: raw IP.
        #expect(Array(capture[0..<4]) == [0xD4, 0xC3, 0xB2, 0xA1] && capture[20] == 101)
        #expect(capture.count == 24 + 64 * (16 + bytes.count))
        #expect(Array(capture[24..<40]) == [0x00, 0xF1, 0x53, 0x65, 0, 0, 0, 0, 40, 0, 0, 0, 0xDC, 0x05, 0, 0])
        #expect(Array(capture[40..<80]) == bytes)
        // It begins anew afterwards.
        _ = agent.release(DeviceKey(Self.device))
        let later = agent.take(try Self.packet(.synFlood), now: Self.time(200_000))
        #expect(Self.report(later)?.detail == "1 logged packets in 0 ms to 192.0.2.7 tcp 23 (1)")
    }

    @Test("a device that sends on in quarantine fills its file up to 64 packets, which is written once more")
    func sequel() throws {
        var agent = agent
        let bytes = [UInt8](repeating: 0x45, count: 40)
        let packet = try Self.packet(.quarantined)
        let first = agent.take(try Self.packet(.synFlood), bytes: bytes, length: 40, now: Self.time(0))
        let name = try #require(Self.report(first)?.evidenceName)
        for index in 1..<63 as Range<UInt64> {
            #expect(agent.take(packet, bytes: bytes, length: 40, now: Self.time(index)).isEmpty)
        }
        let last = agent.take(packet, bytes: bytes, length: 40, now: Self.time(63))
        guard case .keepEvidence(name, let capture) = last.first else {
            Issue.record("\(last)")
            return
        }
        #expect(last.count == 1 && capture.count == 24 + 64 * (16 + 40))
        for index in 64..<200 as Range<UInt64> {
            #expect(agent.take(packet, bytes: bytes, length: 40, now: Self.time(index)).isEmpty)
        }
    }

    @Test("packets of a quarantine that an operator has ended, which the log tells of late, bring none about")
    func isLate() throws {
        var agent = agent
        _ = agent.take(try Self.packet(.synFlood), now: Self.time(0))
        _ = agent.release(DeviceKey(Self.device))
        let address = try #require(IPAddress("192.0.2.7"))
        let marked = UInt32(truncatingIfNeeded: address.low)
        for index in 1..<40 as Range<UInt64> {
            let late = try Self.packet(.quarantined, port: UInt16(index), sequence: marked)
            #expect(agent.take(late, now: Self.time(index)).isEmpty)
        }
        // What it does from then on counts.
        _ = agent.take(try Self.packet(.notAllowed, sequence: marked), now: Self.time(50))
        let again = agent.take(try Self.packet(.notAllowed, sequence: marked), now: Self.time(51))
        #expect(Self.report(again)?.reason == "scan")
    }

    @Test("many ports of one address are a scan too; a port asked again and again is none")
    func scansPorts() throws {
        var scans = ScanDetector(destinations: 16)
        for index in 0..<64 as Range<UInt64> {
            #expect(scans.take(try Self.packet(.notAllowed), monotonicMilliseconds: index) == nil)
        }
        scans = ScanDetector(destinations: 16)
        for port in 1...15 as ClosedRange<UInt16> {
            #expect(scans.take(try Self.packet(.notAllowed, port: port), monotonicMilliseconds: UInt64(port)) == nil)
        }
        let scan = scans.take(try Self.packet(.notAllowed, port: 16), monotonicMilliseconds: 16)
        #expect(scan?.summary.text.hasPrefix("16 refused packets to 1 address on ports 1, 2, 3") == true)
    }

    @Test("many addresses are a scan, and two SYN packets with Mirai's mark; fewer, or over longer, are none")
    func scansAddresses() throws {
        var scans = ScanDetector(destinations: 16, withinMilliseconds: 10_000)
        func take(_ last: Int, at now: UInt64) throws -> ScanDetector.Scan? {
            scans.take(
                try Self.packet(.notAllowed, to: ByteString(utf8: "192.0.2.\(last)")),
                monotonicMilliseconds: now
            )
        }
        for last in 1...15 { #expect(try take(last, at: UInt64(last)) == nil) }
        #expect(try take(15, at: 16) == nil, "the same again")
        #expect(try take(16, at: 17)?.summary.text.hasPrefix("17 refused packets to 16 addresses on port 23") == true)
        for last in 1...15 { #expect(try take(last, at: 100_000) == nil) }
        #expect(try take(16, at: 110_001) == nil, "ten seconds later")

        let address = try #require(IPAddress("192.0.2.7"))
        let marked = UInt32(truncatingIfNeeded: address.low)
        var mirai = ScanDetector(destinations: 16)
        #expect(mirai.take(try Self.packet(.notAllowed, sequence: marked), monotonicMilliseconds: 1) == nil)
        #expect(mirai.take(try Self.packet(.notAllowed, sequence: marked + 1), monotonicMilliseconds: 2) == nil)
        let found = mirai.take(try Self.packet(.notAllowed, port: 2323, sequence: marked), monotonicMilliseconds: 3)
        #expect(found?.summary.text.contains("Mirai") == true)
    }

    @Test("evidence of at most 64 devices is kept; the quietest makes room")
    func isBounded() throws {
        var evidence = PacketEvidence()
        for index in 0..<100 as Range<UInt64> {
            var packet = try Self.packet(.notAllowed)
            packet.device = MACAddress(rawValue: 0x0200_0000_0000 + index)
            evidence.keep(packet, bytes: [], length: 0, now: Self.time(index))
        }
        let kept = (0..<100).filter {
            evidence.tell(MACAddress(rawValue: 0x0200_0000_0000 + UInt64($0)), name: "a", now: Self.time(100)) != nil
        }
        #expect(kept == Array(36..<100))
    }
}
