public import WireProtocol

/// Reports of one gateway, as they came over its connection.
public struct IngestSubmission: Hashable, Sendable {
    /// The gateway in the certificate.
    public var gateway: GatewayKey
    /// In ascending order of (boot epoch, sequence); see `IngestRules.fault`.
    public var reports: [Report]
    /// When they came, milliseconds since 1970.
    public var receivedMilliseconds: UInt64

    /// Reports.
    public init(gateway: GatewayKey, reports: [Report], receivedMilliseconds: UInt64) {
        self.gateway = gateway
        self.reports = reports
        self.receivedMilliseconds = receivedMilliseconds
    }
}

/// What became of a submission; it is on disk.
public struct IngestOutcome: Hashable, Sendable {
    /// Every report up to here is committed.
    public var highWater: HighWaterMark
    /// Reports that were taken.
    public var acceptedCount: Int
    /// Reports that were there before.
    public var duplicateCount: Int

    /// An outcome.
    public init(highWater: HighWaterMark, acceptedCount: Int, duplicateCount: Int) {
        self.highWater = highWater
        self.acceptedCount = acceptedCount
        self.duplicateCount = duplicateCount
    }
}
