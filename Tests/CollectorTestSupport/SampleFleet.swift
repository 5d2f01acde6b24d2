import CollectorCore
import CollectorServer
import NetworkTypes
import Storage
import WireProtocol

/// A fleet of a few gateways, as tests and pictures of the console want it.
public enum SampleFleet {
    /// Now, in every sample: 2026-11-23T10:00:00Z.
    public static let nowMilliseconds: UInt64 = 1_795_428_000_000

    /// The password of every sample person.
    public static let password = "correct horse battery"

    /// Adds people: `viewer`, `operator`, `signer`, `admin`, each with the role of that name.
    public static func addPeople(_ store: MemoryStore) throws {
        // One hash for all: hashing takes a tenth of a second.
        let hash = try PasswordHash.make(password)
        for role in UserRole.allCases {
            store.put(
                UserRecord(
                    tenant: TenantName.standard,
                    name: role.rawValue,
                    role: role,
                    passwordHash: hash,
                    mustChangePassword: false,
                    createdMilliseconds: nowMilliseconds
                )
            )
        }
    }

    /// Adds a gateway that is connected, with its policy proved.
    @discardableResult
    public static func addGateway(
        _ store: MemoryStore,
        _ id: String,
        name: String,
        site: String,
        now: UInt64 = nowMilliseconds,
        change: (inout GatewayRecord) -> Void = { _ in }
    ) -> GatewayKey {
        let key = GatewayKey(gateway: id)
        var gateway = GatewayRecord(key: key, name: name)
        gateway.site = site
        gateway.enrolledMilliseconds = now - 86_400_000 * 12
        gateway.certificate.notBeforeSeconds = now / 1000 - 86_400 * 12
        gateway.certificate.notAfterSeconds = now / 1000 + 86_400 * 18
        gateway.agent.version = "0.1.0"
        gateway.agent.architecture = "arm64"
        gateway.agent.kernelRelease = "6.1.0-28-arm64"
        gateway.agent.hostname = name
        gateway.connectedSinceMilliseconds = now - 3_600_000
        gateway.lastSeenMilliseconds = now - 2_000
        gateway.policy.targetGeneration = 7
        gateway.policy.targetHash = String(repeating: "ab", count: 32)
        gateway.policy.generation = 7
        gateway.policy.hash = gateway.policy.targetHash
        var proof = ProofRecord()
        proof.generation = 7
        proof.policyHash = gateway.policy.hash
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        (proof.desiredHash, proof.appliedHash, proof.kernelHash) = (hash, hash, hash)
        proof.isProved = true
        proof.timeMilliseconds = now - 20_000
        gateway.proof = proof
        var health = HealthRecord()
        health.residentKiB = 6_412
        health.counters = ["capture.dropped": 0, "dns.queries": 18_204]
        gateway.health = health
        change(&gateway)
        store.put(gateway)
        var assignment = PolicyAssignment(
            gateway: key,
            policyHash: gateway.policy.targetHash,
            generation: gateway.policy.targetGeneration,
            assignedMilliseconds: now - 60_000
        )
        assignment.state =
            gateway.policy.refusal != nil ? .refused : gateway.proof?.isProved == true ? .proved : .applied
        assignment.pushedMilliseconds = now - 60_000
        assignment.provedMilliseconds = now - 59_800
        assignment.pushToProofMilliseconds = 184
        if !gateway.policy.targetHash.isEmpty { store.add(assignment) }
        return key
    }

    /// Adds a camera that is well known.
    public static func addCamera(
        _ store: MemoryStore,
        _ gateway: GatewayKey,
        key: String = "mac:ac:cc:8e:01:02:03",
        now: UInt64 = nowMilliseconds,
        change: (inout DeviceRecord) -> Void = { _ in }
    ) {
        var device = DeviceRecord(gateway: gateway, key: key)
        device.addresses = ["10.20.0.14"]
        device.deviceClass = "ip-camera"
        device.vendor = "Axis"
        device.model = "M3045-V"
        device.hostname = "axis-accc8e010203"
        (device.classConfidence, device.vendorConfidence, device.modelConfidence) = (980, 990, 900)
        device.evidence = [
            EvidenceRecord(
                signal: "mdns.service",
                value: "_axis-video._tcp",
                says: "class=ip-camera vendor=Axis",
                weight: 900
            ),
            EvidenceRecord(
                signal: "wsd.scope",
                value: "onvif://www.onvif.org/hardware/M3045-V",
                says: "class=ip-camera model=M3045-V",
                weight: 850
            ),
            EvidenceRecord(signal: "mac.block", value: "accc8e", says: "vendor=Axis", weight: 600),
            EvidenceRecord(signal: "lldp.mudURL", value: "http://axis.example/other.json", says: "", weight: 0),
            EvidenceRecord(signal: "dhcp.mudURL", value: "https://axis.example/m3045.json", says: "", weight: 0),
        ]
        device.history = [
            IdentityChangeRecord(
                timeMilliseconds: now - 86_400_000 * 9,
                before: .init(deviceClass: "unknown", vendor: "Axis", model: ""),
                after: .init(deviceClass: "ip-camera", vendor: "Axis", model: ""),
                evidence: device.evidence[0]
            ),
            IdentityChangeRecord(
                timeMilliseconds: now - 86_400_000 * 8,
                before: .init(deviceClass: "ip-camera", vendor: "Axis", model: ""),
                after: .init(deviceClass: "ip-camera", vendor: "Axis", model: "M3045-V"),
                evidence: EvidenceRecord(signal: "knowledge", value: "0f1e", says: "", weight: 0)
            ),
        ]
        device.policy = "cameras"
        device.interface = "eth1"
        device.firstSeenMilliseconds = now - 86_400_000 * 9
        device.lastSeenMilliseconds = now - 4_000
        change(&device)
        store.put(device)
    }

    /// Adds a blocked attempt of a device.
    public static func addViolation(
        _ store: MemoryStore,
        _ gateway: GatewayKey,
        device: String,
        destination: String,
        name: String = "",
        port: Int,
        reason: String = "not-allowed",
        policy: String = "cameras",
        count: Int = 1,
        agoMilliseconds: UInt64 = 30_000,
        now: UInt64 = nowMilliseconds
    ) {
        let place = name.isEmpty ? destination : name
        store.add(
            EventRecord(
                gateway: gateway,
                bootEpoch: 3,
                sequence: 100,
                kind: .violation,
                device: device,
                severity: .warning,
                timeMilliseconds: now - agoMilliseconds,
                receivedMilliseconds: now - agoMilliseconds,
                summary: "dropped \(count) packets to \(place) port \(port)/tcp: \(reason)",
                fields: [
                    EventField("destination", destination), EventField("name", name), EventField("transport", "tcp"),
                    EventField("port", String(port)), EventField("policy", policy), EventField("reason", reason),
                    EventField("dropped", "true"), EventField("count", String(count)),
                ]
            )
        )
    }

    /// Adds connections of a device to a name.
    public static func addFlow(
        _ store: MemoryStore,
        _ gateway: GatewayKey,
        _ name: String,
        device: String = "mac:ac:cc:8e:01:02:03",
        now: UInt64 = nowMilliseconds
    ) {
        store.put(
            DeviceFlowRecord(
                key: DeviceFlowKey(
                    device: device,
                    direction: .internet,
                    destination: name,
                    transport: .tcp,
                    port: 443
                ),
                address: "198.51.100.1",
                count: 12,
                firstMilliseconds: now - 86_400_000,
                lastMilliseconds: now - 60_000,
                countedSinceMilliseconds: now - 86_400_000,
                earlierCount: 0
            ),
            of: gateway
        )
    }

    /// Adds any other event.
    public static func addEvent(
        _ store: MemoryStore,
        _ gateway: GatewayKey,
        _ kind: EventKind,
        device: String = "",
        severity: Report.Severity,
        _ summary: String,
        agoMilliseconds: UInt64,
        now: UInt64 = nowMilliseconds
    ) {
        store.add(
            EventRecord(
                gateway: gateway,
                bootEpoch: 3,
                sequence: 1,
                kind: kind,
                device: device,
                severity: severity,
                timeMilliseconds: now - agoMilliseconds,
                receivedMilliseconds: now - agoMilliseconds,
                summary: summary
            )
        )
    }
}
