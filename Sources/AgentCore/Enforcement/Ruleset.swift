public import NetworkTypes
public import Policy

/// Renders table `inet gatehouse` for a policy and the devices it holds (DESIGN §7).
///
/// ```
/// prerouting (nat)   DNS of devices → the agent
/// forward            from a device → from_device → policy_NAME → accept_flow | refuse_REASON_NAME
///                    to a device   → to_device
/// input              from a device → to_gateway → gateway_NAME → …
/// output             the gateway itself: blocked prefixes
/// ```
public struct Ruleset {
    /// What the configuration says.
    public let settings: EnforcementSettings
    /// The policy.
    public let bundle: PolicyBundle
    /// Devices by address.
    public let devices: [MACAddress: EnforcedDevice]
    /// The epoch that connections must carry.
    public let epoch: UInt32

    var lines: [ByteString] = []

    /// A ruleset to be rendered.
    public init(
        settings: EnforcementSettings,
        bundle: PolicyBundle,
        devices: [MACAddress: EnforcedDevice],
        epoch: UInt32
    ) {
        self.settings = settings
        self.bundle = bundle
        self.devices = devices
        self.epoch = epoch
    }

    /// All allowlists, the baseline's last.
    var policies: [Allowlist] { bundle.allowlists + [bundle.baseline.unknown] }

    /// The table's declaration, in the style in which nft lists it. Learned addresses and quarantine are not in it:
    /// they come and go by commands, and are no part of the proof.
    public static func render(
        settings: EnforcementSettings,
        bundle: PolicyBundle,
        devices: [MACAddress: EnforcedDevice],
        epoch: UInt32
    ) -> ByteString {
        var ruleset = Ruleset(settings: settings, bundle: bundle, devices: devices, epoch: epoch)
        ruleset.add("table inet gatehouse {")
        ruleset.addCounters()
        ruleset.addSets()
        ruleset.addBaseChains()
        ruleset.addSharedChains()
        for policy in ruleset.policies { ruleset.addChains(of: policy) }
        ruleset.add("}")
        var text = ByteString()
        for line in ruleset.lines {
            text.append(line)
            text.append(byte: 0x0A)
        }
        return text
    }

    mutating func add(_ parts: ByteString...) {
        var line = ByteString()
        for part in parts { line.append(part) }
        lines.append(line)
    }

    /// A chain with a body.
    mutating func chain(_ name: ByteString, _ body: [ByteString]) {
        add("\tchain ", name, " {")
        for line in body { add("\t\t", line) }
        add("\t}")
    }

    /// A set or map with its declaration and elements.
    mutating func set(_ keyword: ByteString, _ name: ByteString, _ body: [ByteString], elements: [ByteString] = []) {
        add("\t", keyword, " ", name, " {")
        for line in body { add("\t\t", line) }
        if !elements.isEmpty { add("\t\telements = ", RulesetText.braces(elements)) }
        add("\t}")
    }

    /// The reasons each policy has a counter and a refusal for.
    static let reasonsOfPolicies: [VerdictReason] = [
        .notAllowed, .withdrawn, .encryptedDNS, .connectionRate, .connectionCount, .packetRate,
    ]
    /// The reasons that come before any policy.
    static let sharedReasons: [VerdictReason] = [.spoofed, .blocked, .quarantined, .noConnection, .inbound]

    private mutating func addCounters() {
        for reason in Ruleset.sharedReasons {
            add("\tcounter ", RulesetNames.counter(reason, "all"), " {")
            add("\t}")
        }
        for policy in policies {
            for reason in Ruleset.reasonsOfPolicies {
                add("\tcounter ", RulesetNames.counter(reason, policy.name), " {")
                add("\t}")
            }
        }
    }

    private mutating func addSets() {
        set("set", "interfaces", ["type ifname"], elements: settings.deviceInterfaces.map { quoted($0) })
        let held = devices.values.sorted { $0.macAddress < $1.macAddress }
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
        for family in [IPAddress.Family.v4, .v6] {
            let address: ByteString = family == .v4 ? "ipv4_addr" : "ipv6_addr"
            set(
                "set",
                RulesetNames.bound(family),
                [RulesetText.join("type ether_addr . ", address)],
                elements: held.flatMap { Ruleset.boundElements($0, family) }
            )
            set(
                "set",
                RulesetNames.names(family),
                [
                    RulesetText.join("type ether_addr . ", address, " . inet_proto . inet_service"), "size 65535",
                    "flags dynamic,timeout",
                ]
            )
            let blocked = bundle.baseline.blockedPrefixes.filter { $0.address.family == family }
            set(
                "set",
                RulesetNames.blocked(family),
                [RulesetText.join("type ", address), "flags interval", "auto-merge"],
                elements: blocked.map { $0.byteString }
            )
        }
        set("set", "quarantined", ["type ether_addr", "size 4096", "flags timeout"])
        for meter in ["log_any", "log_syn"] as [ByteString] {
            set("set", meter, ["type ether_addr", "size 4096", "flags dynamic,timeout", "timeout 1m"])
        }
        for policy in policies { addSets(of: policy) }
    }

    private mutating func addSets(of policy: Allowlist) {
        let timed: [ByteString] = ["type ether_addr", "size 4096", "flags dynamic,timeout", "timeout 1m"]
        if policy.limits.newConnectionsPerSecond > 0 { set("set", RulesetNames.meter("new", policy.name), timed) }
        if policy.limits.packetsPerSecond > 0 { set("set", RulesetNames.meter("packets", policy.name), timed) }
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
        RulesetText.join(device.macAddress.byteString, " : goto ", prefix, device.policy ?? "unknown")
    }

    /// `ac:cc:8e:01:02:03 . 192.0.2.7`
    static func boundElements(_ device: EnforcedDevice, _ family: IPAddress.Family) -> [ByteString] {
        device.addresses.filter { $0.family == family }.sorted().map {
            RulesetText.join(device.macAddress.byteString, " . ", $0.byteString)
        }
    }

    func quoted(_ text: ByteString) -> ByteString { RulesetText.join("\"", text, "\"") }
}
