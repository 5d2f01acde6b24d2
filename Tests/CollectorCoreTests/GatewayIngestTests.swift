import CollectorCore
import NetworkTypes
import Testing
import WireProtocol

/// What reports do to a gateway's rows.
@Suite struct GatewayIngestTests {
    private static let key = "mac:ac:cc:8e:01:02:03"
    private static let hour: UInt64 = 3_600_000

    private static func begin(
        highWater: HighWaterMark = HighWaterMark(),
        devices: [String: DeviceRecord] = [:],
        deviceCount: UInt64? = nil,
        received: UInt64 = 10 * hour,
        change: (inout GatewayRecord) -> Void = { _ in }
    ) -> GatewayIngest {
        var gateway = GatewayRecord(key: GatewayKey(gateway: "gate"), name: "gate")
        gateway.highWater = highWater
        change(&gateway)
        return GatewayIngest(
            gateway: gateway,
            devices: devices,
            deviceCount: deviceCount ?? UInt64(devices.count),
            receivedMilliseconds: received
        )
    }

    private static func report(
        _ sequence: UInt64,
        _ body: Report.Body,
        epoch: UInt64 = 1,
        severity: Report.Severity = .notice
    ) -> Report {
        Report(bootEpoch: epoch, sequence: sequence, severity: severity, timeMilliseconds: 5, body: body)
    }

    private static func device(
        _ key: ByteString = "mac:ac:cc:8e:01:02:03",
        _ change: (inout DeviceReport) -> Void = { _ in }
    )
        -> Report.Body
    {
        var device = DeviceReport()
        device.key = key
        device.deviceClass = "ip-camera"
        change(&device)
        return .device(device)
    }

    // MARK: Once, in order

    @Test func everyReportIsTakenOnce() {
        var ingest = Self.begin(highWater: HighWaterMark(bootEpoch: 2, sequence: 10))
        for (epoch, sequence) in [(1, 99), (2, 9), (2, 10), (2, 11), (2, 11), (2, 12), (3, 1), (2, 13), (3, 1), (3, 2)]
        {
            ingest.take(Self.report(UInt64(sequence), .incident(IncidentReport()), epoch: UInt64(epoch)))
        }
        #expect(ingest.events.map { [$0.bootEpoch, $0.sequence] } == [[2, 11], [2, 12], [3, 1], [3, 2]])
        let expected = IngestOutcome(
            highWater: HighWaterMark(bootEpoch: 3, sequence: 2),
            acceptedCount: 4,
            duplicateCount: 6
        )
        #expect(ingest.outcome == expected)
    }

    /// A hole is what a full spool left: the report of the gap says so, the mark goes on.
    @Test func aHoleDoesNotStopTheMark() {
        var ingest = Self.begin(highWater: HighWaterMark(bootEpoch: 1, sequence: 3)) { $0.lostReportCount = 5 }
        var gap = GapReport()
        (gap.count, gap.severity, gap.firstMilliseconds, gap.lastMilliseconds) = (40, .warning, 7, 9)
        ingest.take(Self.report(44, .gap(gap), severity: .warning))
        #expect(ingest.gateway.highWater == HighWaterMark(bootEpoch: 1, sequence: 44))
        #expect(ingest.gateway.lostReportCount == 45)
        let event = ingest.events.first
        #expect(event?.kind == .gap && event?.severity == .warning && event?.value(of: "count") == "40")
        #expect(event?.value(of: "severity") == "warning" && event?.value(of: "last") == "9")
        // A gateway in wrong hands cannot turn the count round.
        gap.count = .max
        ingest.take(Self.report(45, .gap(gap)))
        #expect(ingest.gateway.lostReportCount == UInt64(Int64.max))
    }

    @Test func whenItCameIsTheCollectorsTime() {
        let ingest = Self.begin(received: 700) { $0.lastSeenMilliseconds = 600 }
        #expect(ingest.gateway.lastSeenMilliseconds == 700)
        #expect(Self.begin(received: 700) { $0.lastSeenMilliseconds = 800 }.gateway.lastSeenMilliseconds == 800)
    }

    @Test func onlyWhatReportsNameIsLoaded() {
        var violation = ViolationReport()
        violation.device = "b"
        var quarantine = QuarantineReport()
        quarantine.device = "c\n"
        let reports = [
            Self.report(1, Self.device("a")), Self.report(2, .violation(violation)),
            Self.report(3, .quarantine(quarantine)),
            Self.report(4, .health(HealthReport())), Self.report(5, .proof(ProofReport())),
        ]
        #expect(GatewayIngest.deviceKeys(of: reports) == ["a", "b", "c\u{FFFD}"])
    }

    // MARK: Devices

    @Test func aDeviceAppearsChangesAndStaysWithoutNoise() {
        var ingest = Self.begin()
        ingest.take(Self.report(1, Self.device()))
        ingest.take(Self.report(2, Self.device()))
        ingest.take(Self.report(3, Self.device { $0.vendor = "Axis" }))
        ingest.take(Self.report(4, Self.device { ($0.vendor, $0.lastSeenMilliseconds) = ("Axis", 8) }))
        #expect(ingest.events.map(\.kind) == [.deviceAppeared, .deviceChanged])
        #expect(ingest.events[0].summary == "New device: \(Self.key)")
        #expect(ingest.events[1].summary == "Axis: vendor changed")
        #expect(ingest.events[1].fields == [EventField("vendor", "Axis"), EventField("was.vendor", "")])
        #expect(ingest.changedDevices.keys.sorted() == [Self.key] && ingest.deviceCount == 1)
        #expect(ingest.changedDevices[Self.key]?.lastSeenMilliseconds == 8)
    }

    @Test func whatAGatewaySaysOfADeviceIsBounded() throws {
        var ingest = Self.begin()
        var evidence = EvidenceReport()
        (evidence.signal, evidence.says, evidence.weight) = ("x\u{1B}", "class=lock", 9999)
        ingest.take(
            Self.report(
                1,
                Self.device { device in
                    device.classConfidence = 5000
                    device.deviceClass = ""
                    device.hostname = "a\nb"
                    device.addresses = (0..<100).map { IPAddress(v4: UInt32($0)) }
                    device.evidence = [EvidenceReport](repeating: evidence, count: 100)
                    device.contradictions = device.evidence
                    var change = IdentityChangeReport()
                    (change.before.deviceClass, change.after.model, change.evidence) = ("", "m\n", evidence)
                    device.history = [ByteString](repeating: ByteString(change.encoded()), count: 100)
                    device.history[1] = "\u{01}"
                }
            )
        )
        let device = try #require(ingest.changedDevices[Self.key])
        #expect(device.classConfidence == 1000 && device.deviceClass == "unknown" && device.hostname == "a\u{FFFD}b")
        #expect(device.addresses.count == DeviceReport.maximumAddressCount)
        #expect(device.evidence.count == 32 && device.contradictions.count == 32)
        #expect(device.evidence.first?.signal == "x\u{FFFD}" && device.evidence.first?.weight == 1000)
        #expect(device.history?.count == DeviceReport.maximumHistoryCount - 1, "one was none")
        #expect(
            device.history?.first?.before.deviceClass == "unknown" && device.history?.first?.after.model == "m\u{FFFD}"
        )
        #expect(device.history?.first?.evidence == device.evidence.first)
    }

    @Test func aContradictionKeepsTheEvidenceOfBothSides() throws {
        var ingest = Self.begin()
        var incident = IncidentReport()
        (incident.kind, incident.device, incident.summary) = ("contradiction", "mac:ac:cc:8e:01:02:03", "was a; now b")
        incident.count = 1
        for (value, says, weight) in [("a", "class=ip-camera", 900), ("b", "class=printer", 1000), ("c", "", 7)] {
            var evidence = EvidenceReport()
            (evidence.signal, evidence.value) = ("mdns.service", ByteString(utf8: value))
            (evidence.says, evidence.weight) = (ByteString(utf8: says), UInt64(weight))
            incident.evidence.append(evidence)
        }
        incident.contradictions = [incident.evidence[1]]
        ingest.take(Self.report(1, .incident(incident)))
        #expect(
            ingest.events.first?.fields == [
                EventField("kind", "contradiction"), EventField("count", "1"),
                EventField("evidence.1", "mdns.service a: class=ip-camera (0.900)"),
                EventField("evidence.2", "mdns.service b: class=printer (1)"),
                EventField("evidence.3", "mdns.service c:  (0.007)"),
                EventField("contradiction.1", "mdns.service b: class=printer (1)"),
            ]
        )
    }

    @Test func theKnowledgeAGatewayUsesIsKept() {
        var ingest = Self.begin()
        var health = HealthReport()
        ingest.take(Self.report(1, .health(health)))
        #expect(ingest.gateway.knowledge == nil, "an agent that does not say")
        (health.knowledgeVersion, health.knowledgeHash) = (4, ByteString([0xAB]))
        ingest.take(Self.report(2, .health(health)))
        #expect(ingest.gateway.knowledge == FileSummary(version: 4, hash: "ab"))
    }

    @Test func aKeyThatIsNoneAndADeviceTooManyAreCounted() {
        var ingest = Self.begin(deviceCount: IngestLimits.maximumDevicesPerGateway - 1)
        ingest.take(Self.report(1, Self.device("nonsense")))
        ingest.take(Self.report(2, Self.device("mac:00:00:00:00:00:01")))
        ingest.take(Self.report(3, Self.device("mac:00:00:00:00:00:02")))
        // Known ones still change.
        ingest.take(Self.report(4, Self.device("mac:00:00:00:00:00:01") { $0.vendor = "v" }))
        #expect(ingest.gateway.refusedCount == 2)
        #expect(ingest.changedDevices.keys.sorted() == ["mac:00:00:00:00:00:01"])
        #expect(ingest.events.map(\.kind) == [.deviceAppeared, .deviceChanged])
        #expect(ingest.outcome.acceptedCount == 4)
    }

    @Test func violationsAreCountedByDeviceAndHour() {
        var violation = ViolationReport()
        violation.device = ByteString(utf8: Self.key)
        violation.destination = IPAddress(v4: 0xCB00_7109)
        (violation.transport, violation.port, violation.count, violation.lastMilliseconds) = (17, 53, 7, 90)
        violation.reason = "not-allowed"
        var ingest = Self.begin(
            devices: [Self.key: DeviceRecord(gateway: GatewayKey(gateway: "gate"), key: Self.key)],
            received: 10 * Self.hour + 59
        )
        ingest.take(Self.report(1, .violation(violation), severity: .warning))
        violation.wasDropped = false
        violation.destinationName = "tracker.example"
        ingest.take(Self.report(2, .violation(violation)))
        // Of a device that nobody knows: an event, and a count, but no row.
        violation.device = "mac:00:00:00:00:00:09"
        ingest.take(Self.report(3, .violation(violation)))
        #expect(ingest.violations.count == 2)
        let counts = ingest.violations.first { $0.key.device == Self.key }
        #expect(counts?.key.hour == 10 && counts?.value.dropped == 7 && counts?.value.wouldDrop == 7)
        let device = ingest.changedDevices[Self.key]
        #expect(device?.droppedCount == 7 && device?.wouldDropCount == 7 && device?.lastViolationMilliseconds == 90)
        #expect(ingest.changedDevices.count == 1)
        #expect(
            ingest.events.map(\.summary) == [
                "Dropped 7 to 203.0.113.9 53/udp: not-allowed", "Would drop 7 to tracker.example 53/udp: not-allowed",
                "Would drop 7 to tracker.example 53/udp: not-allowed",
            ]
        )
        violation.count = .max
        violation.device = ByteString(utf8: Self.key)
        ingest.take(Self.report(4, .violation(violation)))
        #expect(ingest.changedDevices[Self.key]?.wouldDropCount == UInt64(Int64.max))
    }

    @Test func quarantineComesAndGoes() {
        var ingest = Self.begin()
        ingest.take(Self.report(1, Self.device()))
        var quarantine = QuarantineReport()
        (quarantine.device, quarantine.reason) = (ByteString(utf8: Self.key), "scan")
        quarantine.durationSeconds = 60
        ingest.take(Self.report(2, .quarantine(quarantine)))
        #expect(ingest.changedDevices[Self.key]?.isQuarantined == true)
        #expect(ingest.changedDevices[Self.key]?.quarantineReason == "scan")
        (quarantine.isQuarantined, quarantine.reason) = (false, "released")
        ingest.take(Self.report(3, .quarantine(quarantine)))
        #expect(ingest.changedDevices[Self.key]?.isQuarantined == false)
        #expect(ingest.changedDevices[Self.key]?.quarantineReason == "")
        #expect(
            ingest.events.map(\.summary).suffix(2) == [
                "Put into quarantine for 60 s: scan", "Let out of quarantine: released",
            ]
        )
    }

    // MARK: Policies

    private static func proof(_ generation: UInt64, isProved: Bool, hash: ByteString = "pp", milliseconds: UInt64 = 0)
        -> Report.Body
    {
        var proof = ProofReport()
        (proof.generation, proof.policyHash, proof.isProved) = (generation, hash, isProved)
        (proof.desiredHash, proof.appliedHash, proof.kernelHash) = ("d", "a", isProved ? "a" : "k")
        (proof.difference, proof.pushToProofMilliseconds) = (isProved ? "" : "rule 3", milliseconds)
        return .proof(proof)
    }

    @Test func aProofIsNewsOnlyWhereItSaysSomethingNew() {
        var ingest = Self.begin()
        ingest.take(Self.report(1, Self.proof(4, isProved: true, milliseconds: 120)))
        ingest.take(Self.report(2, Self.proof(4, isProved: true)))
        ingest.take(Self.report(3, Self.proof(4, isProved: false)))
        ingest.take(Self.report(4, Self.proof(4, isProved: true)))
        ingest.take(Self.report(5, Self.proof(5, isProved: true)))
        ingest.take(Self.report(6, Self.proof(0, isProved: true, hash: "")))
        #expect(ingest.progress.map(\.state) == [.proved, .applied, .proved, .proved])
        #expect(ingest.progress.first?.pushToProofMilliseconds == 120 && ingest.progress[1].detail == "rule 3")
        #expect(ingest.progress[1].reason == "drift" && ingest.progress[0].policyHash == "7070")
        #expect(ingest.events.map(\.sequence) == [1, 3, 4, 5, 6])
        #expect(ingest.events[1].summary == "Generation 4 is not proved: rule 3")
        #expect(ingest.gateway.policy.generation == 0 && ingest.gateway.proof?.generation == 0)
    }

    @Test func aRefusalStandsUntilThePolicyIsTaken() {
        var ingest = Self.begin()
        var refusal = PolicyRefusalReport()
        (refusal.policyHash, refusal.reason, refusal.detail) = ("pp", "signature", "does not hold\n")
        refusal.generationInForce = 3
        ingest.take(Self.report(1, .policyRefused(refusal)))
        #expect(ingest.gateway.policy.refusal?.reason == "signature" && ingest.gateway.policy.generation == 3)
        #expect(ingest.gateway.policy.refusal?.detail == "does not hold\u{FFFD}")
        #expect(ingest.progress.map(\.state) == [.refused])
        ingest.take(Self.report(2, Self.proof(3, isProved: true, hash: "old")))
        #expect(ingest.gateway.policy.refusal != nil, "the proof of the one before is no answer to it")
        ingest.take(Self.report(3, Self.proof(4, isProved: true)))
        #expect(ingest.gateway.policy.refusal == nil)
    }

    @Test func healthReplacesWhatWasBefore() {
        var ingest = Self.begin()
        var health = HealthReport()
        health.residentKiB = 6412
        health.counters = (0..<300).map { HealthReport.Counter(name: ByteString(utf8: "c\($0)"), value: UInt64($0)) }
        ingest.take(Self.report(1, .health(health)))
        #expect(ingest.gateway.health?.residentKiB == 6412 && ingest.gateway.health?.timeMilliseconds == 5)
        #expect(ingest.gateway.health?.counters.count == IngestLimits.maximumCounters)
        #expect(ingest.events.isEmpty && ingest.changedDevices.isEmpty)
    }
}
