public import NetworkTypes

/// Which destinations each device talked to: the ground that `gatehousectl policy learn` and `plan` stand on.
///
/// Bounded for each device and in all; what was seen longest ago goes first, and is counted. A device that tries a thousand
/// destinations pushes out its own, not those of others.
public struct FlowTable: Sendable {
    /// Most flows of all devices.
    public static let maximumFlows = 4096
    /// Most flows of one device.
    public static let maximumFlowsPerDevice = 128

    /// The flows.
    public internal(set) var flows: HashTable<FlowKey, FlowRecord> = HashTable()
    /// Where the next report begins.
    var reportCursor = 0
    private var counts: HashTable<MACAddress, Int> = HashTable()
    /// Flows that made room for others.
    public private(set) var evictedCount: UInt64 = 0
    /// Rises with every change.
    public private(set) var revision: UInt64 = 0

    /// No flows.
    public init() {}

    /// Counts a connection that was opened, or where `isNew` is false notes that one is open.
    public mutating func note(_ key: FlowKey, address: IPAddress, isNew: Bool, wallMilliseconds: UInt64) {
        revision += 1
        if var record = flows[key] {
            if isNew { record.count += 1 }
            record.lastMilliseconds = Swift.max(record.lastMilliseconds, wallMilliseconds)
            // A clock that was wrong at first.
            record.firstMilliseconds = Swift.min(record.firstMilliseconds, wallMilliseconds)
            record.address = address
            flows[key] = record
            return
        }
        insert(
            key,
            FlowRecord(
                count: 1,
                firstMilliseconds: wallMilliseconds,
                lastMilliseconds: wallMilliseconds,
                address: address
            )
        )
    }

    /// Puts back what an earlier run had recorded.
    mutating func restore(_ key: FlowKey, _ record: FlowRecord) {
        guard flows[key] == nil else { return }
        insert(key, record)
    }

    /// A device is no longer known: nor is where it went.
    mutating func forget(_ device: MACAddress) {
        guard counts.removeValue(forKey: device) != nil else { return }
        revision += 1
        for key in flows.keys where key.device == device { flows.removeValue(forKey: key) }
    }

    private mutating func insert(_ key: FlowKey, _ record: FlowRecord) {
        if counts[key.device, default: 0] >= FlowTable.maximumFlowsPerDevice { evict(of: key.device) }
        if flows.count >= FlowTable.maximumFlows { evict(of: nil) }
        flows[key] = record
        counts[key.device, default: 0] += 1
    }

    private mutating func evict(of device: MACAddress?) {
        var victim = -1
        for (index, key) in flows.keys.enumerated() where device == nil || key.device == device {
            guard victim < 0 || flows.values[index].lastMilliseconds < flows.values[victim].lastMilliseconds else {
                continue
            }
            victim = index
        }
        guard victim >= 0 else { return }
        let key = flows.keys[victim]
        flows.removeValue(forKey: key)
        let left = counts[key.device, default: 1] - 1
        counts[key.device] = left == 0 ? nil : left
        evictedCount += 1
    }
}
