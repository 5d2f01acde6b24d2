import Fingerprinting
import NetworkTypes

/// The devices on local buses that can do something to the gateway itself (`LocalFunctions`), as far as they are taken
/// for known: what was there at start-up, what an earlier run knew, and what came since and was let be.
///
/// Beside the registry, which a flood of invented network devices can fill.
struct LocalInventory {
    /// Most devices; those beyond it are never taken for known.
    static let limit = 1024

    /// Whether the gateway's devices were looked at once: what is there then is the inventory.
    var isTaken = false
    private var keys: [DeviceKey] = []
    /// Of each: `LocalFunctions` that are known, and `refused` while a device that was judged and not let be is plugged in.
    private var states: [UInt8] = []
    private static let refused: UInt8 = 0x80

    /// What a device can do that it could not when it was last seen.
    func news(_ device: LocalDevice) -> LocalFunctions {
        guard device.isAuthorised else { return LocalFunctions() }
        guard let index = keys.firstIndex(of: device.key) else { return device.functions }
        guard states[index] & LocalInventory.refused == 0 else { return LocalFunctions() }
        return LocalFunctions(rawValue: device.functions.rawValue & ~states[index])
    }

    /// Whether a device was known at all.
    func contains(_ key: DeviceKey) -> Bool {
        guard let index = keys.firstIndex(of: key) else { return false }
        return states[index] & ~LocalInventory.refused != 0
    }

    /// Takes a device for known.
    mutating func admit(_ key: DeviceKey, _ added: LocalFunctions) { add(key, added.rawValue) }

    /// Leaves a device alone until it is pulled out: it was judged, and whoever authorises it now does it on purpose.
    mutating func refuse(_ key: DeviceKey) { add(key, LocalInventory.refused) }

    private mutating func add(_ key: DeviceKey, _ state: UInt8) {
        if let index = keys.firstIndex(of: key) {
            states[index] |= state
        } else if state != 0, keys.count < LocalInventory.limit {
            keys.append(key)
            states.append(state)
        }
    }

    /// Those that are not plugged in any more are judged again when they come back.
    mutating func forgetAbsent(_ present: [LocalDevice]) {
        for index in keys.indices where states[index] & LocalInventory.refused != 0 {
            if !present.contains(where: { $0.key == keys[index] }) { states[index] &= ~LocalInventory.refused }
        }
    }
}
