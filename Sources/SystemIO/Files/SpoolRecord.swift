/// One record of the spool: what orders and ranks it, and its bytes.
public struct SpoolRecord: Hashable, Sendable {
    /// Where a record stands in the order of all records: boot epoch first, then sequence.
    public struct Mark: Hashable, Sendable, Comparable {
        /// The start of the agent that made it.
        public var bootEpoch: UInt64
        /// Ascending within the epoch.
        public var sequence: UInt64

        /// Before every record.
        public static let zero = Mark(bootEpoch: 0, sequence: 0)

        /// A mark.
        public init(bootEpoch: UInt64, sequence: UInt64) {
            self.bootEpoch = bootEpoch
            self.sequence = sequence
        }

        /// Epoch, then sequence.
        public static func < (left: Mark, right: Mark) -> Bool {
            left.bootEpoch != right.bootEpoch ? left.bootEpoch < right.bootEpoch : left.sequence < right.sequence
        }
    }

    /// Its place in the order.
    public var mark: Mark
    /// 0 the least severe; at most `SpoolStore.severityLimit`.
    public var severity: UInt8
    /// Milliseconds since 1970.
    public var timeMilliseconds: UInt64
    /// What is kept.
    public var body: [UInt8]

    /// A record.
    public init(mark: Mark, severity: UInt8, timeMilliseconds: UInt64, body: [UInt8]) {
        self.mark = mark
        self.severity = severity
        self.timeMilliseconds = timeMilliseconds
        self.body = body
    }
}
