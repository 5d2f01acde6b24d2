import Fingerprinting
public import NetworkTypes

/// Every device the gateway knows, within a limit that a flood of invented addresses cannot move (DESIGN §4).
public struct DeviceRegistry: Sendable {
    /// Most devices.
    public static let maximumDevices = 1024
    /// A device that was known so long is never evicted for a newcomer.
    public static let establishedAfterMilliseconds: UInt64 = 60_000

    /// The devices.
    public private(set) var devices: HashTable<DeviceKey, RegisteredDevice> = HashTable()
    /// Newcomers that found the registry full of established devices.
    public private(set) var turnedAwayCount: UInt64 = 0
    /// Devices that made room for newcomers.
    public private(set) var evictedCount: UInt64 = 0

    /// Addresses that newer ones of the same device pushed out (`RegisteredDevice.maximumAddresses`), of all devices known.
    public var addressesTurnedAwayCount: UInt64 { devices.values.reduce(0) { $0 + $1.addressesTurnedAway } }

    /// No devices.
    public init() {}

    /// The device of a key.
    public subscript(key: DeviceKey) -> RegisteredDevice? {
        get { devices[key] }
        set { devices[key] = newValue }
    }

    /// What `admit` did.
    enum Admission {
        case known
        case added(evicted: DeviceKey?)
        case turnedAway
    }

    /// Makes sure that a device is in the registry.
    ///
    /// When it is full, the newcomer takes the place of a device that has no evidence but its address and is not yet
    /// established; where there is none, it is turned away and counted.
    mutating func admit(
        _ key: DeviceKey,
        interface: ByteString,
        knowledge: KnowledgeBase,
        wallMilliseconds: UInt64
    ) -> Admission {
        if devices[key] != nil { return .known }
        var evicted: DeviceKey?
        if devices.count >= DeviceRegistry.maximumDevices {
            guard let victim = leastKnown(wallMilliseconds: wallMilliseconds) else {
                turnedAwayCount += 1
                return .turnedAway
            }
            devices.removeValue(forKey: victim)
            evictedCount += 1
            evicted = victim
        }
        devices[key] = RegisteredDevice(
            key: key,
            interface: interface,
            tracker: IdentityTracker(device: key, knowledge: knowledge),
            wallMilliseconds: wallMilliseconds
        )
        return .added(evicted: evicted)
    }

    private func leastKnown(wallMilliseconds: UInt64) -> DeviceKey? {
        var victim: RegisteredDevice?
        for device in devices.values {
            guard device.tracker.identity.evidence.count <= 1, device.quarantinedUntilMilliseconds == nil,
                device.firstSeenMilliseconds + DeviceRegistry.establishedAfterMilliseconds > wallMilliseconds
            else { continue }
            if let held = victim, held.lastSeenMilliseconds <= device.lastSeenMilliseconds { continue }
            victim = device
        }
        return victim?.key
    }
}
