public import NetworkTypes
public import Policy

/// Renders table `inet gatehouse` for a policy and the devices it holds (DESIGN §7).
///
/// ```
/// prerouting (nat)   DNS of devices → the agent
/// forward            judged in this epoch and tick → accept
///                    from a device → from_device → policy_NAME → accept_flow | refuse_REASON_NAME
///                    to a device   → to_device → accept | refuse_inbound_all
/// input              from a break-glass address → accept
///                    from a device → to_gateway → gateway_NAME → accept_flow | refuse_REASON_NAME
/// output             the gateway itself: what it needs → accept; blocked prefixes
/// ```
public struct Ruleset {
    /// What the configuration says.
    public let settings: EnforcementSettings
    /// The policy.
    public let bundle: PolicyBundle
    /// Devices by address.
    public let devices: HashTable<MACAddress, EnforcedDevice>
    /// The epoch that connections must carry.
    public let epoch: UInt32
    /// The tick that connections carry, modulo 4.
    public let tick: UInt32
    /// What the gateway itself must reach: collector, resolvers, time servers.
    public let protected: [IPPrefix]

    var lines: [ByteString] = []

    /// A ruleset to be rendered.
    public init(
        settings: EnforcementSettings,
        bundle: PolicyBundle,
        devices: HashTable<MACAddress, EnforcedDevice>,
        epoch: UInt32,
        tick: UInt32 = 0,
        protected: [IPPrefix] = []
    ) {
        self.protected = protected
        self.settings = settings
        self.bundle = bundle
        self.devices = devices
        self.epoch = epoch
        self.tick = tick
    }

    /// Begins the table's comment; the policy's generation follows.
    static let generationComment: ByteString = "policy generation "

    /// All allowlists, the baseline's last.
    var policies: [Allowlist] { bundle.allowlists + [bundle.baseline.unknown] }

    /// The table's declaration, in the style in which nft lists it. Learned addresses and quarantine are not in it:
    /// they come and go by commands, and are no part of the proof.
    public static func render(
        settings: EnforcementSettings,
        bundle: PolicyBundle,
        devices: HashTable<MACAddress, EnforcedDevice>,
        epoch: UInt32,
        tick: UInt32 = 0,
        protected: [IPPrefix] = []
    ) -> ByteString {
        var ruleset = Ruleset(
            settings: settings,
            bundle: bundle,
            devices: devices,
            epoch: epoch,
            tick: tick,
            protected: protected
        )
        ruleset.add("table inet gatehouse {")
        ruleset.add("\tcomment \"\(Ruleset.generationComment)\(bundle.generation)\"")
        ruleset.addCounters()
        ruleset.addSets()
        ruleset.addBaseChains()
        ruleset.addSharedChains()
        for policy in ruleset.policies { ruleset.addChains(of: policy) }
        ruleset.add("}")
        if settings.holdsNeighbours { ruleset.addBridgeTable() }
        var text = ByteString()
        for line in ruleset.lines {
            text.append(line)
            text.append(byte: 0x0A)
        }
        return text
    }

    mutating func add(_ line: ByteString) { lines.append(line) }

    /// A chain with a body.
    mutating func chain(_ name: ByteString, _ body: [ByteString]) {
        add("\tchain \(name) {")
        for line in body { add("\t\t\(line)") }
        add("\t}")
    }

    /// A set or map with its declaration and elements.
    mutating func set(_ keyword: ByteString, _ name: ByteString, _ body: [ByteString], elements: [ByteString] = []) {
        add("\t\(keyword) \(name) {")
        for line in body { add("\t\t\(line)") }
        if !elements.isEmpty { add("\t\telements = \(RulesetText.braces(elements))") }
        add("\t}")
    }

    /// The reasons each policy has a counter and a refusal for; that of server names only where they are cut.
    static let reasonsOfPolicies: [VerdictReason] = [
        .notAllowed, .withdrawn, .spoofed, .noConnection, .encryptedDNS, .connectionRate, .connectionCount, .packetRate,
        .byteRate, .serverName,
    ]
    /// The reasons that come before any policy.
    static let sharedReasons: [VerdictReason] = [.blocked, .quarantined, .inbound]

    private mutating func addCounters() {
        for reason in Ruleset.sharedReasons {
            add("\tcounter \(RulesetNames.counter(reason, "all")) {")
            add("\t}")
        }
        add("\tcounter \(RulesetNames.counter(.inbound, "watched")) {")
        add("\t}")
        addFloodCounters()
        for policy in policies {
            for reason in Ruleset.reasonsOfPolicies where reason != .serverName || policy.cutsServerNames {
                add("\tcounter \(RulesetNames.counter(reason, policy.name)) {")
                add("\t}")
            }
        }
    }

    private mutating func addSets() {
        set("set", "interfaces", ["type ifname"], elements: settings.deviceInterfaces.map { quoted($0) })
        let held = Array(devices.values).ordered { $0.macAddress < $1.macAddress }
        set(
            "map",
            "policies",
            ["type ether_addr : verdict"],
            elements: held.map { Ruleset.policyElement($0, "policy_") }
        )
        set(
            "map",
            "gateways",
            ["type ether_addr : verdict"],
            elements: held.map { Ruleset.policyElement($0, "gateway_") }
        )
        if isMetered {
            set(
                "map",
                "metered",
                ["type ether_addr : verdict"],
                elements: held.compactMap { Ruleset.meterElement($0, bundle) }
            )
        }
        if failsOpen {
            set("set", "dns_open", ["type ether_addr"], elements: held.compactMap { Ruleset.openElement($0, bundle) })
            set("set", "dns_alive", ["type inet_service", "flags timeout"])
        }
        if hasNotice {
            set("set", "notified", ["type ether_addr"], elements: held.compactMap { Ruleset.noticeElement($0, bundle) })
        }
        for family in [IPAddress.Family.v4, .v6] {
            let address: ByteString = family == .v4 ? "ipv4_addr" : "ipv6_addr"
            set(
                "set",
                RulesetNames.bound(family),
                ["type ether_addr . \(address)"],
                elements: held.flatMap { Ruleset.boundElements($0, family) }
            )
            set(
                "set",
                RulesetNames.names(family),
                [
                    "type ether_addr . \(address) . inet_proto . inet_service", "size 65535",
                    "flags dynamic,timeout",
                ]
            )
            set(
                "set",
                RulesetNames.cut(family),
                [
                    "type ether_addr . \(address) . inet_proto . inet_service . inet_service",
                    "size \(2 * EnforcementLimits.cuts)", "flags dynamic,timeout",
                ]
            )
            set(
                "set",
                RulesetNames.watched(family),
                ["type \(address)"],
                elements: HashSet(held.flatMap { Ruleset.watchedElements($0, family, bundle) }).elements.ordered()
            )
            addPrefixes(RulesetNames.blocked(family), bundle.baseline.blockedPrefixes, family)
            if !protected.isEmpty { addPrefixes(RulesetNames.protected(family), protected, family) }
            if !settings.breakGlass.isEmpty {
                addPrefixes(RulesetNames.breakGlass(family), settings.breakGlass, family)
            }
        }
        set("set", "quarantined", ["type ether_addr", "size 4096", "flags timeout"])
        for meter in ["log_any", "log_syn"] as [ByteString] {
            set("set", meter, ["type ether_addr", "size 4096", "flags dynamic,timeout", "timeout 1m"])
        }
        addFloodSets()
        for policy in policies { addSets(of: policy) }
    }

    private mutating func addPrefixes(_ name: ByteString, _ prefixes: [IPPrefix], _ family: IPAddress.Family) {
        let address: ByteString = family == .v4 ? "ipv4_addr" : "ipv6_addr"
        set(
            "set",
            name,
            ["type \(address)", "flags interval"],
            elements: Ruleset.outermost(prefixes, family).map { $0.byteString }
        )
    }

    private mutating func addSets(of policy: Allowlist) {
        let timed: [ByteString] = ["type ether_addr", "size 4096", "flags dynamic,timeout", "timeout 1m"]
        if policy.limits.newConnectionsPerSecond > 0 { set("set", RulesetNames.meter("new", policy.name), timed) }
        if policy.limits.packetsPerSecond > 0 { set("set", RulesetNames.meter("packets", policy.name), timed) }
        if policy.limits.bytesPerSecond > 0 { set("set", RulesetNames.meter("bytes", policy.name), timed) }
        if policy.limits.concurrentConnections > 0 {
            set(
                "set",
                RulesetNames.meter("open", policy.name),
                ["type ether_addr", "size 4096", "flags dynamic"]
            )
        }
        for (index, rule) in policy.allow.enumerated() where rule.needsWideSet {
            for family in [IPAddress.Family.v4, .v6] {
                let type: ByteString =
                    family == .v4 ? "type ether_addr . ipv4_addr" : "type ether_addr . ipv6_addr"
                set(
                    "set",
                    RulesetNames.wideSet(policy: policy.name, number: index + 1, family),
                    [type, "size 65535", "flags dynamic,timeout"]
                )
            }
        }
    }

    /// `ac:cc:8e:01:02:03 : goto policy_cameras`
    static func policyElement(_ device: EnforcedDevice, _ prefix: ByteString) -> ByteString {
        "\(device.macAddress.byteString) : goto \(prefix)\(device.policy ?? "unknown")"
    }

    /// `ac:cc:8e:01:02:03 . 192.0.2.7`
    static func boundElements(_ device: EnforcedDevice, _ family: IPAddress.Family) -> [ByteString] {
        device.addresses.filter { $0.family == family }.ordered().map {
            "\(device.macAddress.byteString) . \($0.byteString)"
        }
    }

    /// The addresses a device has while its policy is in monitor mode.
    static func watchedElements(
        _ device: EnforcedDevice,
        _ family: IPAddress.Family,
        _ bundle: PolicyBundle
    ) -> [ByteString] {
        guard bundle.holder(of: device.policy).mode == .monitor else { return [] }
        return device.addresses.filter { $0.family == family }.map { $0.byteString }
    }

    /// `ac:cc:8e:01:02:03 : jump meter_cameras`, where the device's policy limits packets or bytes.
    static func meterElement(_ device: EnforcedDevice, _ bundle: PolicyBundle) -> ByteString? {
        let policy = bundle.holder(of: device.policy)
        guard policy.limits.meterEachPacket else { return nil }
        return "\(device.macAddress.byteString) : jump \(RulesetNames.meterChain(policy.name))"
    }

    /// `ac:cc:8e:01:02:03`, where the device's policy has a page say why a name was refused.
    static func noticeElement(_ device: EnforcedDevice, _ bundle: PolicyBundle) -> ByteString? {
        bundle.holder(of: device.policy).showsNotice ? device.macAddress.byteString : nil
    }

    /// `ac:cc:8e:01:02:03`, where the device's policy lets it ask resolvers itself while the agent is dead.
    static func openElement(_ device: EnforcedDevice, _ bundle: PolicyBundle) -> ByteString? {
        bundle.holder(of: device.policy).dns.failsOpen ? device.macAddress.byteString : nil
    }

    /// Whether any policy does, and there is a resolver to ask.
    var failsOpen: Bool { !settings.resolvers.isEmpty && policies.contains { $0.dns.failsOpen } }

    /// Whether any policy shows that page.
    var hasNotice: Bool { policies.contains { $0.showsNotice } }

    /// Whether any policy limits packets or bytes; only then does each packet cost a look-up.
    var isMetered: Bool { policies.contains { $0.limits.meterEachPacket } }

    /// Without prefixes that lie in others: the kernel refuses a set whose intervals overlap.
    static func outermost(_ prefixes: [IPPrefix], _ family: IPAddress.Family) -> [IPPrefix] {
        var result: [IPPrefix] = []
        let sorted = prefixes.filter { $0.address.family == family }.ordered {
            $0.address == $1.address ? $0.length < $1.length : $0.address < $1.address
        }
        for prefix in sorted {
            if let last = result.last, last.overlaps(prefix) { continue }
            result.append(prefix)
        }
        return result
    }

    func quoted(_ text: ByteString) -> ByteString { "\"\(text)\"" }
}

extension PolicyBundle {
    /// The allowlist of a name; the baseline's where there is none.
    func holder(of name: ByteString?) -> Allowlist {
        guard let name else { return baseline.unknown }
        return allowlists.first { $0.name == name } ?? baseline.unknown
    }
}
