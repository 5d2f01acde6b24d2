/// A pattern of banners, and what it says of whoever sends one.
public struct RecogFingerprint: Sendable {
    /// Its line in the file.
    public let line: Int
    /// What it recognises, in words.
    public let summary: String
    /// 0...1: how sure it is; nil where the file does not say.
    public let certainty: Double?
    /// What it says. Of two of one name, the later holds.
    public let parameters: [RecogParameter]
    /// Its tests.
    public let examples: [RecogExample]
    let expression: RegularExpression

    /// What the pattern makes of a banner.
    enum Answer {
        case no
        case yes([String: String])
        /// A limit of PCRE2 ended it: neither yes nor no.
        case cut
        /// It matches, but what it says cannot be put together.
        case incomplete(String)
    }

    func answer(_ banner: [UInt8]) -> Answer {
        switch expression.match(banner) {
        case .none: return .no
        case .limit: return .cut
        case .groups(let groups):
            var composer = RecogComposer(parameters: parameters, groups: groups, banner: banner)
            let values = composer.compose()
            if let missing = composer.missing { return .incomplete(missing) }
            return .yes(values)
        }
    }
}
