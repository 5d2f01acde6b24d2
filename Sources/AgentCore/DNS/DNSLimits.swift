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
    /// Most answers kept as they left; where there are more, all of them are made anew.
    static let repeatedAnswers = 1024
    /// Longest question and answer together that are kept as they left.
    static let repeatedBytes = 1024
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
    /// Shortest message: a header (RFC 1035 §4.1.1).
    static let headerLength = 12
    /// Questions to upstreams over TLS are padded to a multiple of this (RFC 8467 §4.1).
    static let paddingBlock = 128
    /// Most questions under way over the stream of one upstream.
    public static let streamQuestions = 256
    /// How long a stream may take to be opened, its certificate checked.
    public static let streamOpeningMilliseconds: UInt64 = 5000
    /// How long an answer is waited for on a stream. Much longer than a device waits: one name whose servers are slow
    /// does not mean that the connection is dead.
    public static let streamAnswerMilliseconds: UInt64 = 15_000
    /// A stream that nothing was asked over for so long is closed (RFC 7858 §3.4).
    public static let streamIdleMilliseconds: UInt64 = 30_000
    /// How long an upstream rests whose stream has failed for the first time; doubled each time,
    public static let streamRestMilliseconds: UInt64 = 1000
    /// up to this.
    public static let streamRestLimitMilliseconds: UInt64 = 60_000
    /// How long another upstream is asked first after one has failed; then the order of the configuration holds again.
    public static let preferenceMilliseconds: UInt64 = 60_000
    /// Most names whose subdomains are watched for tunnels, over all devices,
    static let tunnelParents = 256
    /// and of one device.
    static let tunnelParentsPerDevice = 64
    /// For so long different names below one parent are counted.
    static let tunnelWindowMilliseconds: UInt64 = 60_000
    /// A tunnel that goes on is reported again after so long.
    static let tunnelReportMilliseconds: UInt64 = 3_600_000
    /// Bits to tell names apart.
    static let tunnelBits = 1024
    /// Shorter names hold too little to be judged.
    static let tunnelEncodedLength = 16
    /// So many names that look encoded make a tunnel (dnscat2 at rest asks for 60 a minute),
    static let tunnelEncodedNames: UInt64 = 40
    /// or so many bytes in them,
    static let tunnelEncodedBytes: UInt64 = 3000
    /// or so many names asked for types with room for data, half of them encoded,
    static let tunnelCarrierNames: UInt64 = 20
    /// or so many asked for NULL, which nothing else asks for (iodine at rest asks for 15 a minute),
    static let tunnelNullNames: UInt64 = 10
    /// or so many of any kind, as far as `tunnelBits` tell them apart: about 510.
    static let tunnelNames: UInt64 = 400
    /// Most bytes of a name in a report.
    static let tunnelExampleBytes = 80
    /// How long a device may keep the gateway's own address for a refused name.
    static let noticeSeconds: UInt32 = 10
    /// Most bytes of a request for the page that says why.
    public static let noticeRequestBytes = 8192
}
