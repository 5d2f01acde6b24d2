/// A gateway with what its devices add up to.
public struct GatewayOverview: Hashable, Sendable {
    /// The gateway.
    public var record: GatewayRecord
    /// Its devices.
    public var devices = DeviceCounts()

    /// A gateway without devices.
    public init(record: GatewayRecord) { self.record = record }
}

/// How many devices a gateway has, and how many of them are what.
public struct DeviceCounts: Hashable, Sendable, Codable {
    /// All.
    public var total: UInt64 = 0
    /// Those whose class is known with at least `Posture.identifiedConfidence`.
    public var identified: UInt64 = 0
    /// Those an allowlist other than `unknown` holds.
    public var governed: UInt64 = 0
    /// Those in quarantine.
    public var quarantined: UInt64 = 0
    /// Those that tried what they may not within the window of the store.
    public var violating: UInt64 = 0
    /// Sum of the scores of all devices; see `Posture`.
    public var scoreSum: UInt64 = 0

    /// No devices.
    public init() {}

    /// The mean of the device scores, 0...100; nil without devices.
    public var meanScore: UInt64? { total == 0 ? nil : scoreSum / total }
}

/// A device with what it did lately.
public struct DeviceOverview: Hashable, Sendable {
    /// The device.
    public var record: DeviceRecord
    /// Packets it had dropped within the window of the store.
    public var recentDroppedCount: UInt64
    /// Packets it would have had dropped within the window of the store.
    public var recentWouldDropCount: UInt64

    /// A device.
    public init(record: DeviceRecord, recentDroppedCount: UInt64 = 0, recentWouldDropCount: UInt64 = 0) {
        self.record = record
        self.recentDroppedCount = recentDroppedCount
        self.recentWouldDropCount = recentWouldDropCount
    }
}
