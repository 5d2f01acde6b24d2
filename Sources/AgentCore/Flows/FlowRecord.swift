public import NetworkTypes

/// How often and when something was reached.
public struct FlowRecord: Hashable, Sendable {
    /// Connections counted.
    public var count: UInt64
    /// When the first was seen, wall clock, milliseconds since 1970.
    public var firstMilliseconds: UInt64
    /// When one was last seen to be opened or open, wall clock, milliseconds since 1970.
    public var lastMilliseconds: UInt64
    /// The address that the last one went to.
    public var address: IPAddress
    /// When it was last reported to the collector, wall clock, milliseconds since 1970; 0 for not since the start.
    public var reportedMilliseconds: UInt64 = 0

    /// A record.
    public init(count: UInt64, firstMilliseconds: UInt64, lastMilliseconds: UInt64, address: IPAddress) {
        self.count = count
        self.firstMilliseconds = firstMilliseconds
        self.lastMilliseconds = lastMilliseconds
        self.address = address
    }
}
