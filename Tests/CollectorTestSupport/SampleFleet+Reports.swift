import CollectorCore
import NetworkTypes
import Storage
import WireProtocol

// The sample fleet as agents make it: enrolled by tokens, connected, and told of by reports. For the stores on disk.
extension SampleFleet {
    /// A gateway with a camera that tried what it may not and a sensor in quarantine; connected once, gone since.
    public static let dock = GatewayKey(gateway: "dock-00000001")
    /// A gateway that never connected.
    public static let clinic = GatewayKey(gateway: "clinic-00000002")
    /// The key of the camera behind `dock`.
    public static let cameraKey = "mac:ac:cc:8e:01:02:03"
    /// The key of the sensor behind `dock`.
    public static let sensorKey = "mac:00:17:88:aa:10:01"

    /// Puts two gateways into a store.
    public static func report(to store: any CollectorStore, now: UInt64) async throws {
        try await enrol(dock, name: "warehouse dock", site: "warehouse-1", in: store, now: now)
        try await enrol(clinic, name: "clinic east", site: "clinic", in: store, now: now)
        var agent = AgentSummary()
        (agent.version, agent.architecture, agent.kernelRelease) = ("0.1.0", "arm64", "6.1.0-28-arm64")
        (agent.hostname, agent.bootEpoch, agent.instance) = ("dock", 3, "aa")
        (agent.protocolVersion, agent.remoteAddress) = (ProtocolVersion.current, "192.0.2.10")
        let connection = ConnectionRecord(
            gateway: dock,
            agent: agent,
            generation: 0,
            policyHash: "",
            nowMilliseconds: now
        )
        _ = try await store.recordConnection(connection)
        let submission = IngestSubmission(gateway: dock, reports: reports(now: now), receivedMilliseconds: now)
        _ = try await store.ingest(submission)
        try await store.recordDisconnection(
            of: dock,
            instance: "aa",
            reason: "the connection broke",
            nowMilliseconds: now
        )
    }

    private static func enrol(
        _ key: GatewayKey,
        name: String,
        site: String,
        in store: any CollectorStore,
        now: UInt64
    ) async throws {
        let id = "\(key.gateway)-token"
        let token = TokenRecord(
            tenant: key.tenant,
            id: id,
            secretHash: [1],
            gatewayName: name,
            site: site,
            actor: "sample",
            createdMilliseconds: now,
            expiresMilliseconds: now + 60_000
        )
        let audit = AuditEntry(timeMilliseconds: now, actor: "sample", action: "token.create", subject: id)
        try await store.createToken(token, audit: audit)
        _ = try await store.redeemToken(TokenCredential(id: id, secretHash: [1]), nowMilliseconds: now) { token in
            var record = GatewayRecord(key: key, name: token.gatewayName)
            record.site = token.site
            record.enrolledMilliseconds = now
            record.certificate.notBeforeSeconds = now / 1000
            record.certificate.notAfterSeconds = now / 1000 + 30 * 86_400
            return IssuedCertificate(gateway: record, certificate: [])
        }
    }

    private static func reports(now: UInt64) -> [Report] {
        let bodies: [(Report.Severity, Report.Body)] = [
            (.notice, .device(camera(now: now))), (.notice, .device(sensor(now: now))),
            (.warning, .violation(violation(now: now))), (.critical, .quarantine(quarantine)),
            (.critical, .incident(scan)), (.informational, .health(health)),
            (.informational, .flows(flows(now: now))),
        ]
        return bodies.enumerated().map { index, entry in
            Report(
                bootEpoch: 3,
                sequence: UInt64(index + 1),
                severity: entry.0,
                timeMilliseconds: now,
                body: entry.1
            )
        }
    }

    private static func camera(now: UInt64) -> DeviceReport {
        var device = DeviceReport()
        device.key = ByteString(utf8: cameraKey)
        device.addresses = [IPAddress(v4: 0x0A14_000E)]
        (device.deviceClass, device.vendor, device.model) = ("ip-camera", "Axis", "M3045-V")
        (device.classConfidence, device.vendorConfidence, device.modelConfidence) = (980, 990, 900)
        device.hostname = "axis-accc8e010203"
        var evidence = EvidenceReport()
        (evidence.signal, evidence.value) = ("mdns.service", "_axis-video._tcp")
        (evidence.says, evidence.weight) = ("class=ip-camera vendor=Axis", 900)
        device.evidence = [evidence]
        (evidence.signal, evidence.value) = ("dhcp.mudURL", "https://axis.example/m3045.json")
        (evidence.says, evidence.weight) = ("", 0)
        device.evidence.append(evidence)
        (device.policy, device.interface) = ("cameras", "br0")
        (device.firstSeenMilliseconds, device.lastSeenMilliseconds) = (now - 60_000, now)
        return device
    }

    private static func sensor(now: UInt64) -> DeviceReport {
        var device = DeviceReport()
        device.key = ByteString(utf8: sensorKey)
        // A name that would steer a terminal.
        device.hostname = "hue\u{1B}[31m"
        (device.firstSeenMilliseconds, device.lastSeenMilliseconds) = (now - 60_000, now)
        return device
    }

    private static func violation(now: UInt64) -> ViolationReport {
        var violation = ViolationReport()
        violation.device = ByteString(utf8: cameraKey)
        (violation.destination, violation.destinationName) = (IPAddress(v4: 0xCB00_7109), "tracker.example")
        (violation.transport, violation.port, violation.count) = (6, 443, 12)
        (violation.policy, violation.reason) = ("cameras", "not-allowed")
        (violation.firstMilliseconds, violation.lastMilliseconds) = (now - 1000, now)
        return violation
    }

    private static var quarantine: QuarantineReport {
        var quarantine = QuarantineReport()
        quarantine.device = ByteString(utf8: sensorKey)
        (quarantine.reason, quarantine.durationSeconds) = ("scan", 3600)
        return quarantine
    }

    private static var scan: IncidentReport {
        var incident = IncidentReport()
        incident.device = ByteString(utf8: sensorKey)
        (incident.kind, incident.summary, incident.count) = ("scan", "SYN to 64 addresses on port 23", 64)
        return incident
    }

    private static func flows(now: UInt64) -> FlowReport {
        var cloud = FlowReport.Flow()
        cloud.device = MACAddress(rawValue: 0xACCC_8E01_0203)
        (cloud.name, cloud.address) = ("cloud.axis.example", IPAddress(v4: 0xC633_6401))
        (cloud.transport, cloud.port, cloud.count) = (.tcp, 443, 40)
        (cloud.firstMilliseconds, cloud.lastMilliseconds) = (now - 10_800_000, now - 1000)
        var clock = cloud
        (clock.name, clock.direction, clock.address) = ("", .gateway, IPAddress(v4: 0x0A14_0001))
        (clock.transport, clock.port) = (.udp, 123)
        var hub = cloud
        (hub.device, hub.name) = (MACAddress(rawValue: 0x0017_88AA_1001), "hub.example")
        var report = FlowReport()
        report.flows = [cloud, clock, hub]
        return report
    }

    private static var health: HealthReport {
        var health = HealthReport()
        (health.uptimeSeconds, health.residentKiB) = (3600, 6412)
        return health
    }
}
