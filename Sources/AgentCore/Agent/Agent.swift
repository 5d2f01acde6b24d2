public import Fingerprinting
public import NetworkTypes
public import Policy
import WireProtocol

/// What the gateway knows and decides: devices, the policy in force, violations, quarantine.
///
/// Does no I/O: each method takes what happened and gives what is to be done.
public struct Agent: Sendable {
    /// Most device reports of one tick; the rest follows at the next.
    public static let maximumDeviceReportsPerTick = 64

    /// What the configuration says.
    public let settings: AgentSettings
    /// Every known device.
    public internal(set) var registry = DeviceRegistry()
    /// The policy in force; nil where none is.
    public internal(set) var bundle: PolicyBundle?
    /// Violations not reported yet.
    public internal(set) var ledger = ViolationLedger()
    /// The links whose devices may be asked; the caller sets them, and none is asked before.
    public var probeLinks: [ProbeLink] = []
    /// What became of probes.
    public internal(set) var probeCounters = ProbeCounters()
    var probesInFlight = 0
    var probeCursor = 0
    /// Bluetooth devices beyond `maximumBluetoothDevices`.
    public internal(set) var bluetoothTurnedAwayCount: UInt64 = 0
    /// Whose address each is; of a link-local one on several links, whose it was last.
    public internal(set) var owners: HashTable<IPAddress, MACAddress> = HashTable()
    var claims: HashTable<IPAddress, AddressClaim> = HashTable()
    /// What became of addresses that two devices claimed.
    public internal(set) var claimCounters = AddressClaimCounters()
    var scans: ScanDetector
    var evidence = PacketEvidence()
    var localInventory = LocalInventory()
    /// Where each device's connections led.
    public internal(set) var flows = FlowTable()
    /// For which names devices were told addresses.
    public internal(set) var answeredNames = AnsweredNames()
    /// By what devices are named.
    public internal(set) var knowledge: KnowledgeBase

    /// An agent that knows nothing yet.
    public init(settings: AgentSettings, knowledge: KnowledgeBase) {
        self.settings = settings
        self.knowledge = knowledge
        scans = ScanDetector(
            destinations: settings.scanDestinations,
            withinMilliseconds: settings.scanWithinMilliseconds
        )
    }

    /// A frame said something of the device that sent it.
    public mutating func take(_ sighting: Sighting, interface: ByteString, now: AgentTime) -> [AgentAction] {
        guard !settings.ownAddresses.contains(sighting.device) else { return [] }
        let key = DeviceKey(sighting.device)
        var isChanged = registry[key] == nil
        var actions = admit(key, interface: interface, now: now)
        guard var device = registry[key] else { return actions }
        var claimActions: [AgentAction] = []
        if let address = sighting.address {
            // Where its addresses are asked for, and where other devices' may be link-local ones of the same number.
            device.interface = interface
            let taken = take(address, of: &device, now: now)
            if taken.isNew { isChanged = true }
            claimActions = taken.actions
        }
        let wasDistrusted = device.isDistrusted
        // Of the policy that holds it until now: the signals that part it from that are what is wrong.
        let before = device.policy.flatMap { name in bundle?.holder(of: name) }
        let response = before?.onContradiction ?? .keep
        for signal in sighting.signals
        where device.take(signal, knowledge: knowledge, now: now, response: response, &actions) { isChanged = true }
        if isChanged {
            device.isDirty = true
            actions += hold(&device)
        }
        registry[key] = device
        if device.isDistrusted, !wasDistrusted, let before, response == .quarantine, before.mode == .enforce {
            let seconds = before.onViolation.map { UInt64($0.forSeconds) } ?? Agent.contradictionQuarantineSeconds
            actions += quarantine(sighting.device, reason: "contradiction", seconds: seconds, now: now)
        }
        // Last: what is asked may be settled at once, and must not be undone by what the device was before.
        return actions + claimActions
    }

    /// How long a device whose signals contradict each other stays in quarantine, where its policy tells no time.
    static let contradictionQuarantineSeconds: UInt64 = 3600

    /// Makes sure that a device is in the registry, as far as there is room, and notes that it was seen.
    mutating func admit(_ key: DeviceKey, interface: ByteString, now: AgentTime) -> [AgentAction] {
        var actions: [AgentAction] = []
        let wallMilliseconds = now.wallMilliseconds
        if case .added(let evicted) = registry.admit(
            key,
            interface: interface,
            knowledge: knowledge,
            wallMilliseconds: wallMilliseconds
        ), let address = evicted?.macAddress {
            flows.forget(address)
            owners = owners.filter { $0.value != address }
            actions.append(.letGo(address))
        }
        registry[key]?.lastSeenMilliseconds = wallMilliseconds
        return actions
    }

    /// Signals of a device that has no hardware address of its own here.
    mutating func add(_ signals: [Signal], to key: DeviceKey) {
        guard var device = registry[key] else { return }
        for signal in signals where device.tracker.add(signal, knowledge: knowledge) { device.isDirty = true }
        registry[key] = device
    }

    /// A policy came into force: every device is held anew. The caller loads the ruleset.
    public mutating func adopt(_ bundle: PolicyBundle?) -> [EnforcedDevice] {
        self.bundle = bundle
        var held: [EnforcedDevice] = []
        for key in registry.devices.keys.ordered() {
            guard var device = registry[key], let address = key.macAddress else { continue }
            let name = bundle?.allowlist(for: device.facts(site: settings.site)).name
            if device.policy != name { device.isDirty = true }
            device.policy = name
            registry[key] = device
            held.append(EnforcedDevice(macAddress: address, addresses: device.sortedAddresses, policy: name))
        }
        return held
    }

    /// Chooses the allowlist of a device and tells enforcement of it.
    func hold(_ device: inout RegisteredDevice) -> [AgentAction] {
        guard let address = device.key.macAddress else { return [] }
        device.policy = bundle?.allowlist(for: device.facts(site: settings.site)).name
        return [
            .hold(
                EnforcedDevice(macAddress: address, addresses: device.sortedAddresses, policy: device.policy)
            )
        ]
    }

    /// Time passed: what was summed up is reported, quarantines end.
    public mutating func tick(now: AgentTime) -> [AgentAction] {
        var actions = endQuarantines(now: now) + settleClaims(now: now)
        for violation in ledger.drain() {
            actions.append(.report(violation.wasDropped ? .warning : .notice, .violation(violation)))
        }
        var reported = 0
        for key in registry.devices.keys.ordered() where registry.devices[key]?.isDirty == true {
            guard reported < Agent.maximumDeviceReportsPerTick, var device = registry[key] else { break }
            device.isDirty = false
            actions.append(.report(.notice, .device(DeviceReport(device))))
            registry[key] = device
            reported += 1
        }
        return actions
    }
}
