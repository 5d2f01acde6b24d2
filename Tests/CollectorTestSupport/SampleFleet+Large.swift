import CollectorCore
import WireProtocol

extension SampleFleet {
    /// Fills a store with a fleet in which something of everything happens; the pictures of the console show it.
    public static func fill(_ store: MemoryStore, now: UInt64 = nowMilliseconds) throws {
        try addPeople(store)
        let dock = addGateway(store, "gw-3f9a1c20", name: "warehouse-dock", site: "warehouse-hamburg", now: now)
        let gate = addGateway(store, "gw-77b0e4d1", name: "warehouse-gate", site: "warehouse-hamburg", now: now) {
            $0.proof?.isProved = false
            $0.proof?.kernelHash = "0d4a1185c1b1a1b6e9e3f1a2d3c4b5a697887766554433221100ffeeddccbbaa"
            $0.proof?.difference = "chain forward: rule 4 is missing in the kernel"
        }
        addGateway(store, "gw-a1120f55", name: "clinic-3-east", site: "clinic-3", now: now) {
            $0.connectedSinceMilliseconds = nil
            $0.isSilent = true
            $0.lastSeenMilliseconds = now - 1_260_000
        }
        addGateway(store, "gw-c04d9921", name: "office-berlin", site: "office-berlin", now: now) {
            $0.policy.refusal = RefusalRecord(
                policyHash: $0.policy.targetHash,
                reason: "generation",
                detail: "generation 6 is not above 7, the highest seen here",
                timeMilliseconds: now - 500_000
            )
        }
        addCamera(store, dock, now: now) {
            $0.droppedCount = 16
            $0.lastViolationMilliseconds = now - 30_000
        }
        addSensors(store, dock, now: now)
        addInfected(store, gate, now: now)
        addViolation(
            store,
            dock,
            device: "mac:ac:cc:8e:01:02:03",
            destination: "203.0.113.9",
            name: "updates.example.net",
            port: 443,
            count: 12,
            agoMilliseconds: 30_000,
            now: now
        )
        addViolation(
            store,
            dock,
            device: "mac:ac:cc:8e:01:02:03",
            destination: "198.51.100.77",
            port: 23,
            count: 4,
            agoMilliseconds: 95_000,
            now: now
        )
        addEvent(
            store,
            dock,
            .deviceAppeared,
            device: "mac:00:17:88:aa:10:01",
            severity: .notice,
            "new device: sensor Signify Hue motion",
            agoMilliseconds: 4_000_000,
            now: now
        )
        addEvent(
            store,
            dock,
            .proof,
            severity: .informational,
            "generation 7 proved 184 ms after its receipt",
            agoMilliseconds: 59_800,
            now: now
        )
    }

    private static func addSensors(_ store: MemoryStore, _ gateway: GatewayKey, now: UInt64) {
        addCamera(store, gateway, key: "mac:00:17:88:aa:10:01", now: now) {
            ($0.deviceClass, $0.vendor, $0.model, $0.policy) = ("sensor", "Signify", "Hue motion", "sensors")
            $0.hostname = "hue-motion"
            $0.addresses = ["10.20.0.31", "fe80::217:88ff:feaa:1001"]
            $0.evidence = [
                EvidenceRecord(signal: "mqtt.clientID", value: "hue-motion-01", says: "class=sensor", weight: 700)
            ]
        }
        addCamera(store, gateway, key: "mac:b8:27:eb:44:55:66", now: now) {
            ($0.deviceClass, $0.vendor, $0.model, $0.hostname, $0.policy) = ("unknown", "", "", "", "unknown")
            ($0.classConfidence, $0.vendorConfidence, $0.modelConfidence) = (0, 0, 0)
            $0.addresses = ["10.20.0.77"]
            $0.evidence = []
        }
    }

    private static func addInfected(_ store: MemoryStore, _ gateway: GatewayKey, now: UInt64) {
        let key = "mac:48:ea:63:0c:0d:0e"
        addCamera(store, gateway, key: key, now: now) {
            ($0.vendor, $0.model, $0.hostname) = ("Uniview", "IPC322", "IPC322")
            $0.addresses = ["10.20.1.9"]
            $0.isQuarantined = true
            $0.quarantineReason = "scan"
            $0.droppedCount = 2_310
            $0.contradictions = [
                EvidenceRecord(
                    signal: "tcp.syn",
                    value: "4:64+0:0:1460:mss*10,4:mss,sok,ts,nop,ws:df,id+:0",
                    says: "os=Linux 3.x class=router",
                    weight: 400
                )
            ]
        }
        addViolation(
            store,
            gateway,
            device: key,
            destination: "192.0.2.55",
            port: 2323,
            reason: "quarantined",
            policy: "cameras",
            count: 2_290,
            agoMilliseconds: 8_000,
            now: now
        )
        addEvent(
            store,
            gateway,
            .incident,
            device: key,
            severity: .critical,
            "SYN to 64 addresses on ports 23, 2323 in 1 s; sequence number equals destination (Mirai)",
            agoMilliseconds: 9_000,
            now: now
        )
        addEvent(
            store,
            gateway,
            .quarantine,
            device: key,
            severity: .critical,
            "put into quarantine for 1 h: scan",
            agoMilliseconds: 8_600,
            now: now
        )
    }
}
