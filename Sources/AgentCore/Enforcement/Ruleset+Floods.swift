import NetworkTypes
import Policy

extension Ruleset {
    /// The floods that are looked for.
    var floods: [VerdictReason] { VerdictReason.floods.filter { settings.floods[$0] > 0 } }

    private var hasMonitored: Bool { policies.contains { $0.mode == .monitor } }

    /// What chains of floods are named by, for policies that enforce and for those that watch.
    private static func holder(_ mode: Allowlist.Mode) -> ByteString { mode == .monitor ? "watched" : "all" }

    mutating func addFloodCounters() {
        for reason in floods {
            for mode in [Allowlist.Mode.enforce, .monitor] where mode == .enforce || hasMonitored {
                add("\tcounter \(RulesetNames.counter(reason, Ruleset.holder(mode))) {")
                add("\t}")
            }
        }
    }

    mutating func addFloodSets() {
        guard !floods.isEmpty else { return }
        set("set", "log_flood", ["type ether_addr", "size 4096", "flags dynamic,timeout", "timeout 1m"])
        for reason in floods {
            set(
                "set",
                RulesetNames.flood(reason),
                ["type ether_addr", "size 4096", "flags dynamic,timeout", "timeout 1m"]
            )
        }
    }

    mutating func addFloodRefusals() {
        for reason in floods {
            addRefusal(reason, policy: Ruleset.holder(.enforce), response: .dropPacket)
            if hasMonitored { addRefusal(reason, policy: Ruleset.holder(.monitor), response: .accept) }
        }
    }

    /// Meters on what begins something; to stand before it is judged.
    func beginningFloodRules(of policy: Allowlist) -> [ByteString] {
        floodRule(.synFlood, "tcp flags syn / fin,syn,rst,ack ", policy)
            + floodRule(.icmpFlood, "meta l4proto { icmp, ipv6-icmp } ", policy)
    }

    /// Meters on what is refused.
    func refusedFloodRules(of policy: Allowlist) -> [ByteString] {
        floodRule(.udpFlood, "meta l4proto udp ", policy)
            + floodRule(.otherFlood, "meta l4proto != { icmp, tcp, udp, ipv6-icmp } ", policy)
    }

    /// Meters on what comes to the gateway.
    func gatewayFloodRules(of policy: Allowlist) -> [ByteString] {
        floodRule(.synFlood, "tcp flags syn / fin,syn,rst,ack ", policy)
            + floodRule(.dnsFlood, "meta l4proto { tcp, udp } th dport \(settings.dnsPort) ", policy)
    }

    private func floodRule(_ reason: VerdictReason, _ match: ByteString, _ policy: Allowlist) -> [ByteString] {
        let limit = settings.floods[reason]
        guard limit > 0 else { return [] }
        let refusal = RulesetNames.refusal(reason, Ruleset.holder(policy.mode))
        // An even burst is never nft's own of five, which it would not print (doc/statements.txt).
        return [
            """
            \(match)update @\(RulesetNames.flood(reason)) { ether saddr limit rate over \(UInt64(limit))/second burst \
            \(UInt64(limit) * 2) packets } goto \(refusal)
            """
        ]
    }
}
