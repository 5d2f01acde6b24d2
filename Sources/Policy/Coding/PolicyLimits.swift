/// Limits of a policy bundle. Beyond them it is refused by the validator, and by the decoder before anything is kept.
public enum PolicyLimits {
    /// Most bytes of an encoded bundle.
    public static let bundleBytes = 768 << 10
    /// Most bytes of an allowlist's name.
    public static let nameBytes = 64
    /// Most bytes of a vendor, model, site, gateway or device key.
    public static let textBytes = 160
    /// Most allowlists of a bundle.
    public static let allowlistCount = 256
    /// Most tags of a bundle.
    public static let tagCount = 256
    /// Most devices of one tag.
    public static let devicesPerTag = 4096
    /// Most rules of one allowlist.
    public static let rulesPerAllowlist = 4096
    /// Most rules of a bundle.
    public static let ruleCount = 16_384
    /// Most port ranges of a rule.
    public static let portRangesPerRule = 64
    /// Most entries of one list of a match or a target.
    public static let matchEntries = 1024
    /// Most blocked prefixes.
    public static let blockedPrefixCount = 16_384
    /// Most protected prefixes.
    public static let protectedPrefixCount = 256
    /// Most `mustReach` probes.
    public static let probeCount = 32
    /// Highest rate limit.
    public static let rate: UInt32 = 10_000_000
    /// Longest time in a violation response, seconds: a year.
    public static let responseSeconds: UInt32 = 366 * 86_400
    /// How long, in seconds, a probe's answer must and may hold: an hour, 90 days.
    public static let probeIntervalSeconds: ClosedRange<UInt64> = 3600...(90 * 86_400)
    /// Questions to one device within an hour.
    public static let probesPerHour: ClosedRange<UInt64> = 1...60
    /// Bytes to and from one device within a day.
    public static let probeBytesPerDay: ClosedRange<UInt64> = 4096...(16 << 20)
}
