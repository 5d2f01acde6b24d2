import NetworkTypes
import Policy

extension Ruleset {
    mutating func addBaseChains() {
        chain(
            "redirect_dns",
            ["type nat hook prerouting priority dstnat; policy accept;"] + resolverRules + [
                """
                iifname @interfaces meta l4proto { tcp, udp } th dport 53 redirect to :\
                \(settings.dnsPort) comment \"DNS is answered by the agent\"
                """
            ] + noticeRedirect
        )
        chain(
            "forward",
            [
                "type filter hook forward priority filter - 5; policy accept;"
            ] + (isMetered ? ["iifname @interfaces ether saddr vmap @metered"] : []) + [
                "jump established"
            ] + neighbourRules + ["iifname @interfaces goto from_device", "oifname @interfaces goto to_device"]
        )
        chain(
            "input",
            ["type filter hook input priority filter - 5; policy accept;"]
                + (settings.breakGlass.isEmpty
                    ? []
                    : [
                        "iifname @interfaces ip saddr @breakglass4 accept",
                        "iifname @interfaces ip6 saddr @breakglass6 accept",
                    ]) + ["iifname @interfaces jump to_gateway"]
        )
        chain(
            "output",
            ["type filter hook output priority filter - 5; policy accept;"]
                // The addresses of a name may move to what was blocked before.
                + (protected.isEmpty ? [] : ["ip daddr @protected4 accept", "ip6 daddr @protected6 accept"]) + [
                    "ip daddr @blocked4 counter name \"count_blocked_all\" reject with icmpx admin-prohibited",
                    "ip6 daddr @blocked6 counter name \"count_blocked_all\" reject with icmpx admin-prohibited",
                ]
        )
    }

    /// With `net.bridge.bridge-nf-call-iptables` what passes between two devices of a bridge comes by here as well, and has
    /// been judged in the bridge's table. No packet that is routed is addressed to a device's own hardware address, and no
    /// frame to a group is routed (net/ipv4/ip_forward.c, PACKET_HOST).
    private var neighbourRules: [ByteString] {
        guard settings.holdsNeighbours else { return [] }
        let between: ByteString = "iifname @interfaces oifname @interfaces"
        return [
            "\(between) meta pkttype { broadcast, multicast } accept",
            "\(between) icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
            "iifname @interfaces ether saddr . ip saddr @bound4 ether daddr . ip daddr @bound4 accept",
            "iifname @interfaces ether saddr . ip6 saddr @bound6 ether daddr . ip6 daddr @bound6 accept",
        ]
    }

    /// A refused name has the gateway's own address: what a device asks there over HTTP is answered by the agent.
    private var noticeRedirect: [ByteString] {
        guard hasNotice else { return [] }
        return [
            """
            iifname @interfaces ether saddr @notified tcp dport 80 fib daddr type local redirect to :\
            \(settings.noticePort) comment \"why a name was refused\"
            """
        ]
    }

    /// The chains that name the epoch or the tick, and nothing else: to turn one replaces four rules.
    ///
    /// Connections that carry both pass first of all. Those of an earlier tick pass too, after the learned address they
    /// use was refreshed; their answers need not wait for that.
    static func epochChains(_ epoch: UInt32, tick: UInt32) -> [RulesetChain] {
        let bits = ConnectionMark.bits(epoch: epoch, tick: tick)
        let judged = ConnectionMark.bits(epoch: epoch)
        return [
            RulesetChain("established", [epochMatch(ConnectionMark.mask, bits, "accept")]),
            RulesetChain("aged", [epochMatch(ConnectionMark.epochMask, judged, "goto refresh")]),
            RulesetChain("answers", [epochMatch(ConnectionMark.epochMask, judged, "accept")]),
            RulesetChain("accept_flow", [epochMark(bits), "accept"]),
        ]
    }

    static func epochMatch(_ mask: UInt32, _ value: UInt32, _ verdict: ByteString) -> ByteString {
        """
        ct state established,related ct mark & \(RulesetText.mark(mask))\
         == \(RulesetText.mark(value)) \(verdict)
        """
    }

    static func epochMark(_ bits: UInt32) -> ByteString {
        // nft prints the mask with the bits that are set anyway.
        """
        ct mark set ct mark & \(RulesetText.mark(~ConnectionMark.mask | bits)) | \
        \(RulesetText.mark(bits))
        """
    }

    mutating func addSharedChains() {
        for epochChain in Ruleset.epochChains(epoch, tick: tick) { chain(epochChain.name, epochChain.rules) }
        for reason in Ruleset.sharedReasons {
            addRefusal(reason, policy: "all", response: reason == .blocked ? .reject : .drop)
        }
        addRefusal(.inbound, policy: "watched", response: .accept)
        addFloodRefusals()
        chain("refresh", refreshRules() + ["goto accept_flow"])
        chain(
            "from_device",
            [
                "jump aged", "ether saddr @quarantined goto refuse_quarantined_all",
                "ip daddr @blocked4 goto refuse_blocked_all", "ip6 daddr @blocked6 goto refuse_blocked_all",
                "ether saddr vmap @policies", "goto policy_unknown",
            ]
        )
        addChainToDevice()
        addChainToGateway()
    }

    /// What comes to a device: answers to what it was allowed to ask. Its policy judges what it sends itself, so for an
    /// answer on a connection of an older epoch there are three ways. TCP is let through: the device will acknowledge
    /// it, and that packet is judged. Where the judgement was "no", the other side is told as well. Everything else
    /// waits until the device speaks.
    private mutating func addChainToDevice() {
        let revoked: ByteString = """
            ct mark & \(RulesetText.mark(ConnectionMark.epochMask)) == \
            \(RulesetText.mark(ConnectionMark.revoked))
            """
        chain(
            "to_device",
            [
                "jump answers", "\(revoked) meta l4proto tcp reject with tcp reset",
                "\(revoked) drop", "ct state related meta l4proto { icmp, ipv6-icmp } accept",
                "ct state established,related ct direction reply meta l4proto tcp accept",
                "ct state established,related ct direction reply drop",
                "ip daddr @watched4 goto refuse_inbound_watched", "ip6 daddr @watched6 goto refuse_inbound_watched",
                "goto refuse_inbound_all",
            ]
        )
    }

    private mutating func addChainToGateway() {
        chain(
            "to_gateway",
            [
                // A device in quarantine keeps its lease and its neighbours, and the agent keeps seeing it.
                "udp dport { 67, 547 } accept",
                // No device is a router (RFC 6105).
                "icmpv6 type { nd-router-advert, nd-redirect } drop",
                "icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept",
                "ether saddr @quarantined goto refuse_quarantined_all",
                // Answers to what the gateway itself asked.
                "ct direction reply accept", "meta l4proto { icmp, igmp, ipv6-icmp } accept",
                // Announcements, which the agent reads.
                "udp dport { 137, 1900, 3702, 5353, 5355 } accept",
                // DNS is judged packet by packet, so that a flood of it on one connection is seen.
                "meta l4proto { tcp, udp } th dport != \(settings.dnsPort) jump established",
                "ether saddr vmap @gateways", "goto gateway_unknown",
            ]
        )
    }

    /// A packet of a connection that was judged in this epoch keeps the learned address that the connection uses.
    private func refreshRules() -> [ByteString] {
        var rules: [ByteString] = []
        for family in [IPAddress.Family.v4, .v6] {
            let key: ByteString = "ether saddr . \(RulesetText.family(family)) daddr"
            let service: ByteString = "\(key) . meta l4proto . th dport"
            rules.append(Ruleset.refresh(RulesetNames.names(family), service))
            for policy in policies {
                for (index, rule) in policy.allow.enumerated() where rule.needsWideSet {
                    rules.append(
                        Ruleset.refresh(RulesetNames.wideSet(policy: policy.name, number: index + 1, family), key)
                    )
                }
            }
        }
        return rules
    }

    private static func refresh(_ set: ByteString, _ key: ByteString) -> ByteString {
        "\(key) @\(set) update @\(set) { \(key)\(learnedTimeout) }"
    }

    /// What becomes of a packet that is refused.
    enum Response {
        /// TCP gets a reset, anything else "administratively prohibited", and the connection is marked as revoked.
        case reject
        /// A reset or "prohibited", but the connection it claims to belong to is left alone.
        case rejectPacket
        /// Silence, and the connection is marked as revoked.
        case drop
        /// Silence; the connection it claims to belong to is left alone.
        case dropPacket
        /// Nothing: monitor mode.
        case accept
    }

    /// Counts, logs and refuses. What a device should notice is rejected; floods and forgeries are dropped.
    mutating func addRefusal(
        _ reason: VerdictReason,
        policy: ByteString,
        response: Response,
        after first: [ByteString] = []
    ) {
        let prefix = ViolationPrefix(
            wasDropped: response != .accept,
            reason: reason,
            policy: Ruleset.sharedReasons.contains(reason) || reason.isFlood ? ViolationPrefix.noPolicy : policy
        )
        var body = first + countAndLog(prefix, counter: RulesetNames.counter(reason, policy), meters: "log")
        let revoke: ByteString = "ct mark set ct mark | \(RulesetText.mark(ConnectionMark.revoked))"
        let reject: [ByteString] = [
            "meta l4proto tcp reject with tcp reset", "reject with icmpx admin-prohibited",
        ]
        switch response {
        case .reject: body += [revoke] + reject
        case .rejectPacket: body += reject
        case .drop: body += [revoke, "drop"]
        case .dropPacket: body.append("drop")
        case .accept: body.append("goto accept_flow")
        }
        chain(RulesetNames.refusal(reason, policy), body)
    }

    /// Every packet is counted; so many of each device are logged. SYN packets have a measure of their own, and so have
    /// floods: what came before them has used up the others.
    func countAndLog(_ prefix: ViolationPrefix, counter: ByteString, meters: ByteString) -> [ByteString] {
        let log: ByteString = """
            log prefix \(quoted(prefix.byteString)) group \(settings.logGroup) snaplen \
            \(EnforcementLimits.snapLength)
            """
        if prefix.reason.isFlood {
            return [
                "counter name \(quoted(counter))",
                """
                update @log_flood { ether saddr limit rate \(EnforcementLimits.floodLogRate)/second burst \
                \(EnforcementLimits.floodLogBurst) packets } \(log)
                """,
            ]
        }
        func metered(_ match: ByteString, _ meter: ByteString, rate: Int, burst: Int) -> ByteString {
            """
            \(match) update @\(meters)\(meter) { ether saddr limit rate \(rate)/second burst \
            \(burst) packets } \(log)
            """
        }
        return [
            "counter name \(quoted(counter))",
            metered(
                "tcp flags syn / fin,syn,rst,ack",
                "_syn",
                rate: EnforcementLimits.synLogRate,
                burst: EnforcementLimits.synLogBurst
            ),
            metered(
                "tcp flags != syn / fin,syn,rst,ack",
                "_any",
                rate: EnforcementLimits.logRate,
                burst: EnforcementLimits.logBurst
            ),
            metered(
                "meta l4proto != tcp",
                "_any",
                rate: EnforcementLimits.logRate,
                burst: EnforcementLimits.logBurst
            ),
        ]
    }
}
