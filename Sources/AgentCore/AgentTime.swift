/// The two clocks of one moment. The wall clock can jump (a gateway may boot in 1970); the monotonic one never does.
public struct AgentTime: Hashable, Sendable {
    /// Milliseconds since 1970, corrected by the collector's clock and never below the time floor kept on disk.
    public var wallMilliseconds: UInt64
    /// Milliseconds since some moment before the agent's start.
    public var monotonicMilliseconds: UInt64

    /// A moment.
    public init(wallMilliseconds: UInt64, monotonicMilliseconds: UInt64) {
        self.wallMilliseconds = wallMilliseconds
        self.monotonicMilliseconds = monotonicMilliseconds
    }
}
