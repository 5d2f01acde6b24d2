/// A banner that a fingerprint must match, and what must come of it: a test that the file carries.
public struct RecogExample: Hashable, Sendable {
    /// Its line in the file.
    public var line: Int
    /// The banner.
    public var banner: [UInt8]
    /// Parameters that must come out, by name.
    public var expected: [String: String]

    /// An example.
    public init(line: Int, banner: [UInt8], expected: [String: String]) {
        self.line = line
        self.banner = banner
        self.expected = expected
    }
}
