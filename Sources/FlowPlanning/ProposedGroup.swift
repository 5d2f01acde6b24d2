import NetworkTypes
public import Policy

/// One proposed allowlist with the reasons for its rules.
public struct ProposedGroup: Sendable {
    /// The allowlist.
    public internal(set) var allowlist: Allowlist
    /// For each rule, how often it was needed.
    public internal(set) var reasons: [String] = []
    /// What was seen and is not allowed, with the reason.
    public internal(set) var leftOut: [String] = []
    /// Keys of its devices.
    public internal(set) var devices: [String] = []
}

/// Collects the flows of devices that one allowlist is to hold.
struct GroupBuilder {
    var match: DeviceMatch
    var name: ByteString
    private var devices: Set<ByteString> = []
    private var targets: [Target: [Service: Seen]] = [:]
    private var refused: [String: Seen] = [:]

    init(match: DeviceMatch, name: ByteString) {
        self.match = match
        self.name = name
    }

    mutating func add(_ flow: RecordedFlow) {
        devices.insert(flow.device.key)
        if !match.keys.isEmpty, !match.keys.contains(flow.device.key) { match.keys.append(flow.device.key) }
        if let reason = flow.reasonNotToAllow {
            refused["\(flow.destination) \(flow.service): \(reason)", default: Seen()].add(flow)
            return
        }
        for target in flow.targets { targets[target, default: [:]][Service(flow), default: Seen()].add(flow) }
    }

    func built(_ settings: ProposalSettings) -> ProposedGroup {
        var group = ProposedGroup(allowlist: Allowlist(name: name))
        group.allowlist.match = match
        group.allowlist.match.keys.sort()
        group.allowlist.mode = settings.mode
        group.devices = devices.sorted().map(\.text)
        var often: [Target: [Service: Seen]] = [:]
        for (target, services) in targets {
            for (service, seen) in services {
                if seen.spanMilliseconds >= settings.leastSpanMilliseconds {
                    often[target, default: [:]][service] = seen
                } else {
                    group.leftOut.append("\(target.text) \(service.text): seen too short: \(ProposalText.seen(seen))")
                }
            }
        }
        group.leftOut += refused.map { "\($0.key): \(ProposalText.seen($0.value))" }
        group.leftOut.sort()
        for (pattern, names) in GroupBuilder.wildcards(often, settings) {
            let services = often[.name(names[0])] ?? [:]
            var all = Seen()
            for name in names {
                for seen in (often.removeValue(forKey: .name(name)) ?? [:]).values { all.add(seen) }
            }
            let listed = names.prefix(8).map(\.description).joined(separator: ", ")
            let rest = names.count > 8 ? " and \(names.count - 8) more" : ""
            group.add(
                to: .name(pattern),
                services: Array(services.keys),
                "\(names.count) names seen: \(listed)\(rest). Also allows all others below \(pattern.name). "
                    + ProposalText.seen(all)
            )
        }
        for (target, services) in often.sorted(by: { Target.isBefore($0.key, $1.key) }) {
            var all = Seen()
            for seen in services.values { all.add(seen) }
            group.add(to: target.destination, services: Array(services.keys), target.remark + ProposalText.seen(all))
        }
        return group
    }

    /// Names that differ in their first label alone and have the same services, where there are enough of them and what is
    /// above them is nobody else's.
    private static func wildcards(
        _ targets: [Target: [Service: Seen]],
        _ settings: ProposalSettings
    ) -> [(pattern: NamePattern, names: [DomainName])] {
        guard let suffixes = settings.suffixes, settings.wildcardNames > 1 else { return [] }
        struct Siblings: Hashable {
            var parent: DomainName
            var services: Set<Service>
        }
        var found: [Siblings: [DomainName]] = [:]
        for (target, services) in targets {
            guard case .name(let name) = target, let dot = name.byteString.bytes.firstIndex(of: 0x2E),
                let parent = DomainName(ByteString(Array(name.byteString.bytes[(dot + 1)...]))),
                let registrable = suffixes.registrable(name), parent.isEqualToOrBelow(registrable)
            else { continue }
            found[Siblings(parent: parent, services: Set(services.keys)), default: []].append(name)
        }
        return found.filter { $0.value.count >= settings.wildcardNames }
            .map { siblings, names in
                (NamePattern(name: siblings.parent, isWildcard: true), names.sorted { $0.byteString < $1.byteString })
            }
            .sorted { ($0.0.byteString, $0.1.count) < ($1.0.byteString, $1.1.count) }
    }
}

extension ProposedGroup {
    /// One rule, or several where it has more ports than a rule may.
    fileprivate mutating func add(to destination: AllowRule.Destination, services: [Service], _ reason: String) {
        var ranges: [PortRange] = []
        for service in services.sorted(by: Service.isBefore) {
            if service.transport == .icmp {
                ranges.append(PortRange(transport: .icmp, first: 0, last: UInt16.max))
            } else if let last = ranges.last, last.transport == service.transport, last.last &+ 1 == service.port {
                ranges[ranges.count - 1].last = service.port
            } else {
                ranges.append(PortRange(transport: service.transport, first: service.port, last: service.port))
            }
        }
        var start = 0
        while start < ranges.count {
            let end = min(start + PolicyLimits.portRangesPerRule, ranges.count)
            allowlist.allow.append(AllowRule(to: destination, ports: Array(ranges[start..<end])))
            reasons.append(reason)
            start = end
        }
    }
}

extension Target {
    fileprivate var destination: AllowRule.Destination {
        switch self {
        case .gateway: return .gateway
        case .name(let name): return .name(NamePattern(name: name, isWildcard: false))
        case .address(let address): return .prefix(IPPrefix(host: address))
        }
    }

    fileprivate var remark: String {
        if case .address = self { return "No name is known for this address. " }
        return ""
    }
}
