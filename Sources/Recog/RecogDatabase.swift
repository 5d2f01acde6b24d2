/// The fingerprints of one file: of one kind of banner.
public struct RecogDatabase: Sendable {
    /// The file's name without its folder: `ssh_banners.xml`.
    public let file: String
    /// What it is matched against: `ssh.banner`; the file's name without its end where it does not say.
    public let key: String
    /// `ssh`; empty where it does not say.
    public let networkProtocol: String
    /// 0...1: how much it is to be preferred to other databases; nil where it does not say.
    public let preference: Double?
    /// In the order of the file: the first that matches counts.
    public let fingerprints: [RecogFingerprint]

    /// What a banner comes to.
    public struct Search: Sendable {
        /// The first fingerprint that matches, with what it says.
        public var match: RecogMatch?
        /// Lines of the fingerprints that a limit ended.
        public var cutLines: [Int] = []
        /// Whether the time for a banner was over before all were tried.
        public var isOutOfTime = false
    }

    /// Tries the fingerprints in order, until one matches or the time for a banner is over.
    public func search(_ banner: [UInt8], time: Duration = RecogLimits.bannerTime) -> Search {
        let bytes =
            banner.count > RecogLimits.maximumBannerBytes
            ? Array(banner.prefix(RecogLimits.maximumBannerBytes)) : banner
        var search = Search()
        let end = ContinuousClock.now + time
        for fingerprint in fingerprints {
            switch fingerprint.answer(bytes) {
            case .no: break
            case .cut: search.cutLines.append(fingerprint.line)
            case .yes(var values):
                if !networkProtocol.isEmpty, values["service.protocol"] == nil {
                    values["service.protocol"] = networkProtocol
                }
                search.match = RecogMatch(
                    file: file,
                    line: fingerprint.line,
                    summary: fingerprint.summary,
                    certainty: fingerprint.certainty,
                    values: values
                )
                return search
            // It would claim what it cannot spell out: no match.
            case .incomplete: break
            }
            // A clock is read a thousand times a millisecond; a pattern takes about as long.
            if ContinuousClock.now >= end {
                search.isOutOfTime = true
                return search
            }
        }
        return search
    }
}
