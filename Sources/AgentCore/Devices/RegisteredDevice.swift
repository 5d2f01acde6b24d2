public import Fingerprinting
public import NetworkTypes
import Policy
import WireProtocol

/// A device as the gateway knows it.
public struct RegisteredDevice: Sendable {
    /// Most addresses remembered; the one that was silent longest makes room.
    public static let maximumAddresses = 64

    /// What lasts about it.
    public let key: DeviceKey
    /// The interface it was seen on with an address last; empty for local buses.
    public internal(set) var interface: ByteString
    /// When each address was last proved to be its own.
    public internal(set) var addresses: HashTable<IPAddress, UInt64> = HashTable()
    /// What is held to be true of it.
    public internal(set) var tracker: IdentityTracker
    /// Wall clock, milliseconds since 1970.
    public internal(set) var firstSeenMilliseconds: UInt64
    /// Wall clock, milliseconds since 1970.
    public internal(set) var lastSeenMilliseconds: UInt64
    /// The allowlist that holds it; nil before a policy is in force, and for local buses.
    public internal(set) var policy: ByteString?
    /// Monotonic milliseconds until which it is in quarantine; nil where it is not.
    public internal(set) var quarantinedUntilMilliseconds: UInt64?
    /// How often it was put into quarantine, each time less than `Agent.returnMilliseconds` after the last.
    public internal(set) var quarantineCount: UInt64 = 0
    /// When it was put there last, wall clock, milliseconds since 1970; 0 for never.
    public internal(set) var quarantinedAtMilliseconds: UInt64 = 0
    /// For how long.
    var lastQuarantineMilliseconds: UInt64 = 0
    /// Monotonic milliseconds until which no flood is reported of it.
    var floodQuietUntilMilliseconds: UInt64 = 0
    /// Whether it was de-authorised on its local bus when it last was plugged in.
    public internal(set) var isDeauthorised = false
    /// Whether the collector has not been told of the present state.
    public internal(set) var isDirty = true
    /// What it was asked.
    public internal(set) var probes = ProbeState()
    /// What it was held to be before, oldest first, each an encoded `IdentityChangeReport`; at most
    /// `DeviceReport.maximumHistoryCount`.
    public internal(set) var history: [ByteString] = []
    /// Its class when that was settled last, and whether it had a desktop's system then; doubt that comes after that takes
    /// nothing from it.
    var settled = DeviceClass.unknown
    var isSettledOnDesktop = false
    /// Monotonic milliseconds until which no contradiction is reported of it.
    var quietUntilMilliseconds: UInt64 = 0
    /// Whether its signals said that it is another device, under a policy that wants none of such, and no operator has let it
    /// go since.
    public internal(set) var isDistrusted = false
    /// Forged packets within a while, and when that began (monotonic milliseconds).
    var forgedCount = 0
    var forgedSinceMilliseconds: UInt64 = 0
    /// Claims to addresses that others have, since that was told last, and until when (monotonic milliseconds) it is not.
    var refusedClaims: UInt64 = 0
    var claimQuietUntilMilliseconds: UInt64 = 0
    /// Addresses that were pushed out by newer ones.
    public internal(set) var addressesTurnedAway: UInt64 = 0

    /// A device that was seen for the first time.
    init(key: DeviceKey, interface: ByteString, tracker: IdentityTracker, wallMilliseconds: UInt64) {
        self.key = key
        self.interface = interface
        self.tracker = tracker
        firstSeenMilliseconds = wallMilliseconds
        lastSeenMilliseconds = wallMilliseconds
    }

    /// Its addresses in order.
    public var sortedAddresses: [IPAddress] { addresses.keys.ordered() }

    /// What a policy is matched against.
    func facts(site: ByteString) -> DeviceFacts {
        let identity = tracker.identity
        var facts = DeviceFacts(key: key.byteString)
        facts.deviceClass = identity.deviceClass
        facts.vendor = identity.vendor ?? ""
        facts.model = identity.model ?? ""
        facts.classConfidence = identity.classConfidence
        facts.vendorConfidence = identity.vendorConfidence
        facts.modelConfidence = identity.modelConfidence
        facts.site = site
        facts.isDistrusted = isDistrusted
        return facts
    }

    /// Takes an address that is its own; the one that had to make room, if any.
    mutating func prove(_ address: IPAddress, wallMilliseconds: UInt64) -> IPAddress? {
        guard addresses.updateValue(wallMilliseconds, forKey: address) == nil,
            addresses.count > RegisteredDevice.maximumAddresses,
            let oldest = addresses.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
        else { return nil }
        addresses.removeValue(forKey: oldest.key)
        addressesTurnedAway += 1
        return oldest.key
    }
}
