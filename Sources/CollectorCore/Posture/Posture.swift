/// The formula behind every score, 0 (bad) to 100 (good). All of it is here, and in integers.
///
/// **Device.** 100, less:
///
/// | why | points |
/// |---|---|
/// | its class is not known with at least 500 ‰ | 30 |
/// | its class is known, its vendor is not | 10 |
/// | its signals contradict each other | 10 |
/// | no allowlist but `unknown` holds it | 20 |
/// | it had packets dropped within 24 h: one or more, 100 or more | 10, 20 |
/// | it would have had packets dropped, were it not for monitor mode: one or more, 100 or more | 15, 25 |
/// | it is in quarantine | 40 |
///
/// **Gateway.** The sum of:
///
/// | part | of |
/// |---|---|
/// | mean score of its devices; all of it where it has none | 50 |
/// | proof: the kernel holds the policy it should have; a third where the policy is in force but not proved | 30 |
/// | certificate: all with more than a tenth of its life left, half until it ends | 10 |
/// | heard of within 90 s | 10 |
///
/// The proof of a silent gateway counts half: nobody knows whether it still holds. A gateway that is held for a
/// possible clone has at most 20. A banned one has no score and counts nowhere.
///
/// **Site, fleet.** The mean of the gateways, each with the weight of its devices plus one.
public enum Posture {
    /// From here on a class counts as known, per mille.
    public static let identifiedConfidence: UInt64 = 500
    /// So many packets in the window make a violation a heavy one.
    public static let heavyViolationCount: UInt64 = 100
    /// What a device loses for packets that were dropped: some, many.
    public static let droppedPenalty: (some: UInt64, many: UInt64) = (10, 20)
    /// What a device loses for packets that would have been dropped: some, many.
    public static let wouldDropPenalty: (some: UInt64, many: UInt64) = (15, 25)
    /// The most that a held gateway can have.
    public static let heldMaximum: UInt64 = 20

    /// Whether a device counts as identified.
    public static func isIdentified(_ device: DeviceRecord) -> Bool {
        device.deviceClass != "unknown" && !device.deviceClass.isEmpty
            && device.classConfidence >= identifiedConfidence
    }

    /// Whether an allowlist made for it holds a device.
    public static func isGoverned(_ device: DeviceRecord) -> Bool {
        !device.policy.isEmpty && device.policy != "unknown"
    }

    /// What a device loses for what it is, apart from what it did lately.
    public static func standingDeductions(_ device: DeviceRecord) -> [PostureDeduction] {
        var deductions: [PostureDeduction] = []
        if !isIdentified(device) {
            deductions.append(PostureDeduction(30, "what it is for is not known"))
        } else if device.vendor.isEmpty {
            deductions.append(PostureDeduction(10, "who made it is not known"))
        }
        if !device.contradictions.isEmpty {
            deductions.append(PostureDeduction(10, "its signals contradict each other"))
        }
        if !isGoverned(device) { deductions.append(PostureDeduction(20, "no allowlist names it")) }
        if device.isQuarantined { deductions.append(PostureDeduction(40, "it is in quarantine")) }
        return deductions
    }

    /// What a device loses for packets that were or would have been dropped within the window.
    public static func recentDeductions(dropped: UInt64, wouldDrop: UInt64) -> [PostureDeduction] {
        var deductions: [PostureDeduction] = []
        if dropped > 0 {
            let points = dropped >= heavyViolationCount ? droppedPenalty.many : droppedPenalty.some
            deductions.append(PostureDeduction(points, "it tried what it may not (\(dropped) packets dropped)"))
        }
        if wouldDrop > 0 {
            let points = wouldDrop >= heavyViolationCount ? wouldDropPenalty.many : wouldDropPenalty.some
            deductions.append(PostureDeduction(points, "it did what it may not (\(wouldDrop) packets, monitor mode)"))
        }
        return deductions
    }

    /// The score of a device, with what it lost and why.
    public static func score(_ device: DeviceOverview) -> PostureScore {
        let deductions =
            standingDeductions(device.record)
            + recentDeductions(dropped: device.recentDroppedCount, wouldDrop: device.recentWouldDropCount)
        return PostureScore(outOf: 100, deductions: deductions)
    }

    /// The score of a gateway, with what it lost and why; nil for a banned one.
    public static func score(_ gateway: GatewayOverview, nowMilliseconds: UInt64) -> PostureScore? {
        let record = gateway.record
        guard record.ban == nil else { return nil }
        var deductions: [PostureDeduction] = []
        if let mean = gateway.devices.meanScore, mean < 100 {
            deductions.append(PostureDeduction(50 - mean / 2, "its devices have \(mean) of 100"))
        }
        let heard = isHeard(record, nowMilliseconds: nowMilliseconds)
        deductions.append(contentsOf: proofDeductions(record, isHeard: heard))
        deductions.append(contentsOf: certificateDeductions(record, nowMilliseconds: nowMilliseconds))
        if !heard { deductions.append(PostureDeduction(10, "nothing is heard of it")) }
        var score = PostureScore(outOf: 100, deductions: deductions)
        if record.hold != nil, score.points > heldMaximum {
            score.deductions.append(
                PostureDeduction(score.points - heldMaximum, "two hosts may have its identity; it is held")
            )
            score.points = heldMaximum
        }
        return score
    }

    /// The score of a site or of the fleet; nil where no gateway counts.
    public static func score(of gateways: [GatewayOverview], nowMilliseconds: UInt64) -> UInt64? {
        var sum: UInt64 = 0
        var weights: UInt64 = 0
        for gateway in gateways {
            guard let score = score(gateway, nowMilliseconds: nowMilliseconds) else { continue }
            let weight = gateway.devices.total + 1
            sum += score.points * weight
            weights += weight
        }
        return weights == 0 ? nil : sum / weights
    }

    /// Whether a gateway is connected, or something was heard of it a short time ago.
    public static func isHeard(_ gateway: GatewayRecord, nowMilliseconds: UInt64) -> Bool {
        gateway.connectedSinceMilliseconds != nil
            || gateway.lastSeenMilliseconds + Silence.thresholdMilliseconds > nowMilliseconds
    }

    /// Whether the kernel of a gateway was proved to hold the policy that it should have.
    public static func isProved(_ gateway: GatewayRecord) -> Bool {
        guard let proof = gateway.proof, proof.isProved, proof.generation > 0 else { return false }
        return proof.generation >= gateway.policy.targetGeneration
    }

    private static func proofDeductions(_ gateway: GatewayRecord, isHeard: Bool) -> [PostureDeduction] {
        if isProved(gateway) {
            return isHeard ? [] : [PostureDeduction(15, "its last proof is old")]
        }
        if gateway.policy.generation == 0 { return [PostureDeduction(30, "no policy is in force")] }
        if gateway.policy.generation < gateway.policy.targetGeneration {
            return [PostureDeduction(20, "an older policy than it should have is in force")]
        }
        return [PostureDeduction(20, "the kernel is not proved to hold its policy")]
    }

    private static func certificateDeductions(
        _ gateway: GatewayRecord,
        nowMilliseconds: UInt64
    ) -> [PostureDeduction] {
        let now = nowMilliseconds / 1000
        let certificate = gateway.certificate
        guard certificate.notAfterSeconds > now else {
            return [PostureDeduction(10, "its certificate has expired")]
        }
        let life = certificate.notAfterSeconds - min(certificate.notBeforeSeconds, certificate.notAfterSeconds)
        if (certificate.notAfterSeconds - now) < life / 10 {
            return [PostureDeduction(5, "its certificate expires soon")]
        }
        return []
    }
}
