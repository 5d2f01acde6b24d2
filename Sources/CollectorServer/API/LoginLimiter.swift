/// Slows down who guesses passwords: counts failures by user and by address, and refuses further tries for a while.
actor LoginLimiter {
    /// Failures of one user within the window before tries are refused.
    static let failuresPerUser = 10
    /// Failures from one address within the window before tries are refused.
    static let failuresPerAddress = 30
    /// How long failures count.
    static let windowMilliseconds: UInt64 = 15 * 60 * 1000
    /// Most users and addresses that are remembered; the oldest are forgotten first.
    static let maximumEntries = 10_000

    private struct Entry {
        var count: Int
        var sinceMilliseconds: UInt64
    }

    private var entries: [String: Entry] = [:]
    /// Tries that were refused.
    private(set) var refusedCount: UInt64 = 0

    /// Seconds to wait before the next try; nil where it may be made now. `user` is nil where no login is tried: then
    /// only the address counts, so that nobody can shut the door for others.
    func wait(user: String?, address: String, nowMilliseconds: UInt64) -> UInt64? {
        var wait: UInt64?
        for (key, limit) in LoginLimiter.keys(user, address) {
            guard let entry = entries[key], entry.count >= limit else { continue }
            let end = entry.sinceMilliseconds + LoginLimiter.windowMilliseconds
            if end > nowMilliseconds { wait = max(wait ?? 1, (end - nowMilliseconds + 999) / 1000) }
        }
        if wait != nil { refusedCount += 1 }
        return wait
    }

    /// A password was wrong. True where it was the one after which further tries are refused.
    @discardableResult
    func recordFailure(user: String?, address: String, nowMilliseconds: UInt64) -> Bool {
        var isLast = false
        for (key, limit) in LoginLimiter.keys(user, address) {
            var entry = entries[key] ?? Entry(count: 0, sinceMilliseconds: nowMilliseconds)
            if entry.sinceMilliseconds + LoginLimiter.windowMilliseconds <= nowMilliseconds {
                entry = Entry(count: 0, sinceMilliseconds: nowMilliseconds)
            }
            entry.count += 1
            entries[key] = entry
            if entry.count == limit { isLast = true }
        }
        guard entries.count > LoginLimiter.maximumEntries else { return isLast }
        let oldest = entries.sorted { $0.value.sinceMilliseconds < $1.value.sinceMilliseconds }
        for (key, _) in oldest.prefix(LoginLimiter.maximumEntries / 10) { entries[key] = nil }
        return isLast
    }

    /// A password was right: the user's failures are forgotten, those of the address are not.
    func recordSuccess(user: String) { entries["user:" + user] = nil }

    private static func keys(_ user: String?, _ address: String) -> [(String, Int)] {
        let keys = [("address:" + address, failuresPerAddress)]
        return if let user { [("user:" + user, failuresPerUser)] + keys } else { keys }
    }
}
