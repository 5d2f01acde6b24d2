import NetworkTypes
import Policy

/// `table bridge gatehouse`: what passes between two devices of one bridge, and never meets the gateway's routing.
///
/// What a known device sends to an address of another is held to the prefix rules of the one that sends; the other may
/// answer. ARP, neighbour discovery and multicast pass, and so does what a device sends by way of another (a router that
/// shares the bridge). Without reject, which kernels may lack for bridges: what is not allowed is dropped.
///
/// ```
/// bridge_forward → bridge_neighbours
///   tracked        an answer, revoked → drop
///                  from the sender's own address → bridge_tracked: judged in this epoch → accept
///                                                  an answer, judged before → TCP accept, else drop
///                  an answer by way of a router, of a connection never judged → accept
///                  sender's policy → bridge_policy_NAME → bridge_accept_flow | bridge_refuse_NAME
///   not tracked    anything but a SYN from what the receiver may ask → accept (bridge_answers_NAME)
///                  sender's policy → bridge_policy_NAME → accept | drop
/// ```
///
/// Connections are tracked where the kernel does that for bridges (nf_conntrack_bridge), and carry the same epochs as
/// those through the gateway (`ConnectionMark`): a permission that is withdrawn ends them at their next packet.
extension Ruleset {
    mutating func addBridgeTable() {
        add("table bridge gatehouse {")
        add("\tcomment \"\(Ruleset.generationComment)\(bundle.generation)\"")
        for policy in policies {
            add("\tcounter \(RulesetNames.bridgeCounter(policy.name)) {")
            add("\t}")
        }
        add("\tcounter bridge_count_quarantined {")
        add("\t}")
        let held = Array(devices.values).ordered { $0.macAddress < $1.macAddress }
        set("set", "bridge_devices", ["type ether_addr"], elements: held.map { $0.macAddress.byteString })
        for family in [IPAddress.Family.v4, .v6] {
            set(
                "set",
                Ruleset.bridgeBound(family),
                [family == .v4 ? "type ether_addr . ipv4_addr" : "type ether_addr . ipv6_addr"],
                elements: held.flatMap { Ruleset.boundElements($0, family) }
            )
        }
        set("set", "bridge_quarantined", ["type ether_addr", "size 4096", "flags timeout"])
        for meter in ["bridge_log_any", "bridge_log_syn"] as [ByteString] {
            set("set", meter, ["type ether_addr", "size 4096", "flags dynamic,timeout", "timeout 1m"])
        }
        for map in Ruleset.bridgeMaps(settings) {
            set(
                "map",
                map.name,
                ["type ether_addr : verdict"],
                elements: held.map { Ruleset.bridgeElement($0, map.verdict) }
            )
        }
        for policy in policies { addBridgeChains(of: policy) }
        let quarantined = ViolationPrefix(wasDropped: true, reason: .quarantined)
        chain(
            "bridge_refuse_quarantined",
            countAndLog(quarantined, counter: "bridge_count_quarantined", meters: "bridge_log") + ["drop"]
        )
        chain(
            "bridge_forward",
            [
                "type filter hook forward priority filter - 5; policy accept;", "ether type arp accept",
                "ether saddr @bridge_quarantined goto bridge_refuse_quarantined",
                "ether daddr @bridge_quarantined goto bridge_refuse_quarantined",
                "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
                "ether saddr != @bridge_devices accept",
                "ether daddr . ip daddr @bridge_bound4 goto bridge_neighbours",
                "ether daddr . ip6 daddr @bridge_bound6 goto bridge_neighbours",
            ]
        )
        if settings.tracksNeighbours {
            addTracking()
        } else {
            chain("bridge_neighbours", ["ether daddr vmap @bridge_answers", "ether saddr vmap @bridge_policies"])
        }
        add("}")
    }

    /// The chains that judge by connection.
    private mutating func addTracking() {
        for epochChain in Ruleset.bridgeEpochChains(epoch) { chain(epochChain.name, epochChain.rules) }
        let own = { (verdict: ByteString) -> [ByteString] in
            ["ether saddr . ip saddr @bridge_bound4 \(verdict)", "ether saddr . ip6 saddr @bridge_bound6 \(verdict)"]
        }
        let revoked = RulesetText.mark(ConnectionMark.revoked)
        let answer: ByteString = "ct direction reply ct mark & \(RulesetText.mark(ConnectionMark.epochMask)) =="
        chain(
            "bridge_neighbours",
            // What is asked may be allowed again; its answers are not until it was.
            ["\(answer) \(revoked) drop"] + own("goto bridge_tracked") + [
                // Of a router between: what it passes on has addresses that are not its own, on connections that were never
                // judged here. Those that were have nobody else's answers.
                "\(answer) \(RulesetText.mark(0)) accept", "ether saddr vmap @bridge_policies",
            ]
        )
        chain(
            "bridge_tracked",
            [
                "jump bridge_established",
                // As in `to_device`: who asked acknowledges it, and that is judged. What is not TCP waits until then.
                "ct state established,related ct direction reply meta l4proto tcp accept",
                "ct state established,related ct direction reply drop", "ether saddr vmap @bridge_policies",
            ]
        )
        // A forged packet must not cut the connection of another device.
        chain("bridge_revoke", own("ct mark set ct mark | \(revoked)"))
    }

    /// The chains of the bridge's table that name the epoch, and nothing else.
    static func bridgeEpochChains(_ epoch: UInt32) -> [RulesetChain] {
        [
            RulesetChain(
                "bridge_established",
                [epochMatch(ConnectionMark.epochMask, ConnectionMark.bits(epoch: epoch), "accept")]
            ),
            RulesetChain("bridge_accept_flow", [epochMark(ConnectionMark.bits(epoch: epoch)), "accept"]),
        ]
    }

    /// Addresses bound to devices, in the bridge's table.
    static func bridgeBound(_ family: IPAddress.Family) -> ByteString {
        family == .v4 ? "bridge_bound4" : "bridge_bound6"
    }

    /// The maps of the bridge's table, and what their verdicts begin with.
    static func bridgeMaps(_ settings: EnforcementSettings) -> [(name: ByteString, verdict: ByteString)] {
        let policies: (name: ByteString, verdict: ByteString) = ("bridge_policies", "goto bridge_policy_")
        return settings.tracksNeighbours ? [policies] : [policies, ("bridge_answers", "jump bridge_answers_")]
    }

    /// `ac:cc:8e:01:02:03 : goto bridge_policy_cameras`
    static func bridgeElement(_ device: EnforcedDevice, _ verdict: ByteString) -> ByteString {
        "\(device.macAddress.byteString) : \(verdict)\(device.policy ?? "unknown")"
    }

    private mutating func addBridgeChains(of policy: Allowlist) {
        let isTracked = settings.tracksNeighbours
        let refusal = RulesetNames.bridgeRefusal(policy.name)
        var asked: [ByteString] = []
        var answers: [ByteString] = []
        if isTracked {
            asked = ["ct state invalid goto \(refusal)"]
            // tcp_loose would make an entry of any packet: what was never judged must begin with a SYN.
            asked.append("ct state new tcp flags != syn / fin,syn,rst,ack goto \(refusal)")
        }
        for (index, rule) in policy.allow.enumerated() {
            guard case .prefix(let prefix) = rule.to else { continue }
            let comment: ByteString = "comment \(quoted("\(policy.name)/\(index + 1)"))"
            let to = bridgeMatch(prefix, "daddr")
            let verdict: ByteString = isTracked ? "goto bridge_accept_flow" : "accept"
            for match in serviceMatches(rule.ports, family: prefix.address.family) {
                asked.append("\(to) \(match) \(verdict) \(comment)")
            }
            guard !isTracked else { continue }
            let from = bridgeMatch(prefix, "saddr")
            for match in answerMatches(rule.ports, family: prefix.address.family) {
                answers.append("\(from) \(match) accept \(comment)")
            }
        }
        let isMonitored = policy.mode == .monitor
        let prefix = ViolationPrefix(wasDropped: !isMonitored, reason: .neighbour, policy: policy.name)
        var refused = countAndLog(prefix, counter: RulesetNames.bridgeCounter(policy.name), meters: "bridge_log")
        if isTracked {
            refused += isMonitored ? ["goto bridge_accept_flow"] : ["jump bridge_revoke", "drop"]
            chain(refusal, refused)
            chain(RulesetNames.bridgeChain(policy.name), asked + ["goto \(refusal)"])
        } else {
            chain(RulesetNames.bridgeChain(policy.name), asked + refused + [isMonitored ? "accept" : "drop"])
            chain(RulesetNames.bridgeAnswers(policy.name), answers)
        }
    }

    private func bridgeMatch(_ prefix: IPPrefix, _ field: ByteString) -> ByteString {
        let family = RulesetText.family(prefix.address.family)
        if prefix.length == 0 { return "\(family) version \(prefix.address.family == .v4 ? "4" : "6")" }
        return "\(family) \(field) \(prefix.byteString)"
    }

    /// The matches of a rule turned round: its ports are where answers come from, and no answer begins a connection.
    private func answerMatches(_ ports: [PortRange], family: IPAddress.Family) -> [ByteString] {
        let noBeginning: ByteString = "tcp flags != syn / fin,syn,rst,ack"
        if ports.isEmpty {
            return [noBeginning, family == .v4 ? "meta l4proto { icmp, udp }" : "meta l4proto { udp, ipv6-icmp }"]
        }
        var matches: [ByteString] = []
        for transport in [TransportProtocol.tcp, .udp] {
            let ranges = ports.filter { $0.transport == transport }
            guard !ranges.isEmpty else { continue }
            let text = RulesetText.ports(ranges.map { RulesetText.PortRangeText(first: $0.first, last: $0.last) })
            let match: ByteString = "\(transport.byteString) sport \(text)"
            matches.append(transport == .tcp ? "\(match) \(noBeginning)" : match)
        }
        if ports.contains(where: { $0.transport == .icmp }) {
            matches.append(family == .v4 ? "meta l4proto icmp" : "meta l4proto ipv6-icmp")
        }
        return matches
    }
}

extension Enforcement {
    /// The bridge's elements that a device gains and loses.
    func bridgeCommands(from old: EnforcedDevice?, to new: EnforcedDevice?) -> ByteString {
        guard settings.holdsNeighbours else { return "" }
        var commands = ByteString()
        func command(_ verb: ByteString, _ set: ByteString, _ element: ByteString) {
            commands.append("\(verb) element bridge gatehouse \(set)")
            commands.append(" { \(element) }\n")
        }
        if let device = old ?? new, (old == nil) != (new == nil) {
            command(old == nil ? "add" : "delete", "bridge_devices", device.macAddress.byteString)
        }
        for family in [IPAddress.Family.v4, .v6] {
            let before = HashSet(old.map { Ruleset.boundElements($0, family) } ?? [])
            let after = HashSet(new.map { Ruleset.boundElements($0, family) } ?? [])
            for element in before.subtracting(after).elements.ordered() {
                command("delete", Ruleset.bridgeBound(family), element)
            }
            for element in after.subtracting(before).elements.ordered() {
                command("add", Ruleset.bridgeBound(family), element)
            }
        }
        guard old == nil || new == nil || old?.policy != new?.policy else { return commands }
        for map in Ruleset.bridgeMaps(settings) {
            if let old { command("delete", map.name, Ruleset.bridgeElement(old, map.verdict)) }
            if let new { command("add", map.name, Ruleset.bridgeElement(new, map.verdict)) }
        }
        return commands
    }
}
