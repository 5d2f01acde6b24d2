import Fingerprinting
import NetworkTypes
import TestSupport
import Testing

@Suite("Weighing evidence")
struct WeighingTests {
    static func evidence(
        _ kind: SignalKind,
        _ weight: ConfidencePerMille,
        deviceClass: DeviceClass? = nil,
        vendor: ByteString? = nil,
        model: ByteString? = nil,
        firmware: ByteString? = nil
    ) -> Evidence {
        Evidence(
            signal: Signal(kind, vendor ?? model ?? "x"),
            deviceClass: deviceClass,
            vendor: vendor,
            model: model,
            firmware: firmware,
            weight: weight
        )
    }

    @Test("Independent signals add up: 1 − 0.3 × 0.1")
    func independent() {
        let identity = Identity(weighing: [
            Self.evidence(.macBlock, 700, vendor: "Axis"), Self.evidence(.mdnsService, 900, vendor: "Axis"),
        ])
        #expect(identity.vendor == "Axis")
        #expect(identity.vendorConfidence == 970)
        #expect(identity.contradictions.isEmpty)
    }

    @Test("Signals of one family do not")
    func repeated() {
        let one = [Self.evidence(.mdnsService, 800, vendor: "Axis")]
        let many =
            one + [Self.evidence(.mdnsText, 800, vendor: "Axis"), Self.evidence(.mdnsInstance, 700, vendor: "Axis")]
        #expect(Identity(weighing: one).vendorConfidence == Identity(weighing: many).vendorConfidence)
        let names = [
            Self.evidence(.dhcpHostname, 600, vendor: "Axis"), Self.evidence(.mdnsHostname, 600, vendor: "Axis"),
        ]
        #expect(Identity(weighing: names).vendorConfidence == 600)
    }

    @Test("A contradiction lowers the confidence and is listed")
    func contradiction() {
        let axis = Self.evidence(.mdnsService, 900, vendor: "Axis")
        let sony = Self.evidence(.dhcpVendorClass, 500, vendor: "Sony")
        let identity = Identity(weighing: [sony, axis])
        #expect(identity.vendor == "Axis")
        // Odds 9 and 1: 9 / (1 + 9 + 1).
        #expect(identity.vendorConfidence == 818)
        #expect(identity.evidence == [axis])
        #expect(identity.contradictions == [sony])
    }

    @Test("Two strong statements that contradict each other leave no name")
    func standoff() {
        let identity = Identity(weighing: [
            Self.evidence(.mdnsService, 900, deviceClass: .ipCamera, vendor: "Axis", model: "M1"),
            Self.evidence(.dhcpVendorClass, 900, deviceClass: .tv, vendor: "Sony", model: "X2"),
        ])
        #expect(identity.vendor == nil && identity.model == nil && identity.deviceClass == .unknown)
        #expect(identity.classConfidence == 0 && identity.vendorConfidence == 0 && identity.modelConfidence == 0)
        #expect(identity.contradictions.count == 1)
    }

    @Test("A weak statement names nothing")
    func threshold() {
        #expect(Identity(weighing: [Self.evidence(.dnsQuery, 499, vendor: "Axis")]).vendor == nil)
        #expect(Identity(weighing: [Self.evidence(.dnsQuery, 500, vendor: "Axis")]).vendor == "Axis")
        #expect(Identity(weighing: [Self.evidence(.dnsQuery, 599, model: "M1")]).model == nil)
    }

    @Test("A model of another vendor is not named")
    func foreignModel() {
        let identity = Identity(weighing: [
            Self.evidence(.mdnsService, 950, vendor: "Axis"),
            Self.evidence(.dhcpVendorClass, 700, vendor: "Sony", model: "X2"),
        ])
        #expect(identity.vendor == "Axis")
        #expect(identity.model == nil)
    }

    @Test("Where the maker is in dispute, the model is no surer than the maker")
    func modelOfDisputedVendor() {
        let declared = Self.evidence(.bacnetDevice, 800, model: "M1")
        let axis = Self.evidence(.mdnsService, 700, vendor: "Axis")
        #expect(Identity(weighing: [declared, axis]).modelConfidence == 800)
        // Odds 7/3 and 1/4: the maker is believed with 0.651.
        let relay = Self.evidence(.macBlock, 200, vendor: "Cisco")
        #expect(Identity(weighing: [declared, axis, relay]).modelConfidence == 651)
        // Odds 7/3 and 1: 0.538 is a maker, and too little for a model.
        let other = Self.evidence(.macBlock, 500, vendor: "Cisco")
        let identity = Identity(weighing: [declared, axis, other])
        #expect(identity.vendor == "Axis" && identity.model == nil && identity.modelConfidence == 0)
    }

    @Test("A longer spelling of a model speaks for the shorter one too")
    func spellings() {
        let identity = Identity(weighing: [
            Self.evidence(.dhcpHostname, 800, model: "HS110(EU)"), Self.evidence(.httpServer, 600, model: "hs110"),
        ])
        #expect(identity.model == "HS110(EU)")
        #expect(identity.modelConfidence == 920)
        #expect(identity.contradictions.isEmpty)
    }

    @Test("Any order gives the same identity, and more support never less confidence", arguments: 0..<200)
    func properties(round: Int) {
        let seed = UInt64(0x5EED_0000 + round)
        var random = SeededGenerator(seed: seed)
        let kinds = SignalKind.allCases
        let vendors: [ByteString] = ["Axis", "Sony", "TP-Link"]
        let models: [ByteString] = ["M1", "M1-V", "X2", "HS110"]
        let classes: [DeviceClass] = [.ipCamera, .tv, .smartPlug]
        let evidence = (0..<Int.random(in: 1...20, using: &random)).map { _ in
            Self.evidence(
                kinds.randomElement(using: &random) ?? .mdnsService,
                ConfidencePerMille.random(in: 0...1000, using: &random),
                deviceClass: Bool.random(using: &random) ? classes.randomElement(using: &random) : nil,
                vendor: Bool.random(using: &random) ? vendors.randomElement(using: &random) : nil,
                model: Bool.random(using: &random) ? models.randomElement(using: &random) : nil
            )
        }
        let identity = Identity(weighing: evidence)
        #expect(Identity(weighing: evidence.shuffled(using: &random)) == identity, "seed \(seed)")
        #expect(identity.classConfidence < 1000 && identity.vendorConfidence < 1000 && identity.modelConfidence < 1000)
        #expect(Identity(weighing: evidence + evidence).vendorConfidence == identity.vendorConfidence, "seed \(seed)")
        if let vendor = identity.vendor {
            let more = evidence + [Self.evidence(.mqttClientID, 400, vendor: vendor)]
            #expect(Identity(weighing: more).vendorConfidence >= identity.vendorConfidence, "seed \(seed)")
            #expect(evidence.contains { $0.vendor == vendor }, "a vendor that nothing named")
        }
    }

    @Test("The tracker holds a bounded set, counts what it turns away, and keeps what weighs most")
    func bounded() throws {
        var text = ""
        for index in 0..<80 {
            text += """
                - rule: r\(index)
                  when: { mdns.service: "_s\(index)._tcp" }
                  says: { model: "m\(index)" }
                  weight: 0.\(100 + index * 10)
                  source: https://example.com/
                  examples: ["_s\(index)._tcp"]
                  counterexamples: ["_x._tcp"]

                """
        }
        let knowledge = try KnowledgeFileTests.open(KnowledgeFileTests.build(text))
        var tracker = IdentityTracker()
        var changes = 0
        for index in 0..<80 {
            let signal = Signal(.mdnsService, ByteString(utf8: "_s\(index)._tcp"))
            if tracker.add(signal, knowledge: knowledge) { changes += 1 }
            let changedAgain = tracker.add(signal, knowledge: knowledge)
            #expect(!changedAgain, "a repetition changes nothing")
        }
        #expect(changes == 80)
        #expect(tracker.evidenceTurnedAway == 80 - UInt64(IdentityTracker.maximumEvidence))
        let held = tracker.identity.evidence + tracker.identity.contradictions
        #expect(held.count == IdentityTracker.maximumEvidence)
        #expect(held.map(\.weight).min() == 420)
    }

    @Test("Banners that no rule knows are kept without weight, and only so many")
    func silentBanners() throws {
        let knowledge = try KnowledgeFileTests.open(KnowledgeFileTests.build())
        var tracker = IdentityTracker()
        let known = tracker.add(Signal(.mdnsService, "_one._tcp"), knowledge: knowledge)
        #expect(known)
        let before = tracker.identity
        let unknown = tracker.add(Signal(.mdnsText, "_other._tcp model=x"), knowledge: knowledge)
        #expect(!unknown, "a TXT pair is no banner")
        let banners =
            [Signal(.mdnsText, "_device-info._tcp model=x")]
            + (0..<20).map { Signal(.httpServer, ByteString(utf8: "Odd/\($0)")) }
        var changes = 0
        for banner in banners + banners where tracker.add(banner, knowledge: knowledge) { changes += 1 }
        #expect(changes == IdentityTracker.maximumSilentBanners)
        #expect(tracker.evidenceTurnedAway == 21 - UInt64(IdentityTracker.maximumSilentBanners))
        #expect(tracker.identity.deviceClass == before.deviceClass)
        #expect(tracker.identity.vendorConfidence == before.vendorConfidence)
        #expect(tracker.identity.contradictions == before.contradictions)
        let held = tracker.identity.evidence
        #expect(Array(held.prefix(before.evidence.count)) == before.evidence, "what says something comes first")
        let silent = held.dropFirst(before.evidence.count)
        #expect(silent.allSatisfy { $0.weight == 0 && $0.saysNothing })
        #expect(Set(silent.map(\.signal)) == Set(banners.prefix(IdentityTracker.maximumSilentBanners)))
        // Other knowledge may know them.
        tracker.reconsider(device: DeviceKey(MACAddress(rawValue: 1)), knowledge: knowledge)
        #expect(tracker.identity.evidence.count == held.count)
    }

    @Test("Host names: DHCP before mDNS, the latest of one source")
    func hostnames() throws {
        let knowledge = try KnowledgeFileTests.open(KnowledgeFileTests.build())
        var tracker = IdentityTracker()
        let steps: [(Signal, changes: Bool, hostname: ByteString)] = [
            (Signal(.mdnsHostname, "cam.local"), true, "cam"), (Signal(.dhcpHostname, "first"), true, "first"),
            (Signal(.dhcpHostname, "second"), true, "second"), (Signal(.mdnsHostname, "other.local"), false, "second"),
        ]
        for step in steps {
            let changed = tracker.add(step.0, knowledge: knowledge)
            #expect(changed == step.changes)
            #expect(tracker.identity.hostname == step.hostname)
        }
    }

    @Test("Other knowledge is taken up from the signals held")
    func reconsidered() throws {
        let old = try KnowledgeFileTests.open(KnowledgeFileTests.build())
        let changed = KnowledgeFileTests.text.replacing("class: ip-camera", with: "class: video-recorder")
        let new = try KnowledgeFileTests.open(KnowledgeFileTests.build(changed))
        var tracker = IdentityTracker()
        tracker.add(Signal(.mdnsService, "_one._tcp"), knowledge: old)
        #expect(tracker.identity.deviceClass == .ipCamera)
        tracker.reconsider(device: DeviceKey(MACAddress(rawValue: 1)), knowledge: new)
        #expect(tracker.identity.deviceClass == .videoRecorder)
    }
}
