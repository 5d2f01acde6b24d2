extension DNSProxy {
    /// What the proxy has done and turned away since its start.
    public struct Counters: Hashable, Sendable {
        /// Messages that devices sent.
        public var queries: UInt64 = 0
        /// Questions sent to an upstream, each try counted.
        public var forwarded: UInt64 = 0
        /// Answers sent to devices, refusals and failures too.
        public var replies: UInt64 = 0
        /// Questions answered from the cache.
        public var cacheHits: UInt64 = 0
        /// Of those, the ones given again as they had left before.
        public var repeatedAnswers: UInt64 = 0
        /// Answers that had to leave the cache before their time.
        public var cacheEvictions: UInt64 = 0
        /// Questions for names that the device's policy does not answer.
        public var refused: UInt64 = 0
        /// Questions for names on a blocklist.
        public var blocked: UInt64 = 0
        /// Questions for resolvers that would hide names from the gateway, and for the names that ask whether to.
        public var refusedResolvers: UInt64 = 0
        /// Messages of devices that are no questions, or none that is answered here.
        public var malformed: UInt64 = 0
        /// Messages of upstreams that could not be read.
        public var malformedAnswers: UInt64 = 0
        /// Messages of upstreams that do not belong to what was asked of them.
        public var mismatchedAnswers: UInt64 = 0
        /// Upstreams that said nothing in time.
        public var timeouts: UInt64 = 0
        /// Upstreams that said they cannot answer, or could not be asked.
        public var upstreamFailures: UInt64 = 0
        /// Questions asked again over TCP because UDP had no room for the answer.
        public var streamRetries: UInt64 = 0
        /// Questions that failed at all upstreams.
        public var failures: UInt64 = 0
        /// Questions turned away because too many wait.
        public var droppedPending: UInt64 = 0
        /// Answers withheld because the kernel did not take their addresses.
        public var fillFailures: UInt64 = 0
        /// Addresses taken out of answers because they are not public and no rule names them.
        public var removedAddresses: UInt64 = 0
        /// Addresses taken out because an answer had too many.
        public var excessAddresses: UInt64 = 0
        /// Records taken out because they do not answer the question.
        public var removedRecords: UInt64 = 0
        /// Answers whose CNAME records lead in a circle or too far.
        public var brokenChains: UInt64 = 0
        /// Answers sent without records because they were too long for UDP.
        public var truncated: UInt64 = 0

        /// All zero.
        public init() {}
    }
    /// Tunnels noticed, once an hour for each device and parent.
    public var tunnelCount: UInt64 { tunnels?.noticedCount ?? 0 }
    /// Parents that were no longer watched for tunnels because others came.
    public var unwatchedCount: UInt64 { tunnels?.evictedCount ?? 0 }
}
