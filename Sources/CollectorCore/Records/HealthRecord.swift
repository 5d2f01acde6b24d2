/// The agent's own figures, as last reported.
public struct HealthRecord: Hashable, Sendable, Codable {
    /// Seconds since the agent's start.
    public var uptimeSeconds: UInt64 = 0
    /// Resident memory, KiB.
    public var residentKiB: UInt64 = 0
    /// Counters since its start, by name: `capture.dropped`, `spool.bytes`.
    public var counters: [String: UInt64] = [:]
    /// When, by the gateway's clock, milliseconds since 1970.
    public var timeMilliseconds: UInt64 = 0

    /// Nothing reported.
    public init() {}
}
