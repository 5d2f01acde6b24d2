public import NetworkTypes

/// Notices devices that look for others: many addresses refused in a short time, many ports of one address, or Mirai's own
/// mark.
///
/// Mirai's scanner (mirai/bot/scanner.c, published 2016) sets a SYN's sequence number to the destination address, and
/// asks port 23, each tenth time 2323. An honest stack draws sequence numbers at random (RFC 9293 §3.4.1), so two
/// SYN packets in a row with that mark are enough.
public struct ScanDetector: Sendable {
    /// Most devices watched at a time; the one that was quiet longest makes room.
    public static let maximumDevices = 256
    /// Most different destinations remembered of one device.
    public static let maximumDestinations = 64
    /// SYN packets with Mirai's mark that make a scan.
    public static let markedPackets = 2

    /// Something that looks for others.
    public struct Scan: Hashable, Sendable {
        /// For people.
        public var summary: ByteString
        /// Packets seen.
        public var count: UInt64
    }

    private struct Watch {
        var startMilliseconds: UInt64
        var lastMilliseconds: UInt64
        var destinations: [IPAddress] = []
        var ports: [UInt16] = []
        /// The address that was tried last, and its ports that were tried one after the other.
        var portsAddress: IPAddress?
        var portsOfAddress: [UInt16] = []
        var packets: UInt64 = 0
        var marked = 0
    }

    /// So many different destinations, or ports of one of them,
    public var destinations: Int
    /// within so long make a scan.
    public var withinMilliseconds: UInt64
    private var watches: HashTable<MACAddress, Watch> = HashTable()
    /// Devices that made room for others.
    public private(set) var evictedCount: UInt64 = 0

    /// A detector; at most `maximumDestinations` are told apart.
    public init(destinations: Int = 16, withinMilliseconds: UInt64 = 10_000) {
        self.destinations = Swift.max(2, Swift.min(destinations, ScanDetector.maximumDestinations))
        self.withinMilliseconds = withinMilliseconds
    }

    /// Takes a packet that was refused; a scan, when it completes one. Counts anew afterwards.
    public mutating func take(_ packet: DroppedPacket, monotonicMilliseconds now: UInt64) -> Scan? {
        guard packet.prefix.reason != .inbound, packet.prefix.reason != .withdrawn,
            packet.prefix.reason != .serverName
        else { return nil }
        var watch = watches[packet.device] ?? Watch(startMilliseconds: now, lastMilliseconds: now)
        if now > watch.startMilliseconds + withinMilliseconds {
            watch = Watch(startMilliseconds: now, lastMilliseconds: now)
        }
        watch.lastMilliseconds = now
        watch.packets += 1
        if !watch.destinations.contains(packet.destination),
            watch.destinations.count < ScanDetector.maximumDestinations
        {
            watch.destinations.append(packet.destination)
        }
        if !watch.ports.contains(packet.port), watch.ports.count < 8 { watch.ports.append(packet.port) }
        if watch.portsAddress != packet.destination {
            watch.portsAddress = packet.destination
            watch.portsOfAddress.removeAll(keepingCapacity: true)
        }
        // A port of an address counts where the packet begins something: answers to a device come from one port to many.
        if packet.transport == .udp || packet.synSequenceNumber != nil, !watch.portsOfAddress.contains(packet.port) {
            watch.portsOfAddress.append(packet.port)
        }
        if let sequence = packet.synSequenceNumber, packet.destination.family == .v4,
            UInt64(sequence) == packet.destination.low
        {
            watch.marked += 1
        }
        if watch.marked >= ScanDetector.markedPackets || watch.destinations.count >= destinations
            || watch.portsOfAddress.count >= destinations
        {
            watches.removeValue(forKey: packet.device)
            return Scan(summary: summary(of: watch, now), count: watch.packets)
        }
        makeRoom(for: packet.device)
        watches[packet.device] = watch
        return nil
    }

    /// Forgets what was seen of a device.
    public mutating func forget(_ device: MACAddress) { watches.removeValue(forKey: device) }

    private mutating func makeRoom(for device: MACAddress) {
        guard watches[device] == nil, watches.count >= ScanDetector.maximumDevices,
            let quietest = watches.min(by: { ($0.value.lastMilliseconds, $0.key) < ($1.value.lastMilliseconds, $1.key) }
            )
        else { return }
        watches.removeValue(forKey: quietest.key)
        evictedCount += 1
    }

    private func summary(of watch: Watch, _ now: UInt64) -> ByteString {
        var text: ByteString = """
            \(watch.packets) refused packets to \(watch.destinations.count)\
            \(watch.destinations.count == 1 ? " address" : " addresses")
            """
        text.append(watch.ports.count == 1 ? " on port " : " on ports ")
        for (index, port) in watch.ports.ordered().enumerated() {
            if index > 0 { text.append(", ") }
            text.append(decimal: port)
        }
        text.append(" within ")
        text.append(decimal: now - watch.startMilliseconds)
        text.append(" ms")
        if watch.marked > 0 { text.append("; sequence number equals destination address (Mirai)") }
        return text
    }
}
