import NetworkTypes
import Policy

/// `table bridge gatehouse`: what passes between two devices of one bridge, and never meets the gateway's routing.
///
/// What a known device sends to an address of another is held to the prefix rules of the one that sends; the other may
/// answer, which for TCP means anything but a SYN. ARP, neighbour discovery and multicast pass, and so does what a device
/// sends by way of another (a router that shares the bridge). Without connection tracking, which kernels may lack for bridges, and without reject, for the same
/// reason: what is not allowed is dropped.
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
        for map in Ruleset.bridgeMaps {
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
        chain("bridge_neighbours", ["ether daddr vmap @bridge_answers", "ether saddr vmap @bridge_policies"])
        add("}")
    }

    /// Addresses bound to devices, in the bridge's table.
    static func bridgeBound(_ family: IPAddress.Family) -> ByteString {
        family == .v4 ? "bridge_bound4" : "bridge_bound6"
    }

    /// The maps of the bridge's table, and what their verdicts begin with.
    static let bridgeMaps: [(name: ByteString, verdict: ByteString)] = [
        (name: "bridge_policies", verdict: "goto bridge_policy_"),
        (name: "bridge_answers", verdict: "jump bridge_answers_"),
    ]

    /// `ac:cc:8e:01:02:03 : goto bridge_policy_cameras`
    static func bridgeElement(_ device: EnforcedDevice, _ verdict: ByteString) -> ByteString {
        "\(device.macAddress.byteString) : \(verdict)\(device.policy ?? "unknown")"
    }

    private mutating func addBridgeChains(of policy: Allowlist) {
        var asked: [ByteString] = []
        var answers: [ByteString] = []
        for (index, rule) in policy.allow.enumerated() {
            guard case .prefix(let prefix) = rule.to else { continue }
            let comment: ByteString = " accept comment \(quoted("\(policy.name)/\(index + 1)"))"
            let to = bridgeMatch(prefix, "daddr")
            let from = bridgeMatch(prefix, "saddr")
            for match in serviceMatches(rule.ports, family: prefix.address.family) {
                asked.append("\(to) \(match)\(comment)")
            }
            for match in answerMatches(rule.ports, family: prefix.address.family) {
                answers.append("\(from) \(match)\(comment)")
            }
        }
        let isMonitored = policy.mode == .monitor
        let prefix = ViolationPrefix(wasDropped: !isMonitored, reason: .neighbour, policy: policy.name)
        asked += countAndLog(prefix, counter: RulesetNames.bridgeCounter(policy.name), meters: "bridge_log")
        asked.append(isMonitored ? "accept" : "drop")
        chain(RulesetNames.bridgeChain(policy.name), asked)
        chain(RulesetNames.bridgeAnswers(policy.name), answers)
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
        for map in Ruleset.bridgeMaps {
            if let old { command("delete", map.name, Ruleset.bridgeElement(old, map.verdict)) }
            if let new { command("add", map.name, Ruleset.bridgeElement(new, map.verdict)) }
        }
        return commands
    }
}
