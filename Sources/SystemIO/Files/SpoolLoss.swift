/// What a full spool gave up: the account that becomes a gap report.
public struct SpoolLoss: Hashable, Sendable {
    /// How many records.
    public internal(set) var count: UInt64 = 0
    /// How many of each severity, 0 first.
    public internal(set) var countBySeverity = [UInt64](repeating: 0, count: Int(SpoolStore.severityLimit) + 1)
    /// The most severe of them.
    public internal(set) var severity: UInt8 = 0
    /// Time of the oldest, milliseconds since 1970.
    public internal(set) var firstMilliseconds: UInt64 = 0
    /// Time of the newest, milliseconds since 1970.
    public internal(set) var lastMilliseconds: UInt64 = 0

    /// Nothing lost.
    public init() {}

    mutating func add(_ other: SpoolLoss) {
        for (severity, count) in other.countBySeverity.enumerated() {
            add(
                count: count,
                severity: UInt8(severity),
                first: other.firstMilliseconds,
                last: other.lastMilliseconds
            )
        }
    }

    mutating func add(count: UInt64, severity: UInt8, first: UInt64, last: UInt64) {
        guard count > 0 else { return }
        firstMilliseconds = self.count == 0 ? first : min(firstMilliseconds, first)
        lastMilliseconds = max(lastMilliseconds, last)
        self.severity = max(self.severity, severity)
        self.count += count
        countBySeverity[Int(severity)] += count
    }
}
