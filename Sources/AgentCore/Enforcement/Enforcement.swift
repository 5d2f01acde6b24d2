public import NetworkTypes
public import Policy

/// What the kernel is asked to hold, and the commands that bring it there.
///
/// A policy is one transaction that replaces the whole table; devices, learned names and quarantine come and go by small
/// commands. Every command is also reflected in `desired`, so at any time the kernel can be read back and compared.
public struct Enforcement: Sendable {
    /// What the configuration says.
    public let settings: EnforcementSettings
    /// The policy in force; nil where none is, and then the table is absent.
    public internal(set) var bundle: PolicyBundle?
    /// The epoch that connections must carry.
    public internal(set) var epoch: UInt32
    /// Devices by address.
    public internal(set) var devices: [MACAddress: EnforcedDevice] = [:]
    /// Devices in quarantine, and until when (monotonic milliseconds).
    public internal(set) var quarantined: [MACAddress: UInt64] = [:]
    var learned: [LearnedAddress: LearnedName] = [:]
    var learnedCounts: [MACAddress: Int] = [:]
    var epochTurnedMilliseconds: UInt64 = 0
    /// Devices, addresses and names that found no room.
    public internal(set) var turnedAwayCount: UInt64 = 0

    /// Nothing in force. `epoch` is the one found in the kernel, if any: it must not be used again at once.
    public init(settings: EnforcementSettings, lastEpoch: UInt32 = 0) {
        self.settings = settings
        epoch = ConnectionMark.epoch(after: lastEpoch)
    }

    /// Why an address was learned, and until when it stays.
    public struct LearnedName: Hashable, Sendable {
        /// The name that was asked.
        public var name: DomainName
        /// Monotonic milliseconds.
        public var expiresMilliseconds: UInt64
    }

    /// The table as it is asked for; empty where no policy is in force.
    public var desired: ByteString {
        guard let bundle else { return "" }
        return Ruleset.render(settings: settings, bundle: bundle, devices: devices, epoch: epoch)
    }

    /// One transaction that replaces the table by the present state: policy, devices, learned names, quarantine.
    public func load(nowMilliseconds: UInt64) -> ByteString {
        guard bundle != nil else { return "add table inet gatehouse\ndelete table inet gatehouse\n" }
        var text: ByteString = "add table inet gatehouse\ndelete table inet gatehouse\n"
        text.append(desired)
        for (address, until) in quarantined.sorted(by: { $0.key < $1.key }) where until > nowMilliseconds {
            text.append(quarantineCommand(address, seconds: (until - nowMilliseconds + 999) / 1000))
        }
        for (address, name) in learned.sorted(by: { $0.key.elementKey < $1.key.elementKey })
        where name.expiresMilliseconds > nowMilliseconds {
            let seconds = (name.expiresMilliseconds - nowMilliseconds + 999) / 1000
            text.append(addCommand(address, seconds: seconds))
        }
        return text
    }

    /// Takes a policy into force with the devices it holds. Follow with `load`.
    ///
    /// Learned addresses that the policy no longer allows are forgotten, so that the new table never holds them.
    public mutating func adopt(_ bundle: PolicyBundle?, devices held: [EnforcedDevice]) {
        self.bundle = bundle
        epoch = ConnectionMark.epoch(after: epoch)
        devices.removeAll(keepingCapacity: true)
        for device in held.prefix(EnforcementLimits.devices) { devices[device.macAddress] = device }
        for (address, entry) in learned where !isStillAllowed(address, entry.name) { forget(address) }
    }

    /// A device is new, has other addresses, or is held by another allowlist: the commands for the difference.
    public mutating func hold(_ device: EnforcedDevice) -> ByteString {
        let old = devices[device.macAddress]
        guard old != device else { return "" }
        guard old != nil || devices.count < EnforcementLimits.devices else {
            turnedAwayCount += 1
            return ""
        }
        devices[device.macAddress] = device
        guard bundle != nil else { return "" }
        var commands = ByteString()
        for family in [IPAddress.Family.v4, .v6] {
            let before = Set(old?.addresses.filter { $0.family == family } ?? [])
            let after = Set(device.addresses.filter { $0.family == family })
            commands.append(
                elementCommand("delete", RulesetNames.bound(family), before.subtracting(after), device.macAddress)
            )
            commands.append(
                elementCommand("add", RulesetNames.bound(family), after.subtracting(before), device.macAddress)
            )
        }
        if old == nil || old?.policy != device.policy {
            for (map, prefix) in [("policies", "policy_"), ("gateways", "gateway_")] as [(ByteString, ByteString)] {
                if let old { commands.append(mapCommand("delete", map, Ruleset.policyElement(old, prefix))) }
                commands.append(mapCommand("add", map, Ruleset.policyElement(device, prefix)))
            }
        }
        if let old, old.policy != device.policy {
            for (address, entry) in learned
            where address.device == device.macAddress && !isStillAllowed(address, entry.name) {
                commands.append(deleteCommand(address))
                forget(address)
            }
            commands.append(turnEpoch())
        }
        return commands
    }

    /// A device is no longer known: its bindings go, and with them all it may do.
    public mutating func letGo(_ address: MACAddress) -> ByteString {
        guard let old = devices.removeValue(forKey: address), bundle != nil else { return "" }
        var commands = ByteString()
        for family in [IPAddress.Family.v4, .v6] {
            let addresses = Set(old.addresses.filter { $0.family == family })
            commands.append(elementCommand("delete", RulesetNames.bound(family), addresses, address))
        }
        commands.append(mapCommand("delete", "policies", Ruleset.policyElement(old, "policy_")))
        commands.append(mapCommand("delete", "gateways", Ruleset.policyElement(old, "gateway_")))
        for (learnedAddress, _) in learned where learnedAddress.device == address {
            commands.append(deleteCommand(learnedAddress))
            forget(learnedAddress)
        }
        return commands
    }

    /// Puts a device into quarantine. The set is looked at before anything else, so live connections end too.
    public mutating func quarantine(_ address: MACAddress, seconds: UInt64, nowMilliseconds: UInt64) -> ByteString {
        quarantined[address] = nowMilliseconds + seconds * 1000
        guard bundle != nil else { return "" }
        return quarantineCommand(address, seconds: seconds)
    }

    /// Lets a device out.
    public mutating func release(_ address: MACAddress) -> ByteString {
        guard quarantined.removeValue(forKey: address) != nil, bundle != nil else { return "" }
        // Added first, so that an element that has timed out meanwhile does not make the deletion fail.
        return RulesetText.join(
            quarantineCommand(address, seconds: 1),
            "delete element inet gatehouse quarantined { ",
            address.byteString,
            " }\n"
        )
    }

    /// Connections are judged anew from now on.
    public mutating func turnEpoch() -> ByteString {
        epoch = ConnectionMark.epoch(after: epoch)
        let chains = Ruleset.epochChains(epoch)
        var commands = ByteString()
        for (name, rules) in [("established", chains.established), ("accept_flow", chains.accept)]
            as [(ByteString, [ByteString])]
        {
            commands.append(RulesetText.join("flush chain inet gatehouse ", name, "\n"))
            for rule in rules {
                commands.append(RulesetText.join("add rule inet gatehouse ", name, " ", rule, "\n"))
            }
        }
        return commands
    }

    /// Time passed: the epoch turns every `EnforcementLimits.epochSeconds`, and what has timed out is forgotten.
    public mutating func tick(nowMilliseconds: UInt64) -> ByteString {
        for (address, until) in quarantined where until <= nowMilliseconds { quarantined.removeValue(forKey: address) }
        for (address, entry) in learned where entry.expiresMilliseconds <= nowMilliseconds { forget(address) }
        guard bundle != nil else { return "" }
        guard nowMilliseconds >= epochTurnedMilliseconds + EnforcementLimits.epochSeconds * 1000 else { return "" }
        epochTurnedMilliseconds = nowMilliseconds
        return turnEpoch()
    }
}
