internal import Recog

/// What banners came to: a thousand gateways report the same ones.
///
/// Two tables take turns: when the young one is full it becomes the old one, and the old one is forgotten. What is asked for
/// again moves to the young one.
struct BannerCache: Sendable {
    /// A database and a banner.
    struct Key: Hashable, Sendable {
        var database: String
        var banner: String
    }

    /// Most entries of a table. A banner has at most 1 KiB, what is said of it less as a rule: some 8 MiB for both tables.
    static let maximumEntries = 2048

    private var young: [Key: RecogMatch?] = [:]
    private var old: [Key: RecogMatch?] = [:]

    /// What the banner came to, `.some(nil)` for nothing; nil where it is not known.
    mutating func match(for key: Key) -> RecogMatch?? {
        if let known = young[key] { return known }
        guard let known = old[key] else { return nil }
        keep(known, for: key)
        return known
    }

    mutating func keep(_ match: RecogMatch?, for key: Key) {
        if young.count >= BannerCache.maximumEntries {
            old = young
            young = [:]
        }
        young[key] = .some(match)
    }

    /// How many entries both tables have.
    var count: Int { young.count + old.count }
}
