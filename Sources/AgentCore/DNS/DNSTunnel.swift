public import NetworkTypes

/// Names that carry data out of the house: what a device asked for below one name within a minute.
public struct DNSTunnel: Hashable, Sendable {
    /// The name below which it asked.
    public var parent: ByteString
    /// The last name it asked for, at most `DNSLimits.tunnelExampleBytes` of it.
    public var example: ByteString
    /// How many different names it asked for.
    public var names: UInt64
    /// How many of them look encoded.
    public var encoded: UInt64
    /// How many bytes they had below the parent.
    public var bytes: UInt64
    /// From the first of them to the last.
    public var milliseconds: UInt64

    /// One line for people.
    public var summary: ByteString {
        """
        questions below \(parent) carry data: \(names) different names of \(bytes) bytes within \(milliseconds) ms, \
        \(encoded) of them as if encoded, for instance \(example)
        """
    }
}
