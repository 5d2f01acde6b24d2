import CollectorCore
import Testing

/// The formula of the documentation, line by line.
@Suite struct PostureTests {
    /// A change to something that has full marks, and the points that are left.
    struct Line<Subject>: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let points: UInt64
        let change: @Sendable (inout Subject) -> Void

        init(_ name: String, _ points: UInt64, _ change: @escaping @Sendable (inout Subject) -> Void) {
            testDescription = name
            self.points = points
            self.change = change
        }
    }

    private static func device() -> DeviceOverview {
        var record = DeviceRecord(gateway: GatewayKey(gateway: "g"), key: "mac:1")
        (record.deviceClass, record.classConfidence, record.vendor, record.policy) = (
            "ip-camera", 500, "Axis", "cameras"
        )
        return DeviceOverview(record: record)
    }

    private static let evidence = EvidenceRecord(signal: "s", value: "v", says: "x", weight: 1)

    static let devices: [Line<DeviceOverview>] = [
        Line("well known and governed", 100) { _ in },
        Line("its class is unknown", 70) { $0.record.deviceClass = "unknown" },
        Line("its class is empty", 70) { $0.record.deviceClass = "" },
        Line("its class is not sure", 70) { $0.record.classConfidence = 499 },
        Line("an unknown class hides an unknown vendor", 70) {
            ($0.record.deviceClass, $0.record.vendor) = ("unknown", "")
        },
        Line("its vendor is unknown", 90) { $0.record.vendor = "" },
        Line("its signals contradict", 90) { $0.record.contradictions = [evidence, evidence] },
        Line("no allowlist", 80) { $0.record.policy = "" },
        Line("the unknown allowlist", 80) { $0.record.policy = "unknown" },
        Line("one packet dropped", 90) { $0.recentDroppedCount = 1 },
        Line("99 packets dropped", 90) { $0.recentDroppedCount = 99 },
        Line("100 packets dropped", 80) { $0.recentDroppedCount = 100 },
        Line("one packet that monitor mode let through", 85) { $0.recentWouldDropCount = 1 },
        Line("100 packets that monitor mode let through", 75) { $0.recentWouldDropCount = 100 },
        Line("both", 55) { ($0.recentDroppedCount, $0.recentWouldDropCount) = (100, 100) },
        Line("long ago counts no more", 100) { ($0.record.droppedCount, $0.record.wouldDropCount) = (500, 500) },
        Line("in quarantine", 60) { $0.record.isQuarantined = true },
        Line("everything at once", 0) { device in
            device.record.deviceClass = "unknown"
            device.record.policy = ""
            device.record.isQuarantined = true
            device.record.contradictions = [evidence]
            (device.recentDroppedCount, device.recentWouldDropCount) = (100, 100)
        },
    ]

    @Test(arguments: devices)
    func aDevice(_ line: Line<DeviceOverview>) {
        var device = Self.device()
        line.change(&device)
        let score = Posture.score(device)
        #expect(score.points == line.points, "\(score)")
        #expect((score.points == 100) == score.deductions.isEmpty)
        // What a store adds up in its own way comes to the same.
        let standing = Posture.standingDeductions(device.record).reduce(0) { $0 + $1.points }
        let recent = Posture.recentDeductions(
            dropped: device.recentDroppedCount,
            wouldDrop: device.recentWouldDropCount
        ).reduce(0) { $0 + $1.points }
        #expect(100 - min(100, standing + recent) == line.points)
    }

    private static let now: UInt64 = 1_000_000_000

    private static func gateway() -> GatewayOverview {
        var record = GatewayRecord(key: GatewayKey(gateway: "g"), name: "g")
        (record.connectedSinceMilliseconds, record.lastSeenMilliseconds) = (now - 5000, now - 5000)
        (record.policy.targetGeneration, record.policy.generation) = (7, 7)
        var proof = ProofRecord()
        (proof.generation, proof.isProved) = (7, true)
        record.proof = proof
        record.certificate.notBeforeSeconds = now / 1000 - 10_000
        record.certificate.notAfterSeconds = now / 1000 + 20_000
        return GatewayOverview(record: record)
    }

    private static func silence(_ gateway: inout GatewayOverview, milliseconds: UInt64) {
        gateway.record.connectedSinceMilliseconds = nil
        gateway.record.lastSeenMilliseconds = now - milliseconds
    }

    static let gateways: [Line<GatewayOverview>] = [
        Line("all is well", 100) { _ in },
        Line("half of its devices' score is gone", 75) { ($0.devices.total, $0.devices.scoreSum) = (2, 100) },
        Line("its devices have 99", 99) { ($0.devices.total, $0.devices.scoreSum) = (1, 99) },
        Line("its devices have nothing", 50) { ($0.devices.total, $0.devices.scoreSum) = (3, 0) },
        Line("no policy at all", 70) { ($0.record.policy, $0.record.proof) = (GatewayPolicyState(), nil) },
        Line("an older policy than it should have", 80) { $0.record.policy.targetGeneration = 8 },
        Line("in force, not proved", 80) { $0.record.proof?.isProved = false },
        Line("in force, never read back", 80) { $0.record.proof = nil },
        Line("a proof of no policy is none", 80) { $0.record.proof?.generation = 0 },
        Line("a later policy than was asked is proved", 100) { $0.record.proof?.generation = 9 },
        Line("its certificate has a tenth of its life left", 100) {
            $0.record.certificate.notAfterSeconds = now / 1000 + 1_112
        },
        Line("its certificate expires soon", 95) { $0.record.certificate.notAfterSeconds = now / 1000 + 1_100 },
        Line("its certificate expires now", 90) { $0.record.certificate.notAfterSeconds = now / 1000 },
        Line("not connected, heard 89 s ago", 100) { silence(&$0, milliseconds: 89_999) },
        Line("not heard for 90 s", 75) { silence(&$0, milliseconds: 90_000) },
        Line("connected, though nothing was written down", 100) { $0.record.lastSeenMilliseconds = 0 },
        Line("held for a clone", 20) { $0.record.hold = HoldRecord(reason: "two", sinceMilliseconds: 1) },
        Line("held, and bad besides", 0) { gateway in
            gateway.record.hold = HoldRecord(reason: "two", sinceMilliseconds: 1)
            (gateway.record.policy, gateway.record.proof) = (GatewayPolicyState(), nil)
            (gateway.devices.total, gateway.devices.scoreSum) = (1, 0)
            gateway.record.certificate.notAfterSeconds = 0
            silence(&gateway, milliseconds: 90_000)
        },
    ]

    @Test(arguments: gateways)
    func aGateway(_ line: Line<GatewayOverview>) throws {
        var gateway = Self.gateway()
        line.change(&gateway)
        let score = try #require(Posture.score(gateway, nowMilliseconds: Self.now))
        #expect(score.points == line.points, "\(score)")
        #expect(score.deductions.reduce(100) { $0 - min($0, $1.points) } == line.points, "\(score)")
    }

    @Test func aBannedGatewayCountsNowhere() {
        var banned = Self.gateway()
        banned.record.ban = BanRecord(actor: "a", reason: "r", sinceMilliseconds: 1)
        #expect(Posture.score(banned, nowMilliseconds: Self.now) == nil)
        #expect(Posture.score(of: [banned], nowMilliseconds: Self.now) == nil)
        #expect(Posture.score(of: [], nowMilliseconds: Self.now) == nil)
        #expect(Posture.score(of: [banned, Self.gateway()], nowMilliseconds: Self.now) == 100)
    }

    @Test func gatewaysWeighAsTheirDevices() {
        var large = Self.gateway()
        (large.devices.total, large.devices.scoreSum) = (3, 0)
        #expect(Posture.score(large, nowMilliseconds: Self.now)?.points == 50)
        // (4 × 50 + 1 × 100) / 5
        #expect(Posture.score(of: [large, Self.gateway()], nowMilliseconds: Self.now) == 60)
    }

    /// Three pings are missed at the threshold: agents answer one every 30 s.
    @Test func silenceBeginsAtItsThreshold() {
        #expect(Silence.thresholdMilliseconds == 90_000)
        var record = GatewayRecord(key: GatewayKey(gateway: "g"), name: "g")
        record.lastSeenMilliseconds = 10
        #expect(Posture.isHeard(record, nowMilliseconds: 90_009) && !Posture.isHeard(record, nowMilliseconds: 90_010))
        record.connectedSinceMilliseconds = 1
        #expect(Posture.isHeard(record, nowMilliseconds: .max))
    }
}
