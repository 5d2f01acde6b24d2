import NetworkTypes
import WireProtocol

/// One message of every kind with every field set.
package enum MessageSamples {
    package static var evidence: EvidenceReport {
        var evidence = EvidenceReport()
        evidence.signal = "mdns.service"
        evidence.value = "_axis-video._tcp"
        evidence.says = "class=ip-camera vendor=Axis"
        evidence.weight = 900
        return evidence
    }

    package static var device: DeviceReport {
        var device = DeviceReport()
        device.key = "mac:ac:cc:8e:01:02:03"
        device.addresses = [IPAddress(v4: 0xC000_0207), IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 7)]
        device.deviceClass = "ip-camera"
        device.vendor = "Axis"
        device.model = "M3045-V"
        device.firmware = "9.80.1"
        device.operatingSystem = "linux"
        device.hostname = "axis-accc8e010203"
        device.classConfidence = 980
        device.vendorConfidence = 990
        device.modelConfidence = 1000
        device.evidence = [evidence]
        device.contradictions = [evidence, evidence]
        device.policy = "cameras"
        device.interface = "br0"
        device.firstSeenMilliseconds = 1_700_000_000_000
        device.lastSeenMilliseconds = 1_700_000_001_000
        device.isQuarantined = true
        device.isDistrusted = true
        device.quarantineCount = 2
        device.quarantinedAtMilliseconds = 1_700_000_000_000
        device.quarantineMilliseconds = 3_600_000
        var change = IdentityChangeReport()
        change.timeMilliseconds = 1_700_000_000_000
        change.before.vendor = "Axis"
        (change.after.deviceClass, change.after.vendor, change.after.model) = ("ip-camera", "Axis", "M3045-V")
        if let evidence = device.evidence.first { change.evidence = evidence }
        device.history = [ByteString(change.encoded()), ByteString(IdentityChangeReport().encoded())]
        return device
    }

    package static var violation: ViolationReport {
        var violation = ViolationReport()
        violation.device = "mac:ac:cc:8e:01:02:03"
        violation.destination = IPAddress(v4: 0xC633_6401)
        violation.destinationName = "evil.example"
        violation.transport = 6
        violation.port = 65535
        violation.policy = "cameras"
        violation.reason = "not-in-allowlist"
        violation.wasDropped = false
        violation.count = 12
        violation.firstMilliseconds = 1
        violation.lastMilliseconds = UInt64.max
        return violation
    }

    package static var flows: FlowReport {
        var named = FlowReport.Flow()
        named.device = MACAddress(rawValue: 0xACCC_8E01_0203)
        named.name = "cloud.example"
        named.address = IPAddress(v4: 0xC633_6401)
        named.transport = .tcp
        named.port = 443
        named.count = 12
        named.firstMilliseconds = 1_700_000_000_000
        named.lastMilliseconds = 1_700_000_001_000
        var other = named
        (other.name, other.direction, other.transport, other.port) = ("", .device, .icmpv6, 128)
        other.address = IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 7)
        var own = FlowReport.Flow()
        own.direction = .gateway
        var report = FlowReport()
        report.flows = [named, other, own]
        return report
    }

    package static var bodies: [Report.Body] {
        var quarantine = QuarantineReport()
        quarantine.device = "mac:ac:cc:8e:01:02:03"
        quarantine.isQuarantined = false
        quarantine.detail = "3 logged packets in 20 ms to 192.0.2.7 tcp 23 (3)"
        quarantine.evidenceName = "1700000000000-accc8e010203.pcap"
        quarantine.reason = "released"
        quarantine.durationSeconds = 3600
        var incident = IncidentReport()
        incident.kind = "scan"
        incident.device = "mac:ac:cc:8e:01:02:03"
        incident.summary = "SYN to 64 addresses"
        incident.count = 64
        incident.evidence = device.evidence
        incident.contradictions = device.contradictions
        var proof = ProofReport()
        proof.generation = 7
        proof.policyHash = ByteString([UInt8](repeating: 1, count: 32))
        proof.desiredHash = ByteString([UInt8](repeating: 2, count: 32))
        proof.appliedHash = ByteString([UInt8](repeating: 0xFF, count: 32))
        proof.kernelHash = ByteString([UInt8](repeating: 0x80, count: 32))
        proof.isProved = true
        proof.difference = "rule 3 is missing"
        proof.pushToProofMilliseconds = 412
        var refusal = PolicyRefusalReport()
        refusal.policyHash = ByteString([UInt8](repeating: 9, count: 32))
        refusal.reason = "generation"
        refusal.detail = "generation 3 is not above 5"
        refusal.generationInForce = 5
        var health = HealthReport()
        health.uptimeSeconds = 86_400
        health.residentKiB = 6_400
        health.knowledgeVersion = 4
        health.knowledgeHash = ByteString([UInt8](repeating: 2, count: 32))
        health.counters = [.init(name: "capture.dropped", value: 3), .init(name: "spool.bytes", value: 0)]
        var gap = GapReport()
        gap.count = 100
        gap.severity = .warning
        gap.firstMilliseconds = 5
        gap.lastMilliseconds = 6
        return [
            .device(device), .violation(violation), .quarantine(quarantine), .incident(incident), .proof(proof),
            .policyRefused(refusal), .health(health), .gap(gap), .flows(flows),
        ] + [
            .device(DeviceReport()), .violation(ViolationReport()), .quarantine(QuarantineReport()),
            .incident(IncidentReport()), .proof(ProofReport()), .policyRefused(PolicyRefusalReport()),
            .health(HealthReport()), .gap(GapReport()), .flows(FlowReport()),
        ]
    }

    package static var reports: [Report] {
        bodies.enumerated().map { index, body in
            Report(
                bootEpoch: 3,
                sequence: UInt64(index),
                severity: Report.Severity(rawValue: UInt8(index % 4)) ?? .notice,
                timeMilliseconds: 1_700_000_000_000 + UInt64(index),
                body: body
            )
        }
    }

    package static var hello: Hello {
        var hello = Hello()
        hello.protocolVersion = 1
        hello.agentVersion = "0.1.0"
        hello.architecture = "arm64"
        hello.kernelRelease = "6.1.0-18-arm64"
        hello.hostname = "gw-7"
        hello.bootEpoch = 3
        hello.instance = ByteString([0xDE, 0xAD, 0xBE, 0xEF])
        hello.generation = 7
        hello.policyHash = ByteString([UInt8](repeating: 1, count: 32))
        hello.timeMilliseconds = 1_700_000_000_000
        hello.knowledgeVersion = 4
        hello.knowledgeHash = ByteString([UInt8](repeating: 2, count: 32))
        hello.reportsFlows = true
        hello.blocklistVersion = 6
        hello.blocklistHash = ByteString([UInt8](repeating: 3, count: 32))
        return hello
    }

    package static var agentMessages: [AgentMessage] {
        var request = RenewalRequest()
        request.request = ByteString([UInt8](repeating: 0x30, count: 260))
        var part = FileRequest()
        part.file = ByteString([UInt8](repeating: 2, count: 32))
        part.offset = 65_536
        // Takes blocklists, and has none.
        var bare = Hello()
        bare.blocklistVersion = 0
        return [
            .hello(hello), .hello(Hello()), .hello(bare), .reports(ReportBatch(reports)), .reports(ReportBatch([])),
            .renew(request),
            .renew(RenewalRequest()), .requestFile(part), .requestFile(FileRequest()),
        ]
    }

    package static var collectorMessages: [CollectorMessage] {
        var welcome = Welcome()
        welcome.protocolVersion = 1
        welcome.timeMilliseconds = 1_700_000_000_000
        welcome.highWater = HighWaterMark(bootEpoch: 3, sequence: 44)
        welcome.credits = 1024
        welcome.takesFlows = true
        var acknowledgement = Acknowledgement()
        acknowledgement.highWater = HighWaterMark(bootEpoch: 3, sequence: 45)
        acknowledgement.credits = 1
        var push = PolicyPush()
        push.envelope = ByteString([UInt8](repeating: 0xD2, count: 300))
        push.orderedMilliseconds = 1_700_000_000_123
        var release = DeviceRelease()
        release.device = "mac:ac:cc:8e:01:02:03"
        var certificate = RenewalAnswer()
        certificate.certificate = ByteString([UInt8](repeating: 0x31, count: 700))
        certificate.issuer = ByteString([UInt8](repeating: 0x32, count: 500))
        var offer = FileOffer()
        offer.envelope = ByteString([UInt8](repeating: 0xD2, count: 200))
        var chunk = FileChunk()
        chunk.file = ByteString([UInt8](repeating: 2, count: 32))
        chunk.offset = 65_536
        chunk.bytes = ByteString([UInt8](repeating: 0x4B, count: 400))
        return [
            .offerFile(offer), .offerFile(FileOffer()), .fileChunk(chunk), .fileChunk(FileChunk()),
            .welcome(welcome), .welcome(Welcome()), .acknowledge(acknowledgement), .acknowledge(Acknowledgement()),
            .policy(push), .policy(PolicyPush()), .release(release), .certificate(certificate),
            .certificate(RenewalAnswer(refusal: "one a minute")), .certificate(RenewalAnswer()),
        ]
    }
}
