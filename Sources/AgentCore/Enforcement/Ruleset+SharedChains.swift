import NetworkTypes
import Policy

extension Ruleset {
    mutating func addBaseChains() {
        chain(
            "redirect_dns",
            [
                "type nat hook prerouting priority dstnat; policy accept;",
                RulesetText.join(
                    "iifname @interfaces meta l4proto { tcp, udp } th dport 53 redirect to :",
                    RulesetText.decimal(settings.dnsPort),
                    " comment \"DNS is answered by the agent\""
                ),
            ]
        )
        chain(
            "forward",
            [
                "type filter hook forward priority filter - 5; policy accept;",
                "iifname @interfaces jump from_device", "oifname @interfaces jump to_device",
            ]
        )
        chain(
            "input",
            [
                "type filter hook input priority filter - 5; policy accept;", "iifname @interfaces jump to_gateway",
            ]
        )
        chain(
            "output",
            [
                "type filter hook output priority filter - 5; policy accept;",
                "ip daddr @blocked4 counter name \"count_blocked_all\" reject with icmpx admin-prohibited",
                "ip6 daddr @blocked6 counter name \"count_blocked_all\" reject with icmpx admin-prohibited",
            ]
        )
    }

    /// Established connections of the present epoch pass; accepted ones are marked with it. Each stands in a chain of
    /// its own, so that turning the epoch replaces two rules and nothing else.
    static func epochChains(_ epoch: UInt32) -> (established: [ByteString], accept: [ByteString]) {
        let bits = ConnectionMark.bits(epoch: epoch)
        let established = RulesetText.join(
            "ct state established,related ct mark & ",
            RulesetText.mark(ConnectionMark.mask),
            " == ",
            RulesetText.mark(bits),
            " accept"
        )
        // nft prints the mask with the bits that are set anyway.
        let mark = RulesetText.join(
            "ct mark set ct mark & ",
            RulesetText.mark(~ConnectionMark.mask | bits),
            " | ",
            RulesetText.mark(bits)
        )
        return ([established], [mark, "accept"])
    }

    mutating func addSharedChains() {
        let epochChains = Ruleset.epochChains(epoch)
        chain("established", epochChains.established)
        chain("accept_flow", epochChains.accept)
        for reason in Ruleset.sharedReasons { addRefusal(reason, policy: "all", rejects: reason == .blocked) }
        let guarding: [ByteString] = [
            "ether saddr @quarantined goto refuse_quarantined_all", "ip daddr @blocked4 goto refuse_blocked_all",
            "ip6 daddr @blocked6 goto refuse_blocked_all", "jump established",
            "ether saddr . ip saddr != @bound4 goto refuse_spoofed_all",
            "ether saddr . ip6 saddr != @bound6 goto refuse_spoofed_all",
        ]
        chain(
            "from_device",
            guarding + [
                // tcp_loose would make an entry of any packet: what was never judged must begin with a SYN.
                "ct state new tcp flags != syn / fin,syn,rst,ack goto refuse_no-connection_all",
                "ether saddr vmap @policies", "goto policy_unknown",
            ]
        )
        let revoked = RulesetText.mark(ConnectionMark.revoked)
        let mask = RulesetText.mark(ConnectionMark.mask)
        chain(
            "to_device",
            [
                RulesetText.join("ct mark & ", mask, " == ", revoked, " goto refuse_inbound_all"),
                // Judged once, perhaps in an older epoch: the device's next packet is judged anew.
                RulesetText.join("ct direction reply ct mark & ", mask, " != 0x00000000 accept"),
                "meta l4proto ipv6-icmp ct state related accept", "meta l4proto icmp ct state related accept",
                "goto refuse_inbound_all",
            ]
        )
        chain(
            "to_gateway",
            [
                // A device in quarantine keeps its lease, and the agent keeps seeing it.
                "udp dport { 67, 547 } accept", "ether saddr @quarantined goto refuse_quarantined_all",
                // Answers to what the gateway itself asked.
                "ct direction reply accept", "meta l4proto { icmp, igmp, ipv6-icmp } accept",
                // Announcements, which the agent reads.
                "udp dport { 137, 1900, 3702, 5353, 5355 } accept", "jump established",
                "ether saddr . ip saddr != @bound4 goto refuse_spoofed_all",
                "ether saddr . ip6 saddr != @bound6 goto refuse_spoofed_all",
                RulesetText.join("ct status dnat th dport ", RulesetText.decimal(settings.dnsPort), " accept"),
                "ether saddr vmap @gateways", "goto gateway_unknown",
            ]
        )
    }

    /// Counts, logs and refuses. What a device should notice is rejected; floods and forgeries are dropped.
    mutating func addRefusal(_ reason: VerdictReason, policy: ByteString, rejects: Bool, isMonitored: Bool = false) {
        let prefix = ViolationPrefix(
            wasDropped: !isMonitored,
            reason: reason,
            policy: policy == "all" ? ViolationPrefix.noPolicy : policy
        )
        let log = RulesetText.join(
            "log prefix ",
            quoted(prefix.byteString),
            " group ",
            RulesetText.decimal(settings.logGroup),
            " snaplen ",
            RulesetText.decimal(EnforcementLimits.snapLength)
        )
        func metered(_ match: ByteString, _ meter: ByteString, rate: Int, burst: Int) -> ByteString {
            RulesetText.join(
                match,
                " update @",
                meter,
                " { ether saddr limit rate ",
                RulesetText.decimal(rate),
                "/second burst "
            ) + RulesetText.join(RulesetText.decimal(burst), " packets } ", log)
        }
        var body = [
            RulesetText.join("counter name ", quoted(RulesetNames.counter(reason, policy))),
            metered(
                "tcp flags syn / fin,syn,rst,ack",
                "log_syn",
                rate: EnforcementLimits.synLogRate,
                burst: EnforcementLimits.synLogBurst
            ),
            metered(
                "tcp flags != syn / fin,syn,rst,ack",
                "log_any",
                rate: EnforcementLimits.logRate,
                burst: EnforcementLimits.logBurst
            ),
            metered(
                "meta l4proto != tcp",
                "log_any",
                rate: EnforcementLimits.logRate,
                burst: EnforcementLimits.logBurst
            ),
        ]
        if isMonitored {
            body.append("goto accept_flow")
        } else {
            body.append(
                RulesetText.join("ct mark set ct mark | ", RulesetText.mark(ConnectionMark.revoked))
            )
            if rejects {
                body += ["meta l4proto tcp reject with tcp reset", "reject with icmpx admin-prohibited"]
            } else {
                body.append("drop")
            }
        }
        chain(RulesetNames.refusal(reason, policy), body)
    }
}

private func + (left: ByteString, right: ByteString) -> ByteString { RulesetText.join(left, right) }
