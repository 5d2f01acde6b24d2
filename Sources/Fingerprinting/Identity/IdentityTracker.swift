public import NetworkTypes

/// Gathers the evidence about one device, in bounded memory, and keeps its identity.
///
/// The identity is a function of the evidence held, so it changes only when evidence comes that was not there: a signal
/// seen a million times counts once, and a weaker statement lowers a confidence but never takes a name's place. Whether
/// later evidence can be of the same device at all is another question: see `DeviceClass.isContradicted`.
public struct IdentityTracker: Sendable {
    /// Most pieces of evidence held; beyond it the lightest gives way, or the new one is turned away.
    public static let maximumEvidence = 48
    /// How many of the last signals that the knowledge said nothing of are kept, for knowledge that does.
    public static let maximumUnexplained = 16
    /// The longest of them that is kept, in bytes.
    public static let maximumUnexplainedBytes = 128
    /// Most banners held of which no rule says anything; later ones are turned away.
    public static let maximumSilentBanners = 8
    /// How many of the last different signals are remembered, to pass over their repeats quickly.
    public static let rememberedSignals = 64

    /// What is held to be true of the device.
    public private(set) var identity = Identity()
    /// How many pieces of evidence the limit turned away.
    public private(set) var evidenceTurnedAway: UInt64 = 0

    private var evidence: [Evidence] = []
    private var hostname: ByteString?
    private var hostnameRank = 0
    private var unexplained: [Signal] = []
    private var seen: [UInt64] = []
    private var nextSeen = 0

    /// Nothing known.
    public init() {}

    /// Knows the maker of the device's interface, where the key is a hardware address that says it.
    public init(device: DeviceKey, knowledge: KnowledgeBase) {
        if let address = device.macAddress, let signal = knowledge.blockSignal(of: address) {
            add(signal, knowledge: knowledge)
        }
    }

    /// Takes a signal into account; whether the identity (its names, confidences or evidence) is another one now.
    @discardableResult
    public mutating func add(_ signal: Signal, knowledge: KnowledgeBase) -> Bool {
        guard !remember(signal) else { return false }
        var changed = takeHostname(from: signal)
        if weigh(signal, knowledge) { changed = true }
        if changed { identity = Identity(weighing: evidence, hostname: hostname) }
        return changed
    }

    /// Weighs again with other knowledge (an update of the file), from the signals that are still known.
    public mutating func reconsider(device: DeviceKey, knowledge: KnowledgeBase) {
        var signals = unexplained
        // The block may be one that the old file did not have.
        if let address = device.macAddress, let block = knowledge.blockSignal(of: address) { signals.append(block) }
        for item in evidence where !signals.contains(item.signal) { signals.append(item.signal) }
        evidence.removeAll()
        unexplained.removeAll()
        for signal in signals { _ = weigh(signal, knowledge) }
        seen.removeAll()
        nextSeen = 0
        identity = Identity(weighing: evidence, hostname: hostname)
    }

    /// Keeps a signal of which the rules say nothing. Whom a device contacts is seen again soon, and would push out what is
    /// not.
    private mutating func keepUnexplained(_ signal: Signal) {
        guard signal.value.count <= IdentityTracker.maximumUnexplainedBytes, SignalFamily(signal.kind) != .contacts,
            signal.kind != .macBlock, !unexplained.contains(signal)
        else { return }
        if unexplained.count >= IdentityTracker.maximumUnexplained { unexplained.removeFirst() }
        unexplained.append(signal)
    }

    /// Takes what the rules say of a signal; of a banner of which they say nothing, that it was seen.
    private mutating func weigh(_ signal: Signal, _ knowledge: KnowledgeBase) -> Bool {
        let found = knowledge.lookup(signal)
        var changed = false
        for item in found where take(item) { changed = true }
        guard found.isEmpty else { return changed }
        guard signal.isBanner else {
            keepUnexplained(signal)
            return changed
        }
        let banner = Evidence(signal: signal, weight: 0)
        guard !evidence.contains(banner) else { return changed }
        var silent = 0
        for item in evidence where item.weight == 0 && item.signal.isBanner { silent += 1 }
        guard silent < IdentityTracker.maximumSilentBanners else {
            // A server that says something else each time must not make a report of each.
            evidenceTurnedAway += 1
            return changed
        }
        return take(banner)
    }

    private mutating func take(_ item: Evidence) -> Bool {
        guard !evidence.contains(item) else { return false }
        evidence.append(item)
        guard evidence.count > IdentityTracker.maximumEvidence else { return true }
        evidenceTurnedAway += 1
        var lightest = 0
        for index in evidence.indices where Evidence.isHeavier(evidence[lightest], evidence[index]) { lightest = index }
        return evidence.remove(at: lightest) != item
    }

    /// A device's name for itself: that of DHCP before that of mDNS before others; of one source the latest.
    private mutating func takeHostname(from signal: Signal) -> Bool {
        let rank: Int
        switch signal.kind {
        case .dhcpHostname: rank = 5
        case .dhcpFQDN, .dhcpv6FQDN: rank = 4
        case .mdnsHostname: rank = 3
        case .llmnrName, .dnsOwnName: rank = 2
        case .lldpSystemName, .cdpDeviceID, .netbiosName, .snmpName: rank = 1
        default: return false
        }
        let name = signal.kind == .dhcpHostname ? signal.value : signal.value.firstLabel
        guard rank >= hostnameRank, !name.isEmpty, name != hostname else { return false }
        hostnameRank = rank
        hostname = name
        return true
    }

    /// Whether the signal is one of the last different ones; else it is remembered (FNV-1a, 64 bits).
    private mutating func remember(_ signal: Signal) -> Bool {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        hash = (hash ^ UInt64(signal.kind.rawValue)) &* 0x0000_0100_0000_01b3
        for byte in signal.value.bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        if seen.contains(hash) { return true }
        if seen.count < IdentityTracker.rememberedSignals {
            seen.append(hash)
        } else {
            seen[nextSeen] = hash
            nextSeen = (nextSeen + 1) % IdentityTracker.rememberedSignals
        }
        return false
    }
}
