import NetworkTypes

/// Learned addresses, and flows that were cut, that an earlier process left in the kernel, and whose names it did not live
/// to write down.
///
/// They stay until their time is over, under the policy that allowed them and no other: without the name nobody can say
/// what another policy thinks of them. Flows that were cut stay so under any: each is one connection, for some minutes.
struct ForeignElements: Sendable {
    /// Until when each lives, monotonic milliseconds.
    private var expires: HashTable<ByteString, (set: ByteString, element: ByteString, milliseconds: UInt64)> =
        HashTable()
    /// Generation of the policy that allowed them.
    private var generation: UInt64?

    init() {}

    /// All that the kernel holds.
    init(_ kernel: KernelState, nowMilliseconds: UInt64) {
        generation = kernel.generation
        for found in kernel.learned.prefix(EnforcementLimits.learnedAddresses) {
            expires["\(found.set) \(found.key)"] =
                (found.set, found.key, nowMilliseconds + found.seconds * 1000)
        }
    }

    var isEmpty: Bool { expires.isEmpty }

    /// The kernel was read again: what is still there has the time that it has there. Takes what it knows out of `found`,
    /// and flows that were cut, whoever cut them: they close and open nothing.
    mutating func refresh(
        from found: inout HashTable<ByteString, UInt64>,
        _ kernel: KernelState,
        nowMilliseconds: UInt64
    ) {
        let known = expires
        expires = HashTable()
        for element in kernel.learned {
            let key: ByteString = "\(element.set) \(element.key)"
            guard found[key] != nil, known[key] != nil || element.set.hasPrefix(RulesetNames.cutPrefix) else {
                continue
            }
            found.removeValue(forKey: key)
            expires[key] = (element.set, element.key, nowMilliseconds + element.seconds * 1000)
        }
    }

    /// Names an element over all sets.
    static func key(of entry: LearnedAddress) -> ByteString {
        "\(entry.setName) \(entry.elementKey)"
    }

    /// It is known now; whether it was among these.
    mutating func take(_ entry: LearnedAddress) -> Bool {
        guard !expires.isEmpty else { return false }
        return expires.removeValue(forKey: ForeignElements.key(of: entry)) != nil
    }

    /// Whether it is among these.
    func contains(_ entry: LearnedAddress) -> Bool {
        !expires.isEmpty && expires[ForeignElements.key(of: entry)] != nil
    }

    /// A policy comes into force.
    mutating func keep(generation: UInt64?) {
        if generation == nil || generation != self.generation {
            expires = expires.filter { $0.value.set.hasPrefix(RulesetNames.cutPrefix) }
        }
    }

    /// What has timed out is gone.
    mutating func forget(before milliseconds: UInt64) {
        guard !expires.isEmpty else { return }
        expires = expires.filter { $0.value.milliseconds > milliseconds }
    }

    /// The commands that take back what a device has; it is held by another policy now, or not at all.
    mutating func withdraw(_ device: MACAddress) -> ByteString {
        var commands = ByteString()
        let prefix = device.byteString
        for (key, found) in expires
        where found.element.hasPrefix(prefix) && !found.set.hasPrefix(RulesetNames.cutPrefix) {
            let element: ByteString = "element inet gatehouse \(found.set) { \(found.element)"
            // It may have timed out, and then to delete it would fail.
            commands.append("add \(element) timeout 1s }\n")
            commands.append("delete \(element) }\n")
            expires.removeValue(forKey: key)
        }
        return commands
    }

    /// Set and text of each, with the time it has left.
    func elements(nowMilliseconds: UInt64) -> [(set: ByteString, element: ByteString)] {
        var elements: [(set: ByteString, element: ByteString)] = []
        for found in expires.values where found.milliseconds > nowMilliseconds {
            let seconds = (found.milliseconds - nowMilliseconds + 999) / 1000
            elements.append(
                (
                    set: found.set,
                    element: "\(found.element) timeout \(seconds)s"
                )
            )
        }
        return elements
    }
}
