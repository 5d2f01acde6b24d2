/// The limits of the DNS proxy, in one place.
public enum DNSLimits {
    /// Most questions that wait for an upstream or for the kernel, over all devices.
    public static let pendingQueries = 1024
    /// Most of them that one device has, so that no device takes the resolver from the others.
    public static let pendingQueriesPerDevice = 256
    /// Most answers kept.
    public static let cacheEntries = 4096
    /// Most bytes kept: messages, and `cacheEntryOverhead` for each.
    public static let cacheBytes = 1_048_576
    /// What an entry takes besides its message: key, times, place in the queue.
    public static let cacheEntryOverhead = 128
    /// An answer that denies is kept no longer than this (RFC 2308 §5 allows for hours; devices wait for new names).
    public static let negativeSeconds: UInt32 = 60
    /// Most CNAME records that are followed.
    public static let chainLinks = 12
    /// Most addresses of one answer that are handed on.
    public static let addressesPerAnswer = 128
    /// Most bytes offered to upstreams and devices over UDP: fits every path without fragments (DNS flag day 2020).
    public static let payloadLength: UInt16 = 1232
    /// Most bytes offered to the upstream where the device asks over TCP.
    public static let payloadLengthForTCP: UInt16 = 4096
}
