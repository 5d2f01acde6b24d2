public import NetworkTypes

/// The first packets that were refused of each device, and what they add up to: kept until the device is quiet, or ends in
/// quarantine and they are written to disk. There they are written once more when it has sent on.
public struct PacketEvidence: Sendable {
    /// Most devices of which something is kept; the one that was quiet longest makes room.
    public static let maximumDevices = 64
    /// Most packets of one device.
    public static let maximumPackets = 64
    /// Most bytes of one packet, from its IP header on.
    public static let maximumPacketBytes = 128
    /// Most targets that are counted of one device.
    public static let maximumTargets = 16
    /// What comes after so long a pause is another story.
    public static let pauseMilliseconds: UInt64 = 600_000

    /// How long packets of a device in quarantine are gathered after its first file.
    public static let sequelMilliseconds: UInt64 = 5000

    /// What was kept of a device.
    public struct Story: Hashable, Sendable {
        /// For people: how many, when, where to.
        public var summary: ByteString
        /// The packets as a file that tcpdump and Wireshark read.
        public var capture: [UInt8]
    }

    private struct Packet {
        var wallMilliseconds: UInt64
        var length: Int
        var bytes: [UInt8]
    }

    private struct Target: Hashable {
        var address: IPAddress
        var transport: TransportProtocol
        var port: UInt16
    }

    private struct Record {
        var first: AgentTime
        var last: AgentTime
        var count: UInt64 = 0
        var packets: [Packet] = []
        var targets: [(target: Target, count: UInt64)] = []
        /// Packets to targets beyond `maximumTargets`.
        var otherTargets: UInt64 = 0
        /// The file that was written when it went into quarantine; empty before that.
        var name = ByteString()
        /// When, monotonic milliseconds.
        var namedMilliseconds: UInt64 = 0
    }

    private var records: HashTable<MACAddress, Record> = HashTable()

    /// Nothing yet.
    public init() {}

    /// Keeps a refused packet; `bytes` are its copy from the log, from the IP header on, `length` how long it was.
    mutating func keep(_ packet: DroppedPacket, bytes: [UInt8], length: Int, now: AgentTime) {
        var record = records[packet.device] ?? Record(first: now, last: now)
        if now.monotonicMilliseconds > record.last.monotonicMilliseconds + PacketEvidence.pauseMilliseconds {
            record = Record(first: now, last: now)
        }
        record.last = now
        record.count += 1
        if record.packets.count < PacketEvidence.maximumPackets, !bytes.isEmpty {
            let kept = Array(bytes.prefix(PacketEvidence.maximumPacketBytes))
            record.packets.append(
                Packet(wallMilliseconds: now.wallMilliseconds, length: Swift.max(length, kept.count), bytes: kept)
            )
        }
        let target = Target(address: packet.destination, transport: packet.transport, port: packet.port)
        if let index = record.targets.firstIndex(where: { $0.target == target }) {
            record.targets[index].count += 1
        } else if record.targets.count < PacketEvidence.maximumTargets {
            record.targets.append((target, 1))
        } else {
            record.otherTargets += 1
        }
        makeRoom(for: packet.device)
        records[packet.device] = record
    }

    /// What was kept of a device that goes into quarantine, to be written under `name`; nil where nothing was.
    mutating func tell(_ device: MACAddress, name: ByteString, now: AgentTime) -> Story? {
        guard var record = records[device] else { return nil }
        record.name = name
        record.namedMilliseconds = now.monotonicMilliseconds
        records[device] = record
        return Story(summary: PacketEvidence.summary(record), capture: PacketEvidence.capture(record.packets))
    }

    /// What a device in quarantine sent on, once there are 64 packets or some seconds have gone: the same file, longer. What
    /// was kept is then forgotten.
    mutating func sequel(of device: MACAddress, now: AgentTime) -> (name: ByteString, capture: [UInt8])? {
        guard let record = records[device], !record.name.isEmpty,
            record.packets.count >= PacketEvidence.maximumPackets
                || now.monotonicMilliseconds >= record.namedMilliseconds + PacketEvidence.sequelMilliseconds
        else { return nil }
        records.removeValue(forKey: device)
        return (record.name, PacketEvidence.capture(record.packets))
    }

    /// Nothing more is gathered of a device that was let out.
    mutating func forget(_ device: MACAddress) { records.removeValue(forKey: device) }

    private mutating func makeRoom(for device: MACAddress) {
        guard records[device] == nil, records.count >= PacketEvidence.maximumDevices,
            let quietest = records.min(by: {
                ($0.value.last.monotonicMilliseconds, $0.key) < ($1.value.last.monotonicMilliseconds, $1.key)
            })
        else { return }
        records.removeValue(forKey: quietest.key)
    }

    /// `214 refused packets in 2100 ms to 192.0.2.7 tcp 23 (40), … and others (12)`
    private static func summary(_ record: Record) -> ByteString {
        var text: ByteString = """
            \(record.count) logged packets in \
            \(record.last.monotonicMilliseconds - record.first.monotonicMilliseconds) ms to
            """
        for (index, entry) in record.targets.enumerated() {
            let target = entry.target
            text.append(index == 0 ? " " : ", ")
            text.append(
                "\(target.address.byteString) \(target.transport.byteString) \(UInt64(target.port)) (\(entry.count))"
            )
        }
        if record.otherTargets > 0 { text.append(" and others (\(record.otherTargets))") }
        return text
    }

    /// A capture file of raw IP packets: magic number with microseconds, version 2.4, link type 101 LINKTYPE_RAW
    /// (draft-ietf-opsawg-pcap, tcpdump.org's link types), little-endian.
    private static func capture(_ packets: [Packet]) -> [UInt8] {
        var file: [UInt8] = []
        func append(_ value: UInt32) {
            for shift in [0, 8, 16, 24] as [UInt32] { file.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        append(0xA1B2_C3D4)
        append(4 << 16 | 2)
        append(0)
        append(0)
        append(UInt32(maximumPacketBytes))
        append(101)
        for packet in packets {
            append(UInt32(truncatingIfNeeded: packet.wallMilliseconds / 1000))
            append(UInt32(packet.wallMilliseconds % 1000 * 1000))
            append(UInt32(packet.bytes.count))
            append(UInt32(truncatingIfNeeded: packet.length))
            file += packet.bytes
        }
        return file
    }
}
