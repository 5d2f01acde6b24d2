/// What a directory of fingerprints, and a banner, may take of the computer that tries them.
public enum RecogLimits {
    /// Most bytes of one file. Rapid7's largest has 0.4 MB.
    public static let maximumFileBytes = 8 << 20
    /// Most files of a directory. Rapid7 has 50.
    public static let maximumFiles = 256
    /// Most fingerprints of a file.
    public static let maximumFingerprints = 20_000
    /// Most examples of a fingerprint.
    public static let maximumExamples = 1_000
    /// Most parameters of a fingerprint; a value may name another, that one a third.
    public static let maximumParameters = 100
    /// Most bytes of a value that names others: each of them may name the next one twice.
    public static let maximumValueBytes = 4 << 10
    /// Most bytes of a pattern.
    public static let maximumPatternBytes = 16 << 10
    /// Most bytes of a banner that is tried; what follows is not looked at.
    public static let maximumBannerBytes = 64 << 10
    /// Most problems of a file that are told; then it is not read further.
    public static let maximumProblems = 50

    /// Most steps of one pattern on one banner (`pcre2_set_match_limit`): measured, at most 15 ms. All 2,513 examples of
    /// twelve of Rapid7's files hold with 1,000.
    public static let matchSteps: UInt32 = 100_000
    /// Deepest nesting of backtracking (`pcre2_set_depth_limit`); counted by PCRE2's interpreter only.
    public static let matchDepth: UInt32 = 20_000
    /// Most memory for backtracking, KiB (`pcre2_set_heap_limit`); counted by PCRE2's interpreter only.
    public static let matchHeapKiB: UInt32 = 4 << 10
    /// Longest time for all patterns of a database on one banner. Looked at between patterns, so the one that is at work
    /// still ends by its own limits.
    public static let bannerTime = Duration.milliseconds(200)
}
