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
        guard let policy = policy(of: address) else { return "" }
        let lifetime = Swift.max(seconds, EnforcementLimits.learnedSeconds)
        var commands = ByteString()
        for (index, rule) in policy.allow.enumerated() {
            guard case .name(let pattern) = rule.to, pattern.matches(name) else { continue }
            for target in rule.targets(policy: policy.name, number: index + 1) {
                for ip in addresses {
                    let entry = LearnedAddress(device: address, address: ip, target: target)
                    guard remember(entry, name, nowMilliseconds + lifetime * 1000) else { continue }
                    // Before Linux 6.12 adding an element that exists does not refresh its timeout; deleting one that
                    // does not exist fails. So: add, delete, add, in one transaction.
                    commands.append(deleteCommand(entry))
                    commands.append(addCommand(entry, seconds: lifetime))
                }
            }
        }
        return commands
    }

    /// The allowlist that holds a device.
    public func policy(of address: MACAddress) -> Allowlist? {
        guard let bundle else { return nil }
        guard let name = devices[address]?.policy else { return bundle.baseline.unknown }
        return bundle.allowlists.first { $0.name == name } ?? bundle.baseline.unknown
    }

    /// The name a device asked to learn an address, where it did.
    public func learnedName(device: MACAddress, address: IPAddress) -> DomainName? {
        for (entry, value) in learned where entry.device == device && entry.address == address { return value.name }
        return nil
    }

    /// Takes back what an earlier process had learned: its elements are in the kernel, their names on disk.
    public mutating func restore(_ entry: LearnedAddress, name: DomainName, expiresMilliseconds: UInt64) {
        _ = remember(entry, name, expiresMilliseconds)
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

    func isStillAllowed(_ entry: LearnedAddress, _ name: DomainName) -> Bool {
        guard let policy = policy(of: entry.device) else { return false }
        for (index, rule) in policy.allow.enumerated() {
            guard case .name(let pattern) = rule.to, pattern.matches(name) else { continue }
            if rule.targets(policy: policy.name, number: index + 1).contains(entry.target) { return true }
        }
        return false
    }

    func addCommand(_ entry: LearnedAddress, seconds: UInt64) -> ByteString {
        RulesetText.join(
            RulesetText.join("add element inet gatehouse ", entry.setName, " { ", entry.elementKey),
            " timeout ",
            RulesetText.decimal(seconds),
            "s }\n"
        )
    }

    /// Deleting an element that has timed out fails the transaction, so it is added first.
    func deleteCommand(_ entry: LearnedAddress) -> ByteString {
        RulesetText.join(
            addCommand(entry, seconds: 1),
            RulesetText.join("delete element inet gatehouse ", entry.setName, " { ", entry.elementKey, " }\n")
        )
    }

    func quarantineCommand(_ address: MACAddress, seconds: UInt64) -> ByteString {
        let element = address.byteString
        let add = RulesetText.join(
            "add element inet gatehouse quarantined { ",
            element,
            " timeout ",
            RulesetText.decimal(seconds),
            "s }\n"
        )
        return RulesetText.join(add, "delete element inet gatehouse quarantined { ", element, " }\n", add)
    }

    func elementCommand(
        _ verb: ByteString,
        _ set: ByteString,
        _ addresses: Set<IPAddress>,
        _ device: MACAddress
    ) -> ByteString {
        guard !addresses.isEmpty else { return "" }
        let elements = addresses.sorted().map { RulesetText.join(device.byteString, " . ", $0.byteString) }
        return RulesetText.join(verb, " element inet gatehouse ", set, " ", RulesetText.braces(elements), "\n")
    }

    func mapCommand(_ verb: ByteString, _ map: ByteString, _ element: ByteString) -> ByteString {
        RulesetText.join(verb, " element inet gatehouse ", map, " { ", element, " }\n")
    }
}
