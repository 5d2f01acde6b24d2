import NetworkTypes
import PacketParsing

/// Notices devices that carry data in the names they ask for (DESIGN §8).
///
/// A tunnel needs a new name for each piece, all below one domain, and packs as much into a name as it can: iodine in base32,
/// base64 or raw bytes, asked as NULL where that passes (doc/proto_00000502.txt of iodine 0.7), dnscat2 in hexadecimal, asked
/// as TXT, CNAME and MX once a second (doc/protocol.md of dnscat2). Honest names are words and numbers, asked for again and
/// again. So different names are counted, per device and parent, for a minute. What goes out slower than that, as few names
/// an hour, is not noticed.
struct DNSTunnelDetector: Sendable {
    /// What a question is part of.
    enum Verdict: Sendable {
        /// Nothing of note.
        case none
        /// A tunnel, noticed now: once an hour for one device and parent.
        case noticed(DNSTunnel)
        /// One that was noticed within the hour.
        case known
    }

    private struct Watch: Sendable {
        var device: MACAddress
        /// Which names were seen, as bits: one that falls on another is not counted.
        var seen = [UInt64](repeating: 0, count: DNSLimits.tunnelBits / 64)
        var startMilliseconds: UInt64
        var lastMilliseconds: UInt64
        var reportedMilliseconds: UInt64?
        var names: UInt64 = 0
        var encoded: UInt64 = 0
        var encodedBytes: UInt64 = 0
        var bytes: UInt64 = 0
        var carriers: UInt64 = 0
        var nulls: UInt64 = 0
    }

    private let hash: SipHash
    /// Of device and parent, in the order of `watches`.
    private var keys: [UInt64] = []
    private var watches: [Watch] = []
    /// Parents that made room for others.
    private(set) var evictedCount: UInt64 = 0
    /// Tunnels noticed.
    private(set) var noticedCount: UInt64 = 0

    /// `entropy` is random: nobody can choose names that are taken for one another.
    init(entropy: UInt64) { hash = SipHash(key: (entropy, ~entropy)) }

    /// A question of a device.
    mutating func take(
        _ name: DNSName,
        _ type: DNSRecordType,
        device: MACAddress,
        nowMilliseconds now: UInt64
    ) -> Verdict {
        var wire = name.wireBytes
        for index in wire.indices where (0x41...0x5A).contains(wire[index]) { wire[index] |= 0x20 }
        guard let start = DNSTunnelDetector.parentStart(wire), !DNSTunnelDetector.isReverse(wire) else { return .none }
        let parent = hash.hash(wire.span, start..<wire.count) ^ DNSProxy.mixed(device.rawValue)
        let place = place(of: parent, device, now)
        if now >= watches[place].startMilliseconds + DNSLimits.tunnelWindowMilliseconds {
            let reported = watches[place].reportedMilliseconds
            watches[place] = Watch(device: device, startMilliseconds: now, lastMilliseconds: now)
            watches[place].reportedMilliseconds = reported
        }
        watches[place].lastMilliseconds = now
        count(wire, start, type, &watches[place])
        if let reported = watches[place].reportedMilliseconds {
            if now < reported + DNSLimits.tunnelReportMilliseconds { return .known }
            watches[place].reportedMilliseconds = nil
        }
        guard DNSTunnelDetector.isTunnel(watches[place]) else { return .none }
        watches[place].reportedMilliseconds = now
        noticedCount += 1
        let watch = watches[place]
        return .noticed(
            DNSTunnel(
                parent: DNSTunnelDetector.shown(name.suffix(from: start)),
                example: DNSTunnelDetector.shown(name),
                names: watch.names,
                encoded: watch.encoded,
                bytes: watch.bytes,
                milliseconds: now - watch.startMilliseconds
            )
        )
    }

    /// The beginning of a name, for people, in lower case: iodine's may hold any bytes.
    private static func shown(_ name: DNSName) -> ByteString {
        let bytes = name.byteString.bytes.prefix(DNSLimits.tunnelExampleBytes)
        return ByteString(
            bytes.map { (byte: UInt8) -> UInt8 in
                guard byte > 0x20, byte < 0x7F else { return 0x3F }
                return (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            }
        )
    }

    private static func isTunnel(_ watch: Watch) -> Bool {
        watch.encodedBytes >= DNSLimits.tunnelEncodedBytes || watch.encoded >= DNSLimits.tunnelEncodedNames
            || watch.carriers >= DNSLimits.tunnelCarrierNames && 2 * watch.encoded >= watch.names
            || watch.nulls >= DNSLimits.tunnelNullNames || watch.names >= DNSLimits.tunnelNames
    }

    private func count(_ wire: [UInt8], _ start: Int, _ type: DNSRecordType, _ watch: inout Watch) {
        let bit = Int(hash.hash(wire.span, 0..<start) % UInt64(DNSLimits.tunnelBits))
        guard watch.seen[bit / 64] & 1 << UInt64(bit % 64) == 0 else { return }
        watch.seen[bit / 64] |= 1 << UInt64(bit % 64)
        watch.names += 1
        watch.bytes += UInt64(start)
        if DNSTunnelDetector.isEncoded(wire, start) {
            watch.encoded += 1
            watch.encodedBytes += UInt64(start)
        }
        switch type.rawValue {
        // NULL (RFC 1035 §3.3.10) is for experiments; of the numbers for private use iodine takes 65399.
        case 10, 65_280...65_534: watch.nulls += 1
        // CNAME, MX, TXT, KEY, SRV, ANY: what has room for data in its answer.
        case 5, 15, 16, 25, 33, 255: watch.carriers += 1
        default: break
        }
    }

    /// The watch over a parent; makes one where there is none, in the place of the one that was quiet longest, of the
    /// device's own where it has many.
    private mutating func place(of key: UInt64, _ device: MACAddress, _ now: UInt64) -> Int {
        for index in keys.indices where keys[index] == key { return index }
        let watch = Watch(device: device, startMilliseconds: now, lastMilliseconds: now)
        let own = watches.count { $0.device == device }
        let isCrowded = own >= DNSLimits.tunnelParentsPerDevice
        guard isCrowded || watches.count >= DNSLimits.tunnelParents else {
            keys.append(key)
            watches.append(watch)
            return keys.count - 1
        }
        var quietest: Int?
        for index in watches.indices where !isCrowded || watches[index].device == device {
            if let other = quietest, watches[other].lastMilliseconds <= watches[index].lastMilliseconds { continue }
            quietest = index
        }
        let place = quietest ?? 0
        evictedCount += 1
        keys[place] = key
        watches[place] = watch
        return place
    }

    /// Where the name begins that somebody may have registered, of the name in wire form: its last two labels, or three
    /// where the last is a country and the second is one of those under which all countries register. nil where nothing
    /// stands before it.
    static func parentStart(_ wire: [UInt8]) -> Int? {
        var (third, second, first, index) = (-1, -1, -1, 0)
        while wire[index] != 0 {
            (third, second, first) = (second, first, index)
            index += 1 + Int(wire[index])
        }
        guard second > 0 else { return nil }
        let label = Array(wire[(second + 1)..<first])
        let isShared = wire[first] == 2 && registries.contains { $0.bytes == label }
        let start = isShared ? third : second
        return start > 0 ? start : nil
    }

    private static let registries: [ByteString] = [
        "ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org",
    ]

    /// Whether it is the name of an address (RFC 1035 §3.5, RFC 3596 §2.5): there are as many as there are addresses.
    static func isReverse(_ wire: [UInt8]) -> Bool {
        // Most names end otherwise, and cost nothing more.
        guard wire.count > 6, wire[wire.count - 6] == 4, wire[wire.count - 2] == 0x61 else { return false }
        for (label, length) in [("in-addr", 3), ("ip6", 1)] as [(ByteString, UInt8)] {
            guard let zone = DNSName(labels: [label, "arpa"])?.wireBytes, wire.count >= zone.count else { continue }
            let end = wire.count - zone.count
            guard Array(wire[end...]) == zone else { continue }
            var index = 0
            while index < end {
                guard wire[index] <= length else { return false }
                for offset in (index + 1)...(index + Int(wire[index])) {
                    let byte = wire[offset]
                    guard (0x30...0x39).contains(byte) || length == 1 && (0x61...0x66).contains(byte) else {
                        return false
                    }
                }
                index += 1 + Int(wire[index])
            }
            return index == end
        }
        return false
    }

    /// Whether the labels before `end` look like data rather than words: where letters and digits take turns (hexadecimal,
    /// base32, base64), bytes stand that no host's name has, or all characters come about equally often. In 1000 pairs of
    /// characters of English text some 66 are equal, of base32 31 (W. Friedman, "The index of coincidence", 1922).
    static func isEncoded(_ wire: [UInt8], _ end: Int) -> Bool {
        var (count, turns, odd, index) = (0, 0, 0, 0)
        var tally = [Int](repeating: 0, count: 36)
        while index < end {
            var before = 0
            for offset in (index + 1)..<(index + 1 + Int(wire[index])) {
                let byte = wire[offset]
                let now: Int
                switch byte {
                case 0x61...0x7A:
                    now = 1
                    tally[Int(byte) - 0x61] += 1
                case 0x30...0x39:
                    now = 2
                    tally[Int(byte) - 0x30 + 26] += 1
                case 0x2D, 0x5F: now = 0
                default:
                    now = 0
                    odd += 1
                }
                if now > 0 { count += 1 }
                if now > 0, before > 0, now != before { turns += 1 }
                before = now
            }
            index += 1 + Int(wire[index])
        }
        guard count + odd >= DNSLimits.tunnelEncodedLength else { return false }
        if odd * 8 >= count + odd || turns * 4 >= count { return true }
        let equal = tally.reduce(0) { $0 + $1 * ($1 - 1) }
        return count >= 2 * DNSLimits.tunnelEncodedLength && equal * 1000 < 45 * count * (count - 1)
    }
}
