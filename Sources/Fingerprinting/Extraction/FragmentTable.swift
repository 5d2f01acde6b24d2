import NetworkTypes
import PacketParsing

/// UDP datagrams that came in fragments (RFC 791 §3.2, RFC 8200 §4.5), of the ports that carry signals only: long answers
/// of mDNS, SSDP, WS-Discovery.
///
/// Fragments that overlap others end their datagram (RFC 5722 §3 for IPv6; nobody honest sends them in IPv4 either).
struct FragmentTable: Sendable {
    /// Most datagrams. Those whose first fragment is not there go first, then what was silent longest.
    static let maximumDatagrams = 16
    /// Most bytes of one datagram.
    static let maximumBytes = 16_384
    /// How long a datagram is waited for, in the capture's time.
    static let lifetimeNanoseconds: UInt64 = 30_000_000_000

    /// What the fragments of one datagram have in common.
    struct Key: Hashable, Sendable {
        let device: MACAddress
        let source: IPAddress
        let destination: IPAddress
        let identification: UInt32
    }

    enum State: UInt8, Sendable {
        /// Nothing is known of its ports yet.
        case unknown
        /// Its first fragment is there, and of use.
        case wanted
        /// It is not, or broke a rule: what else comes of it is passed over.
        case refused
    }

    private struct Datagram: Sendable {
        let key: Key
        let timeNanoseconds: UInt64
        var state = State.unknown
        /// Length of the whole, once the last fragment is there.
        var length: Int?
        var buffer = ReassemblyBuffer(limit: FragmentTable.maximumBytes)
    }

    /// What was silent longest first.
    private var datagrams: [Datagram] = []

    /// Adds a fragment; the whole payload where it was the missing one.
    mutating func add(
        _ key: Key,
        _ ip: IPHeader,
        _ piece: borrowing ByteReader,
        isWanted: Bool,
        _ nowNanoseconds: UInt64,
        _ counters: inout ExtractionCounters
    ) -> [UInt8]? {
        var datagram = take(key, nowNanoseconds, &counters)
        if datagram.state != .refused {
            let end = ip.fragmentOffset + piece.remaining
            if ip.fragmentOffset == 0 { datagram.state = isWanted ? .wanted : .refused }
            var isBroken = ip.hasMoreFragments && piece.remaining % 8 != 0
            if !ip.hasMoreFragments {
                isBroken = datagram.length != nil && datagram.length != end
                datagram.length = end
            }
            if datagram.state != .refused {
                switch datagram.buffer.insert(piece, at: ip.fragmentOffset) {
                case .added, .repeated: break
                case .overlapping, .refused: isBroken = true
                }
                if let length = datagram.length, datagram.buffer.end > length { isBroken = true }
            }
            if isBroken {
                datagram.state = .refused
                counters.brokenDatagrams += 1
            }
        }
        if datagram.state == .wanted, let length = datagram.length, datagram.buffer.contiguousCount == length {
            return datagram.buffer.contiguous
        }
        if datagram.state == .refused { datagram.buffer = ReassemblyBuffer(limit: FragmentTable.maximumBytes) }
        datagrams.append(datagram)
        return nil
    }

    /// The datagram, taken out of the table, which then has room for one.
    private mutating func take(
        _ key: Key,
        _ nowNanoseconds: UInt64,
        _ counters: inout ExtractionCounters
    ) -> Datagram {
        var found: Datagram?
        var index = 0
        while index < datagrams.count {
            let datagram = datagrams[index]
            let isOver =
                nowNanoseconds < datagram.timeNanoseconds
                || nowNanoseconds - datagram.timeNanoseconds > FragmentTable.lifetimeNanoseconds
            guard isOver || datagram.key == key else {
                index += 1
                continue
            }
            if !isOver { found = datagram } else if datagram.state != .refused { counters.expiredDatagrams += 1 }
            datagrams.remove(at: index)
        }
        if found == nil, datagrams.count >= FragmentTable.maximumDatagrams {
            let victim = datagrams.firstIndex { $0.state != .wanted } ?? 0
            if datagrams.remove(at: victim).state != .refused { counters.evictedDatagrams += 1 }
        }
        return found ?? Datagram(key: key, timeNanoseconds: nowNanoseconds)
    }
}
