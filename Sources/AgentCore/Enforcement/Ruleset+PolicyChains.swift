import NetworkTypes
import Policy

extension AllowRule {
    /// Whether a name rule opens more ports than are entered one by one, so that it needs a set of its own.
    var needsWideSet: Bool {
        guard case .name = to else { return false }
        return expandedServices == nil
    }

    /// Each port of the rule; nil where there are too many, or it is not all TCP and UDP.
    var expandedServices: [LearnedAddress.Target]? {
        guard !ports.isEmpty else { return nil }
        var services: [LearnedAddress.Target] = []
        for range in ports {
            guard range.transport != .icmp,
                Int(range.last) - Int(range.first) < EnforcementLimits.expandedPorts
            else { return nil }
            for port in range.first...range.last { services.append(.service(range.transport, port)) }
            guard services.count <= EnforcementLimits.expandedPorts else { return nil }
        }
        return services
    }

    /// What a learned address opens under this rule, the `number`th of `policy`.
    func targets(policy: ByteString, number: Int) -> [LearnedAddress.Target] {
        expandedServices ?? [.rule(policy: policy, number: number)]
    }
}

extension Ruleset {
    mutating func addChains(of policy: Allowlist) {
        for reason in Ruleset.reasonsOfPolicies where reason != .serverName || policy.cutsServerNames {
            addRefusal(
                reason,
                policy: policy.name,
                response: Ruleset.response(to: reason, policy.mode),
                after: reason == .notAllowed ? refusedFloodRules(of: policy) : []
            )
        }
        let guards = guardRules(of: policy)
        var body = guards + beginningFloodRules(of: policy)
        // tcp_loose would make an entry of any packet: what was never judged must begin with a SYN.
        body.append(
            "ct state new tcp flags != syn / fin,syn,rst,ack goto \(RulesetNames.refusal(.noConnection, policy.name))"
        )
        body += limitRules(of: policy)
        body += openRules(of: policy)
        body.append("meta l4proto { tcp, udp } th dport 853 goto \(RulesetNames.refusal(.encryptedDNS, policy.name))")
        if policy.cutsServerNames {
            for family in [IPAddress.Family.v4, .v6] { body.append(cutRule(family, policy)) }
        }
        if policy.allow.contains(where: { $0.expandedServices != nil && $0.isName }) {
            for family in [IPAddress.Family.v4, .v6] { body.append(nameRule(family, policy)) }
        }
        for (index, rule) in policy.allow.enumerated() {
            body += forwardRules(rule, number: index + 1, policy: policy)
        }
        let refused = RulesetNames.refusal(.notAllowed, policy.name)
        body.append("ct state established,related goto \(RulesetNames.refusal(.withdrawn, policy.name))")
        body.append("goto \(refused)")
        chain(RulesetNames.policyChain(policy.name), body)

        var gateway = guards + gatewayFloodRules(of: policy)
        gateway.append("ct status dnat th dport \(settings.dnsPort) goto accept_flow")
        if policy.showsNotice { gateway.append("ct status dnat tcp dport \(settings.noticePort) goto accept_flow") }
        for (index, rule) in policy.allow.enumerated() {
            guard case .gateway = rule.to else { continue }
            for match in serviceMatches(rule.ports, family: nil) {
                gateway.append(accept(match, policy.name, index + 1))
            }
        }
        // Broadcasts of a device looking for its like are no attempt to reach the gateway: dropped, not counted.
        if policy.mode == .enforce { gateway.append("meta pkttype != host drop") }
        // The page has no certificate for the name: who comes over TLS shall know at once, and has done no wrong.
        if policy.showsNotice, policy.mode == .enforce {
            gateway.append("tcp dport 443 reject with tcp reset")
            gateway.append("udp dport 443 reject with icmpx admin-prohibited")
        }
        gateway.append("goto \(refused)")
        chain(RulesetNames.gatewayChain(policy.name), gateway)
        addMeter(of: policy)
    }

    /// What a device should notice is rejected, floods and forgeries meet silence. Only what was judged revokes the
    /// connection it belongs to: a forged packet must not cut the connection of another device.
    private static func response(to reason: VerdictReason, _ mode: Allowlist.Mode) -> Response {
        if mode == .monitor { return .accept }
        switch reason {
        case .connectionRate, .connectionCount, .packetRate, .byteRate, .spoofed: return .dropPacket
        case .noConnection: return .rejectPacket
        default: return .reject
        }
    }

    /// A device sends from its own addresses only.
    private func guardRules(of policy: Allowlist) -> [ByteString] {
        let refusal = RulesetNames.refusal(.spoofed, policy.name)
        return [
            "ether saddr . ip saddr != @bound4 goto \(refusal)",
            "ether saddr . ip6 saddr != @bound6 goto \(refusal)",
        ]
    }

    /// Counts every packet, those of established connections too.
    private mutating func addMeter(of policy: Allowlist) {
        guard policy.limits.meterEachPacket else { return }
        var rules: [ByteString] = []
        if policy.limits.packetsPerSecond > 0 {
            let refusal = RulesetNames.refusal(.packetRate, policy.name)
            rules.append(rateRule("", "packets", policy.limits.packetsPerSecond, refusal, policy.name))
        }
        if policy.limits.bytesPerSecond > 0 {
            let rate = RulesetText.byteCount(policy.limits.bytesPerSecond)
            rules.append(
                """
                update @\(RulesetNames.meter("bytes", policy.name)) { ether saddr limit rate over \(rate)/second burst \
                \(rate) } goto \(RulesetNames.refusal(.byteRate, policy.name))
                """
            )
        }
        chain(RulesetNames.meterChain(policy.name), rules)
    }

    private func rateRule(
        _ match: ByteString,
        _ kind: ByteString,
        _ limit: UInt32,
        _ refusal: ByteString,
        _ policy: ByteString
    ) -> ByteString {
        var rule: ByteString = "\(match)update @\(RulesetNames.meter(kind, policy))"
        rule.append(" { ether saddr limit rate over ")
        rule.append(decimal: limit)
        rule.append("/second")
        // Five is nft's own burst (doc/statements.txt), which it does not print.
        if limit != 5 { rule.append(" burst \(limit) packets") }
        rule.append(" } goto ")
        rule.append(refusal)
        return rule
    }

    private func limitRules(of policy: Allowlist) -> [ByteString] {
        let limits = policy.limits
        var rules: [ByteString] = []
        if limits.newConnectionsPerSecond > 0 {
            let refusal = RulesetNames.refusal(.connectionRate, policy.name)
            rules.append(rateRule("ct state new ", "new", limits.newConnectionsPerSecond, refusal, policy.name))
        }
        if limits.concurrentConnections > 0 {
            var rule: ByteString = "ct state new add @\(RulesetNames.meter("open", policy.name))"
            rule.append(" { ether saddr ct count over ")
            rule.append(decimal: limits.concurrentConnections)
            rule.append(" } goto ")
            rule.append(RulesetNames.refusal(.connectionCount, policy.name))
            rules.append(rule)
        }
        return rules
    }

    /// One set for all names of all policies: what is in it was put there for this device alone.
    private func nameRule(_ family: IPAddress.Family, _ policy: Allowlist) -> ByteString {
        let set = RulesetNames.names(family)
        let key: ByteString = "ether saddr . \(RulesetText.family(family)) daddr . meta l4proto . th dport"
        var rule: ByteString = "\(key) @\(set) update @\(set) { "
        rule.append(key)
        rule.append(Ruleset.learnedTimeout)
        rule.append(" } goto accept_flow comment ")
        rule.append(quoted("\(policy.name): names"))
        return rule
    }

    /// What was cut stays so while the device goes on with it. Nothing of the same ports passes either, not even a SYN: the
    /// kernel's connection tracking would take it for the same connection, and let that one go on.
    private func cutRule(_ family: IPAddress.Family, _ policy: Allowlist) -> ByteString {
        let set = RulesetNames.cut(family)
        let key: ByteString = """
            ether saddr . \(RulesetText.family(family)) daddr . meta l4proto . th sport . th dport
            """
        return """
            \(key) @\(set) update @\(set) { \(key)\(Ruleset.cutTimeout) } goto \
            \(RulesetNames.refusal(.serverName, policy.name))
            """
    }

    static var cutTimeout: ByteString { " timeout \(EnforcementLimits.cutSeconds / 60)m" }

    static var learnedTimeout: ByteString {
        " timeout \(EnforcementLimits.usedSeconds / 3600)h"
    }

    private func forwardRules(_ rule: AllowRule, number: Int, policy: Allowlist) -> [ByteString] {
        switch rule.to {
        case .gateway: return []
        case .prefix(let prefix):
            let family = prefix.address.family
            let destination: ByteString = """
                \(RulesetText.family(family))\(prefix.length == 0 ? " version " : " daddr ")\
                \(prefix.length == 0 ? (family == .v4 ? "4" : "6") : prefix.byteString)
                """
            return serviceMatches(rule.ports, family: family).map {
                accept($0.isEmpty ? destination : "\(destination) \($0)", policy.name, number)
            }
        case .name:
            guard rule.needsWideSet else { return [] }
            var rules: [ByteString] = []
            for family in [IPAddress.Family.v4, .v6] {
                let set = RulesetNames.wideSet(policy: policy.name, number: number, family)
                let key: ByteString = "ether saddr . \(RulesetText.family(family)) daddr"
                for match in serviceMatches(rule.ports, family: family) {
                    var text: ByteString = "\(key) @\(set)"
                    if !match.isEmpty { text = "\(text) \(match)" }
                    text.append(" update @\(set) { \(key)\(Ruleset.learnedTimeout) }")
                    rules.append(accept(text, policy.name, number))
                }
            }
            return rules
        }
    }

    private func accept(_ match: ByteString, _ policy: ByteString, _ number: Int) -> ByteString {
        let comment = quoted("\(policy)/\(number)")
        let goto: ByteString = "goto accept_flow comment "
        return match.isEmpty ? "\(goto)\(comment)" : "\(match) \(goto)\(comment)"
    }

    /// One match per protocol; a single empty one where everything is allowed.
    func serviceMatches(_ ports: [PortRange], family: IPAddress.Family?) -> [ByteString] {
        if ports.isEmpty {
            switch family {
            case .v4: return ["meta l4proto { icmp, tcp, udp }"]
            case .v6: return ["meta l4proto { tcp, udp, ipv6-icmp }"]
            case nil: return ["meta l4proto { icmp, tcp, udp, ipv6-icmp }"]
            }
        }
        var matches: [ByteString] = []
        for transport in [TransportProtocol.tcp, .udp] {
            let ranges = ports.filter { $0.transport == transport }
            guard !ranges.isEmpty else { continue }
            let text = RulesetText.ports(ranges.map { RulesetText.PortRangeText(first: $0.first, last: $0.last) })
            matches.append("\(transport.byteString) dport \(text)")
        }
        if ports.contains(where: { $0.transport == .icmp }) {
            switch family {
            case .v4: matches.append("meta l4proto icmp")
            case .v6: matches.append("meta l4proto ipv6-icmp")
            case nil: matches.append("meta l4proto { icmp, ipv6-icmp }")
            }
        }
        return matches
    }
}

extension Allowlist {
    /// What its name rules open, each once.
    var nameTargets: [LearnedAddress.Target] {
        var seen: HashSet<LearnedAddress.Target> = HashSet()
        var targets: [LearnedAddress.Target] = []
        for (index, rule) in allow.enumerated() where rule.isName {
            for target in rule.targets(policy: name, number: index + 1) where seen.insert(target) {
                targets.append(target)
            }
        }
        return targets
    }

    /// Whether flows are cut for the server name they ask for.
    var cutsServerNames: Bool {
        mode == .enforce && dns.serverNames != .unchecked && allow.contains { $0.isName }
    }
}

extension AllowRule {
    var isName: Bool {
        if case .name = to { return true }
        return false
    }
}
