internal import CLinux
public import NetworkTypes

/// One packet that a rule logged.
public struct LoggedPacket: Hashable, Sendable {
    /// The rule's `log prefix`, which names policy, rule and verdict.
    public internal(set) var prefix = ByteString()
    /// EtherType of the payload: 0x0800 IPv4, 0x86DD IPv6, 0x0806 ARP.
    public internal(set) var etherType: UInt16 = 0
    /// The netfilter hook: 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting (linux/netfilter.h).
    public internal(set) var hook: UInt8 = 0
    /// Interface it came in on; 0 for the host's own packets.
    public internal(set) var inputInterface: UInt32 = 0
    /// Interface it would have left on; 0 before routing.
    public internal(set) var outputInterface: UInt32 = 0
    /// The bridge port it came in on; 0 where there is no bridge.
    public internal(set) var bridgePort: UInt32 = 0
    /// The sender's hardware address, where the packet came in on Ethernet.
    public internal(set) var source: MACAddress?
    /// The link-layer header, as it was received; empty for the host's own packets.
    public internal(set) var linkHeader: [UInt8] = []
    /// The packet from its network header on, at most `NetfilterLog.copyBytes`.
    public internal(set) var payload: [UInt8] = []
    /// The packet's mark.
    public internal(set) var mark: UInt32 = 0
    /// Counts up with each packet of the group; a hole is a packet lost.
    public internal(set) var sequence: UInt32 = 0
    /// When, in microseconds since 1970; 0 where the kernel did not say.
    public internal(set) var timeMicroseconds: UInt64 = 0

    package init(_ reader: NetlinkReader, _ message: NetlinkReader.Message) {
        // struct nfgenmsg has four bytes.
        reader.forEachAttribute(reader.attributes(of: message, after: 4)) { attribute in
            let value = attribute.value
            switch UInt32(attribute.type) {
            case UInt32(NFULA_PACKET_HDR.rawValue) where value.count >= 3:
                etherType = UInt16(reader.bigEndian(value.lowerBound..<(value.lowerBound + 2)))
                hook = reader.bytes[value.lowerBound + 2]
            case UInt32(NFULA_MARK.rawValue): mark = UInt32(truncatingIfNeeded: reader.bigEndian(value))
            case UInt32(NFULA_TIMESTAMP.rawValue) where value.count == 16:
                let seconds = reader.bigEndian(value.lowerBound..<(value.lowerBound + 8))
                let fraction = reader.bigEndian((value.lowerBound + 8)..<value.upperBound)
                timeMicroseconds = seconds &* 1_000_000 &+ fraction
            case UInt32(NFULA_IFINDEX_INDEV.rawValue):
                inputInterface = UInt32(truncatingIfNeeded: reader.bigEndian(value))
            case UInt32(NFULA_IFINDEX_OUTDEV.rawValue):
                outputInterface = UInt32(truncatingIfNeeded: reader.bigEndian(value))
            case UInt32(NFULA_IFINDEX_PHYSINDEV.rawValue):
                bridgePort = UInt32(truncatingIfNeeded: reader.bigEndian(value))
            case UInt32(NFULA_HWADDR.rawValue) where value.count >= 10 && reader.bigEndian(value.prefix2) == 6:
                // struct nfulnl_msg_packet_hw: length (network order), two of padding, eight of address.
                let start = value.lowerBound + 4
                source = MACAddress(rawValue: reader.bigEndian(start..<(start + 6)))
            case UInt32(NFULA_HWHEADER.rawValue): linkHeader = reader.copy(value)
            case UInt32(NFULA_PAYLOAD.rawValue): payload = reader.copy(value)
            case UInt32(NFULA_PREFIX.rawValue): prefix = reader.text(value)
            case UInt32(NFULA_SEQ.rawValue): sequence = UInt32(truncatingIfNeeded: reader.bigEndian(value))
            default: break
            }
        }
    }
}

extension Range<Int> {
    /// The first two offsets.
    fileprivate var prefix2: Range<Int> { lowerBound..<(lowerBound + 2) }
}
