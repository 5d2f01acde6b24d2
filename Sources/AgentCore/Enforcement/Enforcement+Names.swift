public import NetworkTypes
public import Policy

extension Enforcement {
    /// The commands that let a device reach the addresses it is about to be told for a name; empty where it is not held
    /// by a policy that allows the name. They must be in the kernel before the answer leaves (DESIGN §8.1).
    public mutating func learn(
        device address: MACAddress,
        name: DomainName,
        addresses: [IPAddress],
        seconds: UInt64,
        nowMilliseconds: UInt64
    ) -> ByteString {
        guard bundle != nil else { return "" }
        let needed = nowMilliseconds + Swift.max(seconds, EnforcementLimits.learnedSeconds) * 1000
        let lifetime = Swift.max(seconds, EnforcementLimits.enteredSeconds)
        var commands = ByteString()
        for target in targets(device: address, name: name) {
            for ip in addresses {
                let entry = LearnedAddress(device: address, address: ip, target: target)
                if let known = learned[entry], known.expiresMilliseconds >= needed {
                    learned[entry]?.name = name
                    continue
                }
                let isKnown =
                    learned[entry] != nil || foreign.take(entry)
                guard remember(entry, name, nowMilliseconds + lifetime * 1000) else { continue }
                // Before Linux 6.12 adding an element that exists does not refresh its timeout; deleting one that
                // does not exist fails. So: add, delete, add, in one transaction.
                if isKnown { commands.append(deleteCommand(entry)) }
                commands.append(addCommand(entry, seconds: lifetime))
            }
        }
        return commands
    }

    /// Until when all of the addresses stay open to the device in the kernel for `EnforcementLimits.learnedSeconds` more, so that it
    /// may be told them again; 0 where one of them is not, or its policy opens none for the name.
    public func openUntilMilliseconds(device: MACAddress, name: DomainName, addresses: [IPAddress]) -> UInt64 {
        let targets = targets(device: device, name: name)
        guard !targets.isEmpty else { return 0 }
        var until = UInt64.max
        for target in targets {
            for address in addresses {
                let entry = LearnedAddress(device: device, address: address, target: target)
                until = Swift.min(until, learned[entry]?.expiresMilliseconds ?? 0)
            }
        }
        return until - Swift.min(until, EnforcementLimits.learnedSeconds * 1000)
    }

    /// What a name opens for a device under the policy that holds it; each once.
    func targets(device: MACAddress, name: DomainName) -> [LearnedAddress.Target] {
        guard let policy = policy(of: device) else { return [] }
        var targets: [LearnedAddress.Target] = []
        for (index, rule) in policy.allow.enumerated() {
            guard case .name(let pattern) = rule.to, pattern.matches(name) else { continue }
            for target in rule.targets(policy: policy.name, number: index + 1) where !targets.contains(target) {
                targets.append(target)
            }
        }
        return targets
    }

    /// What an earlier process left in the kernel is taken over. Call once, at the start and after `restore`: it is refreshed
    /// properly then when it is learned again.
    public mutating func takeOver(_ kernel: KernelState, nowMilliseconds: UInt64) {
        foreign = ForeignElements(kernel, nowMilliseconds: nowMilliseconds)
        _ = observe(kernel, nowMilliseconds: nowMilliseconds)
    }

    /// What the kernel was found to hold, with each read-back: learned addresses get the time they have there, for connections
    /// keep them alive past the one they were given. Returns in words which elements another hand took out or put in, each
    /// once; empty where none. `load` puts them right.
    public mutating func observe(_ kernel: KernelState, nowMilliseconds: UInt64) -> ByteString {
        var found: HashTable<ByteString, UInt64> = HashTable()
        for element in kernel.learned { found["\(element.set) \(element.key)"] = element.seconds }
        var missing: [ByteString] = []
        for (address, entry) in learned {
            let key = ForeignElements.key(of: address)
            if let left = found.removeValue(forKey: key) {
                _ = foreign.take(address)
                // nft rounds, and so does `KernelState`.
                let until = nowMilliseconds + left * 1000
                learned[address] = LearnedName(
                    name: entry.name,
                    expiresMilliseconds: Swift.max(
                        nowMilliseconds,
                        until - Swift.min(until, Enforcement.roundingMilliseconds)
                    )
                )
            } else if entry.expiresMilliseconds > nowMilliseconds + Enforcement.roundingMilliseconds {
                missing.append(key)
                learned[address]?.expiresMilliseconds = nowMilliseconds
            }
        }
        for (flow, cut) in cuts {
            guard let left = found.removeValue(forKey: ForeignElements.key(of: flow)) else { continue }
            cuts[flow] = LearnedName(
                name: cut.name,
                expiresMilliseconds: Swift.max(cut.expiresMilliseconds, nowMilliseconds + left * 1000)
            )
        }
        foreign.refresh(from: &found, kernel, nowMilliseconds: nowMilliseconds)
        var added = Array(found.keys) + kernel.permanent.map { "\($0.set) \($0.key)" }
        // Who lets a device out of the kernel's set, or puts one in, does so past the agent.
        let margin = Enforcement.roundingMilliseconds
        for (device, until) in quarantined where until > nowMilliseconds + margin {
            if !kernel.quarantined.contains(where: { $0.device == device }) {
                missing.append("quarantined \(device.byteString)")
            }
        }
        for (device, seconds) in kernel.quarantined where seconds * 1000 > margin && quarantined[device] == nil {
            added.append("quarantined \(device.byteString)")
        }
        guard !missing.isEmpty || !added.isEmpty else { return "" }
        revision += 1
        return Enforcement.difference(missing: missing, added: added)
    }

    /// `- names4 MAC . 192.0.2.7 . tcp . 443 and 2 more; + quarantined MAC`
    private static func difference(missing: [ByteString], added: [ByteString]) -> ByteString {
        var text = ByteString()
        for (sign, elements) in [("- ", missing), ("+ ", added)] as [(ByteString, [ByteString])] {
            guard let first = elements.ordered().first else { continue }
            if !text.isEmpty { text.append("; ") }
            text.append("\(sign)\(first)")
            if elements.count > 1 { text.append(" and \(elements.count - 1) more") }
        }
        return text
    }

    /// By so much a time that nft lists may be off.
    private static let roundingMilliseconds: UInt64 = 2000

    /// The kernel refused a change, and with it the whole table: what it holds is not known. All names that are asked from now
    /// on are entered anew.
    public mutating func doubtLearned(nowMilliseconds: UInt64) {
        revision += 1
        for (address, entry) in learned where entry.expiresMilliseconds > nowMilliseconds {
            learned[address]?.expiresMilliseconds = nowMilliseconds
        }
    }

    /// Another policy holds the device: what it learned is judged by that.
    mutating func retargetCommands(_ device: MACAddress) -> ByteString {
        var commands = ByteString()
        let before = learned.filter { $0.key.device == device }
        var kept: HashSet<LearnedAddress> = HashSet()
        for (address, entry) in before {
            for target in targets(device: device, name: entry.name) {
                let moved = LearnedAddress(device: device, address: address.address, target: target)
                guard kept.insert(moved), before[moved] == nil,
                    remember(moved, entry.name, entry.expiresMilliseconds)
                else { continue }
                // At least as long as is remembered.
                commands.append(addCommand(moved, seconds: EnforcementLimits.enteredSeconds))
            }
        }
        commands.append(foreign.withdraw(device))
        for (address, _) in before where !kept.contains(address) {
            commands.append(deleteCommand(address))
            forget(address)
        }
        return commands
    }

    /// Other blocklists, or another policy, came: what devices had learned of names that are refused now is taken out, and
    /// what they have open to it is judged again, and ends. Of an address that several names share, the name asked last
    /// counts. Empty where there is nothing of that kind.
    public mutating func withdraw(_ lists: Blocklists) -> ByteString {
        var commands = ByteString()
        for (entry, known) in learned {
            guard let policy = policy(of: entry.device), lists.refuse(known.name, under: policy) else { continue }
            commands.append(deleteCommand(entry))
            forget(entry)
        }
        if !commands.isEmpty { commands.append(turnEpoch()) }
        return commands
    }

    /// The elements of monitor mode and of packet meters that a device gains and loses.
    func differenceCommands(
        from old: EnforcedDevice?,
        to new: EnforcedDevice?,
        _ bundle: PolicyBundle
    ) -> ByteString {
        var commands = ByteString()
        func change(_ set: ByteString, _ before: HashSet<ByteString>, _ after: HashSet<ByteString>) {
            for element in before.subtracting(after).elements.ordered() {
                // Two devices may have claimed one address: added first, so that the second deletion does not fail.
                if set != "metered" { commands.append(mapCommand("add", set, element)) }
                commands.append(mapCommand("delete", set, element))
            }
            for element in after.subtracting(before).elements.ordered() {
                commands.append(mapCommand("add", set, element))
            }
        }
        for family in [IPAddress.Family.v4, .v6] {
            change(
                RulesetNames.watched(family),
                HashSet(old.map { Ruleset.watchedElements($0, family, bundle) } ?? []),
                HashSet(new.map { Ruleset.watchedElements($0, family, bundle) } ?? [])
            )
        }
        commands.append(bridgeCommands(from: old, to: new))
        let meters = [old, new].map { device in device.flatMap { Ruleset.meterElement($0, bundle) } }
        change("metered", HashSet([meters[0]].compactMap { $0 }), HashSet([meters[1]].compactMap { $0 }))
        let notices = [old, new].map { device in device.flatMap { Ruleset.noticeElement($0, bundle) } }
        change("notified", HashSet([notices[0]].compactMap { $0 }), HashSet([notices[1]].compactMap { $0 }))
        guard !settings.resolvers.isEmpty else { return commands }
        let open = [old, new].map { device in device.flatMap { Ruleset.openElement($0, bundle) } }
        change("dns_open", HashSet([open[0]].compactMap { $0 }), HashSet([open[1]].compactMap { $0 }))
        return commands
    }

    /// The allowlist that holds a device.
    public func policy(of address: MACAddress) -> Allowlist? {
        bundle?.holder(of: devices[address]?.policy)
    }

    /// The name a device asked to learn an address, where it did.
    public func learnedName(device: MACAddress, address: IPAddress) -> DomainName? {
        guard let policy = policy(of: device) else { return nil }
        for target in nameTargets[policy.name] ?? [] {
            let entry = LearnedAddress(device: device, address: address, target: target)
            if let found = learned[entry] { return found.name }
        }
        return nil
    }

    /// Takes back what an earlier process had learned: its elements are in the kernel, their names on disk.
    public mutating func restore(_ entry: LearnedAddress, name: DomainName, expiresMilliseconds: UInt64) {
        _ = remember(entry, name, expiresMilliseconds)
    }

    /// The policy of an earlier time is in force again: what devices had learned then, and the policy between would not
    /// have, is taken back. A device that was told an address goes on using it. Call after `adopt`.
    public mutating func recall(_ earlier: Enforcement, nowMilliseconds: UInt64) {
        foreign = earlier.foreign
        foreign.forget(before: nowMilliseconds)
        for (address, entry) in earlier.learned
        where entry.expiresMilliseconds > nowMilliseconds && devices[address.device] != nil {
            for target in targets(device: address.device, name: entry.name) {
                let kept = LearnedAddress(device: address.device, address: address.address, target: target)
                _ = remember(kept, entry.name, entry.expiresMilliseconds)
            }
        }
    }

    /// Everything learned that has not timed out.
    public var learnedNames: [(address: LearnedAddress, name: LearnedName)] {
        learned.map { ($0.key, $0.value) }
    }

    mutating func remember(_ entry: LearnedAddress, _ name: DomainName, _ expiresMilliseconds: UInt64) -> Bool {
        if learned[entry] == nil {
            guard learned.count < EnforcementLimits.learnedAddresses,
                learnedCounts[entry.device, default: 0] < EnforcementLimits.learnedAddressesPerDevice
            else {
                turnedAwayCount += 1
                return false
            }
            learnedCounts[entry.device, default: 0] += 1
        }
        let expires = Swift.max(expiresMilliseconds, learned[entry]?.expiresMilliseconds ?? 0)
        learned[entry] = LearnedName(name: name, expiresMilliseconds: expires)
        return true
    }

    mutating func forget(_ entry: LearnedAddress) {
        guard learned.removeValue(forKey: entry) != nil else { return }
        let left = learnedCounts[entry.device, default: 1] - 1
        learnedCounts[entry.device] = left == 0 ? nil : left
    }

    /// Everything learned, and what was cut, some hundred elements a command: libnftables takes 12 MiB for 10,000 in one.
    func learnedCommands(nowMilliseconds: UInt64) -> ByteString {
        var elements: HashTable<ByteString, [ByteString]> = HashTable()
        for (address, name) in learned {
            // One that has timed out may have been kept by a connection, and then that is judged again now.
            let left = name.expiresMilliseconds > nowMilliseconds ? name.expiresMilliseconds - nowMilliseconds : 0
            let seconds = Swift.max((left + 999) / 1000, EnforcementLimits.learnedSeconds)
            elements[address.setName, default: []].append("\(address.elementKey) timeout \(seconds)s")
        }
        for (flow, cut) in cuts where cut.expiresMilliseconds > nowMilliseconds {
            let seconds = (cut.expiresMilliseconds - nowMilliseconds + 999) / 1000
            elements[flow.setName, default: []].append("\(flow.elementKey) timeout \(seconds)s")
        }
        for (set, element) in foreign.elements(nowMilliseconds: nowMilliseconds) {
            elements[set, default: []].append(element)
        }
        var commands = ByteString()
        for (set, all) in Array(elements).ordered(by: { $0.key < $1.key }) {
            let sorted = all.ordered()
            var start = 0
            while start < sorted.count {
                let end = Swift.min(start + EnforcementLimits.elementsPerCommand, sorted.count)
                let chunk = RulesetText.braces(Array(sorted[start..<end]))
                commands.append("add element inet gatehouse \(set) \(chunk)\n")
                start = end
            }
        }
        return commands
    }

    func addCommand(_ entry: LearnedAddress, seconds: UInt64) -> ByteString {
        "add element inet gatehouse \(entry.setName) { \(entry.elementKey) timeout \(seconds)s }\n"
    }

    /// Deleting an element that has timed out fails the transaction, so it is added first.
    func deleteCommand(_ entry: LearnedAddress) -> ByteString {
        "\(addCommand(entry, seconds: 1))delete element inet gatehouse \(entry.setName) { \(entry.elementKey) }\n"
    }

    func quarantineCommand(_ address: MACAddress, seconds: UInt64) -> ByteString {
        var commands = ByteString()
        for set in quarantineSets {
            let add: ByteString = "add element \(set) { \(address.byteString) timeout \(seconds)s }\n"
            commands.append("\(add)\(releaseCommand(set, address))\(add)")
        }
        return commands
    }

    /// The sets that hold devices in quarantine.
    var quarantineSets: [ByteString] {
        settings.holdsNeighbours
            ? ["inet gatehouse quarantined", "bridge gatehouse bridge_quarantined"] : ["inet gatehouse quarantined"]
    }

    func releaseCommand(_ set: ByteString, _ address: MACAddress) -> ByteString {
        "delete element \(set) { \(address.byteString) }\n"
    }

    func elementCommand(
        _ verb: ByteString,
        _ set: ByteString,
        _ addresses: HashSet<IPAddress>,
        _ device: MACAddress
    ) -> ByteString {
        guard !addresses.isEmpty else { return "" }
        let elements: [ByteString] = addresses.elements.ordered().map { "\(device.byteString) . \($0.byteString)" }
        return "\(verb) element inet gatehouse \(set) \(RulesetText.braces(elements))\n"
    }

    func mapCommand(_ verb: ByteString, _ map: ByteString, _ element: ByteString) -> ByteString {
        "\(verb) element inet gatehouse \(map) { \(element) }\n"
    }
}
