import NetworkTypes

/// Remembers what was reported lately, so that a device that sends a million frames is not reported a million times.
///
/// A table with one place per hash: a collision costs one more report, never a missing one.
struct RecentSightings: Sendable {
    /// Devices with their addresses; a power of two.
    static let addressPlaces = 1024
    /// Other repeated things; a power of two.
    static let keyPlaces = 1024
    /// After so long it is reported again, so that the registry sees that the device is still there.
    static let intervalNanoseconds: UInt64 = 60_000_000_000

    private struct Place: Sendable {
        var device: UInt64 = 0
        var high: UInt64 = 0
        var low: UInt64 = 0
        var time: UInt64 = 0
    }

    private var addresses = [Place](repeating: Place(), count: RecentSightings.addressPlaces)
    private var keys = [(key: UInt64, time: UInt64)](repeating: (0, 0), count: RecentSightings.keyPlaces)

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 29
        return mixed
    }

    /// A device and an address as they are stored: the tag keeps 0 free and tells the families apart.
    private static func tag(_ device: MACAddress, _ address: IPAddress?) -> UInt64 {
        device.rawValue | (address == nil ? 1 : address?.family == .v4 ? 4 : 6) << 56
    }

    private static func index(_ tag: UInt64, _ address: IPAddress?) -> Int {
        let mixed = mix(mix(tag) ^ (address?.high ?? 0) &+ mix(address?.low ?? 0))
        return Int(truncatingIfNeeded: mixed) & (addressPlaces - 1)
    }

    private static func isRecent(_ then: UInt64, _ now: UInt64) -> Bool {
        now >= then && now - then < intervalNanoseconds
    }

    /// Whether the device was seen with this address.
    func contains(_ device: MACAddress, _ address: IPAddress) -> Bool {
        let tag = RecentSightings.tag(device, address)
        let place = addresses[RecentSightings.index(tag, address)]
        return place.device == tag && place.high == address.high && place.low == address.low
    }

    /// Notes a device with its address; true if that is worth a report.
    mutating func note(_ device: MACAddress, _ address: IPAddress?, _ now: UInt64) -> Bool {
        let tag = RecentSightings.tag(device, address)
        let index = RecentSightings.index(tag, address)
        let high = address?.high ?? 0
        let low = address?.low ?? 0
        let place = addresses[index]
        if place.device == tag, place.high == high, place.low == low, RecentSightings.isRecent(place.time, now) {
            return false
        }
        addresses[index] = Place(device: tag, high: high, low: low, time: now)
        return true
    }

    /// The next time counts as the first.
    mutating func forget(_ device: MACAddress, _ address: IPAddress) {
        addresses[RecentSightings.index(RecentSightings.tag(device, address), address)] = Place()
    }

    /// Whether this was noted lately.
    func contains(key: UInt64, _ now: UInt64) -> Bool {
        let key = key | 1
        let place = keys[Int(truncatingIfNeeded: RecentSightings.mix(key)) & (RecentSightings.keyPlaces - 1)]
        return place.key == key && RecentSightings.isRecent(place.time, now)
    }

    /// Notes anything else by its hash; true if that is worth a report.
    mutating func note(key: UInt64, _ now: UInt64) -> Bool {
        let key = key | 1
        let index = Int(truncatingIfNeeded: RecentSightings.mix(key)) & (RecentSightings.keyPlaces - 1)
        if keys[index].key == key, RecentSightings.isRecent(keys[index].time, now) { return false }
        keys[index] = (key, now)
        return true
    }
}
