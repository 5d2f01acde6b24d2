import Fingerprinting
import NetworkTypes

/// The devices on local buses that can do something to the gateway itself (`LocalFunctions`), as far as they are taken
/// for known: what was there at start-up, what an earlier run knew, and what came since and was let be.
///
/// Beside the registry, which a flood of invented network devices can fill.
struct LocalInventory {
    /// Most devices; one more takes the place of the oldest.
    static let limit = 1024

    /// Whether the gateway's devices were looked at once: what is there then is the inventory.
    var isTaken = false
    private var keys: [DeviceKey] = []
    private var functions: [LocalFunctions] = []
    /// Devices that were judged and not let be, while they are plugged in.
    private var refused: [DeviceKey] = []

    /// What a device can do that it could not when it was last seen.
    func news(_ device: LocalDevice) -> LocalFunctions {
        guard device.isAuthorised, !refused.contains(device.key) else { return LocalFunctions() }
        guard let index = keys.firstIndex(of: device.key) else { return device.functions }
        return device.functions.subtracting(functions[index])
    }

    /// Whether a device was known at all.
    func contains(_ key: DeviceKey) -> Bool { keys.contains(key) }

    /// Takes a device for known.
    mutating func admit(_ key: DeviceKey, _ added: LocalFunctions) {
        guard !added.isEmpty else { return }
        if let index = keys.firstIndex(of: key) {
            functions[index].formUnion(added)
            return
        }
        if keys.count == LocalInventory.limit {
            keys.removeFirst()
            functions.removeFirst()
        }
        keys.append(key)
        functions.append(added)
    }

    /// Leaves a device alone until it is pulled out: it was judged, and whoever authorises it now does it on purpose.
    mutating func refuse(_ key: DeviceKey) { refused.append(key) }

    /// Those that are not plugged in any more are judged again when they come back.
    mutating func forgetAbsent(_ present: [LocalDevice]) {
        var kept: [DeviceKey] = []
        for key in refused {
            for device in present where device.key == key { kept.append(key) }
        }
        refused = kept
    }
}
