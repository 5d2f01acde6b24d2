import NetworkTypes
import Policy

// DNS while the agent is dead. The live agent keeps an element in a set whose time-out is the limit; once that is over, the
// kernel by itself sends the DNS of devices whose policy says `failMode: open` to the gateway's first resolver, and for the
// others goes on sending it to the agent's port, where nobody answers.
extension Ruleset {
    /// The port of DNS is in this set while the agent lives.
    static let dead: ByteString = "th dport 53 th dport != @dns_alive"

    private var firstResolvers: [IPAddress] {
        [IPAddress.Family.v4, .v6].compactMap { family in settings.resolvers.first { $0.family == family } }
    }

    /// Before the redirection to the agent.
    var resolverRules: [ByteString] {
        guard failsOpen else { return [] }
        return firstResolvers.map { resolver in
            let isV4 = resolver.family == .v4
            return """
                iifname @interfaces ether saddr @dns_open meta nfproto \(isV4 ? "ipv4" : "ipv6" as ByteString) \
                meta l4proto { tcp, udp } \(Ruleset.dead) dnat \(RulesetText.family(resolver.family)) to \
                \(resolver.byteString) comment \"the agent is dead\"
                """
        }
    }

    /// In the chain of a policy: what was sent there may pass, and no longer once the agent is back.
    func openRules(of policy: Allowlist) -> [ByteString] {
        guard failsOpen, policy.dns.failsOpen else { return [] }
        return firstResolvers.map { resolver in
            """
            ct status dnat \(RulesetText.family(resolver.family)) daddr \(resolver.byteString) \
            meta l4proto { tcp, udp } \(Ruleset.dead) goto accept_flow
            """
        }
    }
}

extension Enforcement {
    /// Whether the kernel waits for signs of life.
    private var isWatched: Bool {
        !settings.resolvers.isEmpty
            && bundle.map { bundle in
                (bundle.allowlists + [bundle.baseline.unknown]).contains { $0.dns.failsOpen }
            } == true
    }

    /// A sign of life; nothing where the kernel waits for none. Before Linux 6.12 an element that is there keeps its
    /// time-out: deleted and added in one batch it gets a new one.
    var signOfLife: ByteString {
        guard isWatched else { return "" }
        let add: ByteString = "add element inet gatehouse dns_alive { 53 timeout \(settings.deadSeconds)s }\n"
        return "\(add)delete element inet gatehouse dns_alive { 53 }\n\(add)"
    }

    /// The sign of life when it is due: thrice within the limit. One that comes too late has connections judged anew.
    mutating func live(nowMilliseconds now: UInt64) -> ByteString {
        guard isWatched else { return "" }
        let limit = settings.deadSeconds * 1000
        guard let last = aliveMilliseconds, now < last + limit else {
            let isLate = aliveMilliseconds != nil
            aliveMilliseconds = now
            return isLate ? "\(signOfLife)\(turnEpoch())" : signOfLife
        }
        guard now >= last + limit / 3 else { return "" }
        aliveMilliseconds = now
        return signOfLife
    }
}
