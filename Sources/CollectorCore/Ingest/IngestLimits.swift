/// What one gateway may put into the collector.
public enum IngestLimits {
    /// Most devices of a gateway; more are counted, not kept.
    public static let maximumDevicesPerGateway: UInt64 = 10_000
    /// Most flows of a gateway; those seen longest ago go first, and are counted. Twice what an agent keeps: what it has
    /// forgotten is worth knowing too.
    public static let maximumFlowsPerGateway: UInt64 = 8192
    /// Longest text of one field, in bytes; longer ones are cut.
    public static let maximumTextLength = 1024
    /// The greatest boot epoch and sequence: a database's integers have a sign, and two numbers above would be one there.
    public static let maximumNumber = UInt64(Int64.max)
    /// Most counters of a health report; more are left out.
    public static let maximumCounters = 256
    /// Reports an agent may send beyond what is acknowledged, where the configuration does not say.
    public static let credits: UInt64 = 1024
}
