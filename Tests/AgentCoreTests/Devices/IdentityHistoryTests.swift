import AgentCore
import Captures
import Fingerprinting
import Foundation
import KnowledgeBuilder
import NetworkTypes
import Policy
import TestSupport
import Testing
import WireProtocol

/// What a device was held to be before, and other devices under its address.
@Suite struct IdentityHistoryTests {
    private static let device = MACAddress(rawValue: 0x0200_5E00_5301)
    private static let key = DeviceKey(device)

    private static func rule(_ name: String, _ when: String, _ says: String, _ weight: String, example: String)
        -> String
    {
        """
        - rule: \(name)
          when: { \(when): "\(example)" }
          says: { \(says) }
          weight: \(weight)
          source: https://example.com/
          examples: ["\(example)"]
          counterexamples: ["nothing"]

        """
    }

    private static func knowledge(camera: String = "class: ip-camera, vendor: Axis, model: M1") throws -> KnowledgeBase
    {
        let rules =
            rule("axis", "dhcp.vendorClass", camera, "0.9", example: "AXIS")
            + rule("axis-mdns", "mdns.service", "class: ip-camera, vendor: Axis", "0.8", example: "_axis._tcp")
            + rule("printer", "mdns.service", "class: printer, vendor: Sony", "0.9", example: "_printer._tcp")
            + rule("printer-ssdp", "ssdp.type", "class: printer", "0.9", example: "printer")
            + rule("weak", "ssdp.server", "class: tv", "0.3", example: "odd")
            + rule("windows", "dhcp.vendorClass", "os: Windows", "0.6", example: "MSFT 5.0")
            + rule("laptop", "mdns.service", "class: laptop", "0.9", example: "_laptop._tcp")
            + rule("linux", "ssh.server", "os: Ubuntu, class: server", "0.8", example: "OpenSSH Ubuntu")
        let vendors =
            "vendors:\n  - { name: Axis, register: [\"axis *\"] }\n  - { name: Sony, register: [\"sony *\"] }\n"
        let bytes = try KnowledgeBuilder.build(texts: [("rules.yaml", rules), ("vendors.yaml", vendors)])
        return try KnowledgeBase(opening: ArrayByteStore(bytes))
    }

    /// An agent and a clock that is moved by hand.
    private struct Trial {
        var agent: Agent
        var seconds: UInt64 = 0
        var incidents: [IncidentReport] = []

        init(_ knowledge: KnowledgeBase) { agent = Agent(settings: AgentSettings(), knowledge: knowledge) }

        var now: AgentTime {
            AgentTime(
                wallMilliseconds: 1_700_000_000_000 + seconds * 1000,
                monotonicMilliseconds: 5000 + seconds * 1000
            )
        }

        mutating func see(_ kind: SignalKind, _ value: ByteString, after more: UInt64 = 60) {
            seconds += more
            let sighting = Sighting(device: device, address: nil, signals: [Signal(kind, value)])
            for case .report(let severity, .incident(let incident)) in agent.take(
                sighting,
                interface: "lan0",
                now: now
            ) {
                #expect(severity == .warning)
                incidents.append(incident)
            }
        }

        var history: [IdentityChangeReport] {
            (agent.registry[key]?.history ?? []).compactMap { try? IdentityChangeReport(decoding: $0.bytes) }
        }
        var identity: Identity { agent.registry[key]?.tracker.identity ?? Identity() }
    }

    @Test func changesAreKeptWithTheirTimeAndWhatDecided() throws {
        var trial = Trial(try Self.knowledge())
        trial.see(.dhcpVendorClass, "AXIS")
        #expect(trial.history.count == 1)
        let first = try #require(trial.history.first)
        #expect(first.timeMilliseconds == 1_700_000_060_000)
        #expect(first.before == IdentityNames())
        #expect(first.after.deviceClass == "ip-camera" && first.after.vendor == "Axis" && first.after.model == "M1")
        #expect(first.evidence.signal == "dhcp.vendorClass" && first.evidence.value == "AXIS")
        #expect(first.evidence.weight == 900 && first.evidence.says == "class=ip-camera vendor=Axis model=M1")
        // More of the same, and a weak statement, change no name.
        trial.see(.mdnsService, "_axis._tcp")
        trial.see(.ssdpServer, "odd")
        #expect(trial.history.count == 1 && trial.identity.deviceClass == .ipCamera)
        #expect(trial.incidents.isEmpty)
        // Better evidence does: first there is doubt, then another name.
        trial.see(.mdnsService, "_printer._tcp")
        trial.see(.ssdpType, "printer")
        #expect(trial.identity.deviceClass == .printer)
        #expect(trial.history.last?.after.deviceClass == "printer")
        #expect(trial.history.last?.evidence.signal == "ssdp.type")
        // And the report says so.
        let report = DeviceReport(try #require(trial.agent.registry[Self.key]))
        #expect(report.history.count == trial.history.count)
        #expect(try DeviceReport(decoding: report.encoded()) == report)
    }

    /// What becomes of a camera that begins to speak as a printer does, where the cameras' policy wants `response`.
    private static func contradicted(
        _ response: ContradictionResponse,
        mode: Allowlist.Mode = .enforce
    ) throws -> (trial: Trial, actions: [AgentAction]) {
        var bundle = PolicyBundle()
        for (name, type) in [("cameras", .ipCamera), ("printers", .printer)] as [(ByteString, DeviceClass)] {
            var allowlist = Allowlist(name: name)
            allowlist.match.classes = [type]
            allowlist.match.minimumConfidence = 100
            bundle.allowlists.append(allowlist)
        }
        bundle.allowlists[0].onContradiction = response
        bundle.allowlists[0].mode = mode
        var trial = Trial(try Self.knowledge())
        trial.see(.dhcpVendorClass, "AXIS")
        _ = trial.agent.adopt(bundle)
        #expect(trial.agent.registry[key]?.policy == "cameras")
        var actions: [AgentAction] = []
        for signal in [Signal(.mdnsService, "_printer._tcp"), Signal(.ssdpType, "printer")] {
            trial.seconds += 60
            let sighting = Sighting(device: device, address: nil, signals: [signal])
            actions += trial.agent.take(sighting, interface: "lan0", now: trial.now)
        }
        #expect(trial.identity.deviceClass == .printer)
        return (trial, actions)
    }

    private static func quarantine(_ actions: [AgentAction]) -> UInt64? {
        for case .quarantine(_, let seconds) in actions { return seconds }
        return nil
    }

    @Test func aContradictedDeviceIsHeldAsItsPolicySaysAndNeverByThatOfWhomItPretendsToBe() throws {
        let kept = try Self.contradicted(.keep)
        #expect(kept.trial.agent.registry[Self.key]?.policy == "printers" && Self.quarantine(kept.actions) == nil)

        var (trial, actions) = try Self.contradicted(.unknown)
        #expect(trial.agent.registry[Self.key]?.policy == "unknown" && Self.quarantine(actions) == nil)
        // Another generation, other signals and a restart change nothing of that.
        _ = trial.agent.adopt(trial.agent.bundle)
        trial.see(.ssdpServer, "odd")
        #expect(trial.agent.registry[Self.key]?.policy == "unknown")
        var next = Trial(try Self.knowledge())
        let memory = try DeviceReport(decoding: DeviceReport(try #require(trial.agent.registry[Self.key])).encoded())
        next.agent.remember(memory, now: next.now)
        _ = next.agent.adopt(trial.agent.bundle)
        #expect(next.agent.registry[Self.key]?.policy == "unknown")
        // An operator's word does.
        let released = next.agent.release(Self.key)
        #expect(next.agent.registry[Self.key]?.policy == "printers")
        #expect(released == [.hold(EnforcedDevice(macAddress: Self.device, policy: "printers"))])

        (trial, actions) = try Self.contradicted(.quarantine)
        #expect(Self.quarantine(actions) == 3600)
        #expect(trial.agent.registry[Self.key]?.policy == "unknown")
        trial.seconds += 3600
        #expect(trial.agent.tick(now: trial.now).contains(.release(Self.device)))
        #expect(trial.agent.registry[Self.key]?.policy == "unknown", "its time is over, the doubt is not")

        let watched = try Self.contradicted(.quarantine, mode: .monitor)
        #expect(Self.quarantine(watched.actions) == nil, "in monitor mode nothing is dropped")
    }

    @Test func onlyTheLastFewAreKept() throws {
        var trial = Trial(try Self.knowledge())
        trial.see(.dhcpVendorClass, "AXIS")
        for round in 0..<20 {
            let camera = "class: ip-camera, vendor: Axis, model: M\(round + 2)"
            _ = trial.agent.adopt(knowledge: try Self.knowledge(camera: camera), now: trial.now)
        }
        #expect(trial.history.count == DeviceReport.maximumHistoryCount)
        #expect(trial.history.last?.after.model == "M21" && trial.history.last?.before.model == "M20")
        #expect(trial.history.first?.after.model == "M14")
    }

    @Test func historyLastsThroughARestartAndOtherKnowledgeIsAChange() throws {
        var trial = Trial(try Self.knowledge())
        trial.see(.dhcpVendorClass, "AXIS")
        trial.see(.mdnsService, "_printer._tcp")
        #expect(!trial.identity.contradictions.isEmpty)
        let report = DeviceReport(try #require(trial.agent.registry[Self.key]))
        var same = Trial(try Self.knowledge())
        same.agent.remember(report, now: same.now)
        #expect(same.history == trial.history)
        #expect(same.identity == trial.identity, "what spoke against it is not forgotten either")
        let other = try Self.knowledge(camera: "class: doorbell, vendor: Axis, model: D1")
        var plain = Trial(try Self.knowledge())
        plain.see(.dhcpVendorClass, "AXIS")
        var updated = Trial(other)
        updated.agent.remember(DeviceReport(try #require(plain.agent.registry[Self.key])), now: updated.now)
        #expect(updated.history.count == plain.history.count + 1)
        #expect(updated.history.last?.before.model == "M1" && updated.history.last?.after.model == "D1")
        #expect(updated.history.last?.evidence.signal == "knowledge")
        #expect(updated.history.last?.evidence.value == Hexadecimal.encode(other.digest.bytes))
    }

    @Test func otherKnowledgeNamesFromWhatWasSeenBefore() throws {
        let empty = try KnowledgeBase(opening: ArrayByteStore(try KnowledgeBuilder.build(texts: [])))
        var trial = Trial(empty)
        trial.see(.dhcpVendorClass, "AXIS")
        for index in 0..<100 { trial.see(.dnsQuery, ByteString(utf8: "host-\(index).example")) }
        #expect(trial.identity.deviceClass == .unknown)
        _ = trial.agent.tick(now: trial.now)
        let actions = trial.agent.adopt(knowledge: try Self.knowledge(), now: trial.now)
        #expect(trial.identity.model == "M1" && trial.history.last?.evidence.signal == "knowledge")
        guard case .hold? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        // It is reported.
        let reported = trial.agent.tick(now: trial.now).contains {
            if case .report(_, .device(let report)) = $0 { return report.model == "M1" }
            return false
        }
        #expect(reported)
        // And a new device is named by it at once.
        trial.see(.mdnsService, "_axis._tcp")
        #expect(trial.identity.vendor == "Axis")
    }

    @Test func anotherDeviceUnderTheAddressIsAnEventWithBothSides() throws {
        var trial = Trial(try Self.knowledge())
        trial.see(.dhcpVendorClass, "AXIS")
        trial.see(.mdnsService, "_axis._tcp")
        trial.see(.dhcpVendorClass, "MSFT 5.0")
        #expect(trial.incidents.count == 1)
        let incident = try #require(trial.incidents.first)
        #expect(incident.kind == "contradiction" && incident.device == "mac:02:00:5e:00:53:01" && incident.count == 1)
        #expect(incident.evidence.map(\.value) == ["AXIS", "_axis._tcp"])
        #expect(incident.contradictions.map(\.value) == ["MSFT 5.0"])
        #expect(
            incident.summary
                == "held to be ip-camera by AXIS, now MSFT 5.0 says os=Windows: two devices under one address?"
        )
        #expect(try IncidentReport(decoding: incident.encoded()) == incident)
        // The same stack in other signals is the same event, for an hour.
        trial.see(.mdnsService, "_laptop._tcp")
        #expect(trial.incidents.count == 1)
        trial.see(.dhcpVendorClass, "AXIS")
        #expect(trial.incidents.count == 1)
    }

    @Test func anHourLaterItIsSaidAgain() throws {
        var trial = Trial(try Self.knowledge())
        trial.see(.dhcpVendorClass, "AXIS")
        trial.see(.mdnsService, "_axis._tcp")
        trial.see(.dhcpVendorClass, "MSFT 5.0")
        trial.see(.mdnsService, "_laptop._tcp", after: 3600)
        #expect(trial.incidents.count == 2)
    }

    @Test func aLaptopWithAVirtualMachineIsNone() throws {
        var trial = Trial(try Self.knowledge())
        trial.see(.mdnsService, "_laptop._tcp")
        trial.see(.dhcpVendorClass, "MSFT 5.0")
        trial.see(.sshServer, "OpenSSH Ubuntu")
        trial.see(.ssdpType, "printer")
        #expect(trial.incidents.isEmpty)
        #expect(trial.identity.contradictions.count == 2, "it is listed all the same")
    }
}

/// Two real devices under one address: captures of each, the second's address put in place of the first's.
@Suite(
    "Captures under one address",
    .longComputation,
    .enabled(if: CaptureData.isPresent, "needs GATEHOUSE_DATA with captures")
)
struct CapturesUnderOneAddressTests {
    private static let knowledge = Result {
        try KnowledgeBuilder.build(
            ruleDirectory: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
                    "agent-config/knowledge"
                ).path,
            ieeeDataDirectory: KnowledgeBuilder.defaultIEEEDataDirectory
        )
    }

    /// What the agent reports of a device when captures are replayed one after the other, all as of `address`.
    private static func incidents(_ captures: [(file: String, device: String)]) throws -> [IncidentReport] {
        let base = try KnowledgeBase(opening: ArrayByteStore(knowledge.get()))
        var agent = Agent(settings: AgentSettings(), knowledge: base)
        let address = try #require(MACAddress(ByteString(utf8: captures[0].device)))
        var incidents: [IncidentReport] = []
        var seconds: UInt64 = 0
        for capture in captures {
            let device = try #require(MACAddress(ByteString(utf8: capture.device)))
            let replay = try Replay(try CaptureData.bytes(capture.file))
            #expect(replay.hasSeen(device), "\(capture)")
            for sighting in replay.sightings where sighting.device == device {
                seconds += 1
                let now = AgentTime(wallMilliseconds: seconds * 1000, monotonicMilliseconds: seconds * 1000)
                let moved = Sighting(device: address, address: sighting.address, signals: sighting.signals)
                for case .report(_, .incident(let incident)) in agent.take(moved, interface: "lan0", now: now) {
                    incidents.append(incident)
                }
            }
        }
        return incidents
    }

    @Test func twoDevicesAreAnEvent() throws {
        let plc = (file: "ICS-Security-Tools__s7__s7comm_reading_plc_status.pcap", device: "00:1b:1b:23:eb:3b")
        let camera = (file: "IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", device: "b0:c5:54:25:5b:0e")
        let plug = (file: "IoT_Sentinel__WeMoSwitch__Setup-C-1-STA.pcap", device: "94:10:3e:35:01:c1")
        for pair in [[plug, camera], [camera, plug], [plc, camera]] {
            let found = try Self.incidents(pair)
            print(pair.map(\.file), found.map(\.summary.text))
            #expect(found.count == 1, "\(pair): \(found)")
            #expect(found.first?.kind == "contradiction")
            #expect(found.first?.evidence.isEmpty == false && found.first?.contradictions.isEmpty == false)
        }
    }

    /// One device in several captures of it, and every device of every capture on its own.
    @Test func oneDeviceIsNeverTwo() throws {
        let camera = "b0:c5:54:25:5b:0e"
        let again = try Self.incidents([
            ("IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", camera),
            ("IoT_Sentinel__D-LinkCam__Setup-A-4-STA.pcap", camera),
            ("IoT_Sentinel__D-LinkCam__Setup-A-5-STA.pcap", camera),
        ])
        #expect(again.isEmpty, "\(again)")
        let base = try KnowledgeBase(opening: ArrayByteStore(Self.knowledge.get()))
        for file in CaptureData.captures {
            guard let replay = try? Replay(try CaptureData.bytes(file)) else { continue }
            var agent = Agent(settings: AgentSettings(), knowledge: base)
            var seconds: UInt64 = 0
            for sighting in replay.sightings {
                seconds += 1
                let now = AgentTime(wallMilliseconds: seconds * 1000, monotonicMilliseconds: seconds * 1000)
                // What two interfaces of one device have in common is no matter of its identity.
                for case .report(_, .incident(let incident)) in agent.take(sighting, interface: "lan0", now: now)
                where incident.kind != "address-conflict" {
                    Issue.record("\(file): \(incident.device.text) \(incident.summary.text)")
                }
            }
        }
    }
}
