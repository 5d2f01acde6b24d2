import Glibc

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// Those that are not agents': pages and programs at the HTTPS listener, the database, the program's own.
    static let besideAgents: UInt64 = 4096

    /// Raises the limit as far as it may be raised without a right: shells and systemd give 1024 where nobody asks, and
    /// a collector at its limit spends its time on connections that it cannot accept.
    ///
    /// Returns what to say where it is too low for so many agents; nil where it is not.
    static func raise(forAgents agents: UInt64) -> String? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        let needed = agents + besideAgents
        guard UInt64(limit.rlim_cur) < needed else { return nil }
        return "\(limit.rlim_cur) files may be open, limits.connections needs \(needed): raise LimitNOFILE or ulimit -n"
    }
}
