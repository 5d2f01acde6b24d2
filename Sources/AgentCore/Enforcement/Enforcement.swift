public import NetworkTypes
public import Policy

/// What the kernel is asked to hold, and the commands that bring it there.
///
/// A policy is one transaction that replaces the whole table; devices, learned names and quarantine come and go by small
/// commands. Every command is also reflected in `desired`, so at any time the kernel can be read back and compared.
public struct Enforcement: Sendable {
    /// What the configuration says, and what became of the interfaces that it names.
    public internal(set) var settings: EnforcementSettings
    /// The policy in force; nil where none is, and then the table is absent.
    public internal(set) var bundle: PolicyBundle?
    /// The epoch that connections must carry.
    public internal(set) var epoch: UInt32
    /// Devices by address.
    public internal(set) var devices: HashTable<MACAddress, EnforcedDevice> = HashTable()
    /// Devices in quarantine, and until when (monotonic milliseconds).
    public internal(set) var quarantined: HashTable<MACAddress, UInt64> = HashTable()
    var learned: HashTable<LearnedAddress, LearnedName> = HashTable()
    var learnedCounts: HashTable<MACAddress, Int> = HashTable()
    /// What the name rules of each allowlist open, each once.
    var nameTargets: HashTable<ByteString, [LearnedAddress.Target]> = HashTable()
    /// Learned addresses that were found in the kernel, of whose names nothing is known here.
    var foreign = ForeignElements()
    /// Flows that were cut for the server name they asked for.
    var cuts: HashTable<LearnedAddress, LearnedName> = HashTable()
    var cutCounts: HashTable<MACAddress, Int> = HashTable()
    /// What the kernel is still to be told of them.
    var cutCommands = ByteString()
    /// When the epoch may turn again for a cut.
    var cutTurnMilliseconds: UInt64 = 0
    var isCutTurnDue = false
    /// What became of server names.
    public internal(set) var serverNames = ServerNameCounters()
    /// What the gateway itself must reach, whatever a policy blocks.
    public private(set) var protected: [IPPrefix] = []
    /// The tick that connections carry, modulo 4.
    public internal(set) var tick: UInt32 = 0
    var tickTurnedMilliseconds: UInt64 = 0
    /// When the kernel was last told that the agent lives.
    var aliveMilliseconds: UInt64?
    /// Rises whenever `desired` changes, and whenever what devices had learned is taken back or found missing. New names and
    /// quarantine are no part of that.
    public internal(set) var revision: UInt64 = 0
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

    /// The tables that `desired` declares, and a read-back lists, one after another.
    public var tables: [ByteString] {
        settings.holdsNeighbours ? ["inet gatehouse", "bridge gatehouse"] : ["inet gatehouse"]
    }

    /// The table as it is asked for; empty where no policy is in force.
    public var desired: ByteString {
        guard let bundle else { return "" }
        return Ruleset.render(
            settings: settings,
            bundle: bundle,
            devices: devices,
            epoch: epoch,
            tick: tick,
            protected: protected
        )
    }

    /// One transaction that replaces the table by the present state: policy, devices, learned names, quarantine.
    public func load(nowMilliseconds: UInt64) -> ByteString {
        var text = ByteString()
        for table in tables { text.append("add table \(table)\ndelete table \(table)\n") }
        guard bundle != nil else { return text }
        text.append(desired)
        text.append(signOfLife)
        for (address, until) in Array(quarantined).ordered(by: { $0.key < $1.key }) where until > nowMilliseconds {
            text.append(quarantineCommand(address, seconds: (until - nowMilliseconds + 999) / 1000))
        }
        text.append(learnedCommands(nowMilliseconds: nowMilliseconds))
        return text
    }

    /// What the gateway itself must reach has changed, as where the collector's name has other addresses: the commands for
    /// the difference. The first time comes before the first policy.
    public mutating func protect(_ prefixes: [IPPrefix]) -> ByteString {
        guard prefixes != protected else { return "" }
        protected = prefixes
        revision += 1
        guard bundle != nil else { return "" }
        var commands = ByteString()
        for family in [IPAddress.Family.v4, .v6] {
            let set: ByteString = "inet gatehouse \(RulesetNames.protected(family))"
            let elements = Ruleset.outermost(prefixes, family).map { $0.byteString }
            commands.append("flush set \(set)\n")
            if !elements.isEmpty { commands.append("add element \(set) \(RulesetText.braces(elements))\n") }
        }
        return commands
    }

    /// Takes a policy into force with the devices it holds. Follow with `load`.
    ///
    /// Learned addresses are judged by the new policy: what it no longer allows is forgotten, so that the new table
    /// never holds it.
    public mutating func adopt(_ bundle: PolicyBundle?, devices held: [EnforcedDevice]) {
        self.bundle = bundle
        revision += 1
        foreign.keep(generation: bundle?.generation)
        epoch = ConnectionMark.epoch(after: epoch)
        devices.removeAll()
        for device in held.prefix(EnforcementLimits.devices) { devices[device.macAddress] = bounded(device) }
        turnedAwayCount += UInt64(Swift.max(0, held.count - EnforcementLimits.devices))
        nameTargets.removeAll()
        for allowlist in (bundle?.allowlists ?? []) + [bundle?.baseline.unknown].compactMap({ $0 }) {
            nameTargets[allowlist.name] = allowlist.nameTargets
        }
        let before = learned
        learned.removeAll()
        learnedCounts.removeAll()
        for (address, entry) in before {
            for target in targets(device: address.device, name: entry.name) {
                let moved = LearnedAddress(device: address.device, address: address.address, target: target)
                _ = remember(moved, entry.name, entry.expiresMilliseconds)
            }
        }
        reviewCuts()
        // All of it is in the load.
        cutCommands = ByteString()
        isCutTurnDue = false
    }

    /// The interfaces of devices go by these names now: the commands for the difference. One that comes or goes under the
    /// name it always had needs none: the kernel compares names.
    public mutating func hold(interfaces names: [ByteString]) -> ByteString {
        let before = HashSet(settings.deviceInterfaces)
        let after = HashSet(names)
        guard settings.deviceInterfaces != names else { return "" }
        settings.deviceInterfaces = names
        revision += 1
        guard bundle != nil else { return "" }
        var commands = ByteString()
        for (verb, changed) in [("add", after.subtracting(before)), ("delete", before.subtracting(after))]
            as [(ByteString, HashSet<ByteString>)]
        {
            for name in changed.elements.ordered() { commands.append(mapCommand(verb, "interfaces", "\"\(name)\"")) }
        }
        return commands
    }

    /// Devices turned out to share a bridge, whose connections the kernel tracks or not. Follow with `load`.
    public mutating func holdNeighbours(isTracked: Bool) {
        settings.holdsNeighbours = true
        settings.tracksNeighbours = isTracked
        revision += 1
    }

    /// A device is new, has other addresses, or is held by another allowlist: the commands for the difference.
    public mutating func hold(_ held: EnforcedDevice) -> ByteString {
        let device = bounded(held)
        let old = devices[device.macAddress]
        guard old != device else { return "" }
        guard old != nil || devices.count < EnforcementLimits.devices else {
            turnedAwayCount += 1
            return ""
        }
        devices[device.macAddress] = device
        revision += 1
        guard let bundle else { return "" }
        var commands = differenceCommands(from: old, to: device, bundle)
        for family in [IPAddress.Family.v4, .v6] {
            let before = HashSet(old?.addresses.filter { $0.family == family } ?? [])
            let after = HashSet(device.addresses.filter { $0.family == family })
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
            commands.append(retargetCommands(device.macAddress))
            reviewCuts()
            commands.append(cutCommands)
            cutCommands = ByteString()
            commands.append(turnEpoch())
        }
        return commands
    }

    /// A device is no longer known: its bindings go, and with them all it may do.
    public mutating func letGo(_ address: MACAddress) -> ByteString {
        guard let old = devices.removeValue(forKey: address) else { return "" }
        revision += 1
        guard let bundle else { return "" }
        var commands = differenceCommands(from: old, to: nil, bundle)
        for family in [IPAddress.Family.v4, .v6] {
            let addresses = HashSet(old.addresses.filter { $0.family == family })
            commands.append(elementCommand("delete", RulesetNames.bound(family), addresses, address))
        }
        commands.append(mapCommand("delete", "policies", Ruleset.policyElement(old, "policy_")))
        commands.append(mapCommand("delete", "gateways", Ruleset.policyElement(old, "gateway_")))
        for (learnedAddress, _) in learned where learnedAddress.device == address {
            commands.append(deleteCommand(learnedAddress))
            forget(learnedAddress)
        }
        commands.append(foreign.withdraw(address))
        commands.append(turnEpoch())
        return commands
    }

    /// Puts a device into quarantine. Its live connections are judged again, and end.
    public mutating func quarantine(_ address: MACAddress, seconds: UInt64, nowMilliseconds: UInt64) -> ByteString {
        quarantined[address] = nowMilliseconds + seconds * 1000
        guard bundle != nil else { return "" }
        return "\(quarantineCommand(address, seconds: seconds))\(turnEpoch())"
    }

    /// Lets a device out.
    public mutating func release(_ address: MACAddress) -> ByteString {
        guard quarantined.removeValue(forKey: address) != nil, bundle != nil else { return "" }
        // Added first, so that an element that has timed out meanwhile does not make the deletion fail.
        var commands = quarantineCommand(address, seconds: 1)
        for set in quarantineSets { commands.append(releaseCommand(set, address)) }
        return commands
    }

    /// All connections are judged anew from now on.
    public mutating func turnEpoch() -> ByteString {
        epoch = ConnectionMark.epoch(after: epoch)
        return epochCommands()
    }

    /// Time passed: every `EnforcementLimits.tickSeconds` connections refresh the learned addresses they use, and what
    /// timed out long ago is forgotten.
    public mutating func tick(nowMilliseconds: UInt64) -> ByteString {
        for (address, until) in quarantined where until <= nowMilliseconds { quarantined.removeValue(forKey: address) }
        // A connection may have kept an address in the kernel after its time: see `observe`.
        let patience = 2 * EnforcementLimits.usedSeconds * 1000
        for (address, entry) in learned where entry.expiresMilliseconds + patience <= nowMilliseconds {
            forget(address)
        }
        foreign.forget(before: nowMilliseconds)
        reviewCuts(nowMilliseconds: nowMilliseconds)
        var commands = takeCuts(nowMilliseconds: nowMilliseconds)
        commands.append(live(nowMilliseconds: nowMilliseconds))
        guard bundle != nil, !(learned.isEmpty && foreign.isEmpty) else { return commands }
        guard nowMilliseconds >= tickTurnedMilliseconds + EnforcementLimits.tickSeconds * 1000 else { return commands }
        tickTurnedMilliseconds = nowMilliseconds
        tick = (tick + 1) & 3
        commands.append(epochCommands())
        return commands
    }

    private mutating func epochCommands() -> ByteString {
        revision += 1
        guard bundle != nil else { return "" }
        var commands = ByteString()
        func replace(_ table: ByteString, _ chains: [RulesetChain]) {
            for chain in chains {
                commands.append("flush chain \(table) \(chain.name)\n")
                for rule in chain.rules { commands.append("add rule \(table) \(chain.name) \(rule)\n") }
            }
        }
        replace(RulesetText.table, Ruleset.epochChains(epoch, tick: tick))
        if settings.tracksNeighbours { replace("bridge gatehouse", Ruleset.bridgeEpochChains(epoch)) }
        return commands
    }

    /// At most as many addresses as a device may have, and a policy that there is.
    private mutating func bounded(_ device: EnforcedDevice) -> EnforcedDevice {
        var device = device
        if device.addresses.count > EnforcementLimits.addressesPerDevice {
            turnedAwayCount += UInt64(device.addresses.count - EnforcementLimits.addressesPerDevice)
            device.addresses = Array(device.addresses.prefix(EnforcementLimits.addressesPerDevice))
        }
        if let bundle, let policy = device.policy, !bundle.allowlists.contains(where: { $0.name == policy }) {
            device.policy = nil
        }
        return device
    }
}
