public import NetworkTypes
public import WireProtocol

/// Sums violations up, so that a device that tries a thousand times a second makes one report a second.
public struct ViolationLedger: Sendable {
    /// Most sums open at a time; further ones are counted in `overflowCount` and reach the collector in health reports.
    public static let maximumOpen = 512

    private struct Key: Hashable {
        var device: MACAddress
        var destination: IPAddress
        var transport: UInt8
        var port: UInt16
        var reason: UInt8
        var wasDropped: Bool
        /// Where that is the reason.
        var serverName: ByteString
    }

    private struct Window {
        var startMilliseconds: UInt64
        var count: UInt32
    }

    private var open: HashTable<Key, ViolationReport> = HashTable()
    private var order: [Key] = []
    private var windows: HashTable<MACAddress, Window> = HashTable()
    /// Packets that found no room for their sum.
    public private(set) var overflowCount: UInt64 = 0
    /// Packets counted since the start.
    public private(set) var packetCount: UInt64 = 0

    /// An empty ledger.
    public init() {}

    /// Counts a packet.
    public mutating func add(_ packet: DroppedPacket, wallMilliseconds: UInt64) {
        packetCount += 1
        let key = Key(
            device: packet.device,
            destination: packet.destination,
            transport: packet.transport.rawValue,
            port: packet.port,
            reason: packet.prefix.reason.rawValue,
            wasDropped: packet.prefix.wasDropped,
            serverName: packet.prefix.reason == .serverName ? packet.destinationName : ""
        )
        if open[key] != nil {
            open[key]?.count += 1
            open[key]?.lastMilliseconds = wallMilliseconds
            return
        }
        guard open.count < ViolationLedger.maximumOpen else {
            overflowCount += 1
            return
        }
        var report = ViolationReport()
        report.device = DeviceKey(packet.device).byteString
        report.destination = packet.destination
        report.destinationName = packet.destinationName
        report.transport = UInt64(packet.transport.rawValue)
        report.port = UInt64(packet.port)
        report.policy = packet.prefix.policy
        report.reason = packet.prefix.reason.name
        report.wasDropped = packet.prefix.wasDropped
        report.count = 1
        report.firstMilliseconds = wallMilliseconds
        report.lastMilliseconds = wallMilliseconds
        open[key] = report
        order.append(key)
    }

    /// The sums so far, in the order of their first packets; the ledger is empty afterwards.
    public mutating func drain() -> [ViolationReport] {
        let reports = order.compactMap { open[$0] }
        open.removeAll()
        order.removeAll(keepingCapacity: true)
        return reports
    }

    /// Counts a violation against the limit of a policy; true when the limit is reached, after which it counts anew.
    public mutating func exceeds(
        _ limit: UInt32,
        withinSeconds: UInt32,
        device: MACAddress,
        monotonicMilliseconds: UInt64
    ) -> Bool {
        var window = windows[device] ?? Window(startMilliseconds: monotonicMilliseconds, count: 0)
        if monotonicMilliseconds > window.startMilliseconds + UInt64(withinSeconds) * 1000 {
            window = Window(startMilliseconds: monotonicMilliseconds, count: 0)
        }
        window.count += 1
        if window.count >= limit {
            windows.removeValue(forKey: device)
            return true
        }
        if windows.count < DeviceRegistry.maximumDevices || windows[device] != nil { windows[device] = window }
        return false
    }
}
