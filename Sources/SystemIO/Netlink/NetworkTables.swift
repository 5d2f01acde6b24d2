internal import CLinux
public import NetworkTypes

/// The kernel's interfaces, addresses and neighbours (rtnetlink(7)).
public final class NetworkTables {
    /// The most entries one list has; the rest is counted in `turnedAway`.
    public static let listLimit = 4_096

    private let socket: NetlinkSocket
    /// How many entries were beyond `listLimit`, over all lists.
    public private(set) var turnedAway: UInt64 = 0

    /// Opens the socket; no right is needed.
    public init() throws(SystemError) {
        socket = try NetlinkSocket(NETLINK_ROUTE, name: "the network tables")
    }

    /// All interfaces with their addresses.
    public func interfaces() throws(SystemError) -> [NetworkInterface] {
        var interfaces: [NetworkInterface] = []
        // struct ifinfomsg has 16 bytes.
        try list(RTM_GETLINK, headerBytes: 16) { reader, message in
            guard message.type == UInt16(RTM_NEWLINK), let link = NetworkInterface(reader, message) else { return }
            append(link, to: &interfaces)
        }
        // struct ifaddrmsg has 8 bytes: family, prefix length, flags, scope, index.
        try list(RTM_GETADDR, headerBytes: 8) { reader, message in
            guard message.type == UInt16(RTM_NEWADDR), message.payload.count >= 8 else { return }
            let start = message.payload.lowerBound
            let index = reader.uint32(start + 4)
            guard let place = interfaces.firstIndex(where: { $0.index == index }) else { return }
            var address: IPAddress?
            var local: IPAddress?
            reader.forEachAttribute(reader.attributes(of: message, after: 8)) { attribute in
                // On a point-to-point link IFA_ADDRESS is the peer's, IFA_LOCAL this end's.
                if attribute.type == UInt16(IFA_ADDRESS) {
                    address = IPAddress(octets: reader.copy(attribute.value))
                } else if attribute.type == UInt16(IFA_LOCAL) {
                    local = IPAddress(octets: reader.copy(attribute.value))
                }
            }
            guard let found = local ?? address else { return }
            let entry = NetworkInterface.Address(address: found, prefixLength: Int(reader.bytes[start + 1]))
            append(entry, to: &interfaces[place].addresses)
        }
        return interfaces
    }

    /// The interface of a name; nil where there is none.
    public func interface(named name: ByteString) throws(SystemError) -> NetworkInterface? {
        try interfaces().first { $0.name == name }
    }

    /// Who answers to which address on which interface; entries without a hardware address are left out.
    public func neighbours() throws(SystemError) -> [Neighbour] {
        var neighbours: [Neighbour] = []
        try list(RTM_GETNEIGH, headerBytes: Neighbour.headerBytes) { reader, message in
            guard let entry = Neighbour(reader, message) else { return }
            append(entry, to: &neighbours)
        }
        return neighbours
    }

    /// Has the kernel ask the machine of a hardware address whether it has an address: three times, a second apart, and nobody
    /// else (NUD_PROBE in linux/neighbour.h; `ucast_solicit` and `retrans_time` in arp(7)). Needs CAP_NET_ADMIN.
    ///
    /// An entry that an operator made (NUD_PERMANENT) is left alone, and nothing asked; returned is what it says then.
    public func ask(
        _ address: IPAddress,
        of hardware: MACAddress,
        interfaceIndex: UInt32
    ) throws(SystemError) -> MACAddress? {
        var fixed: MACAddress?
        try list(RTM_GETNEIGH, headerBytes: Neighbour.headerBytes) { reader, message in
            guard let entry = Neighbour(reader, message), entry.isPermanent, entry.address == address,
                entry.interfaceIndex == interfaceIndex
            else { return }
            fixed = entry.hardwareAddress
        }
        if fixed != nil { return fixed }
        let sequence = socket.nextSequence()
        var writer = NetlinkWriter()
        let flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE
        writer.begin(type: UInt16(RTM_NEWNEIGH), flags: UInt16(flags), sequence: sequence)
        writer.append(UInt32(UInt8(address.family == .v4 ? AF_INET : AF_INET6)))
        writer.append(interfaceIndex)
        writer.append(UInt16(Neighbour.probe))
        writer.append(UInt16(0))
        writer.attribute(UInt16(NDA_DST), address.octets)
        writer.attribute(UInt16(NDA_LLADDR), hardware.octets)
        writer.finish()
        try socket.send(writer.bytes)
        try socket.answers(to: sequence, "ask for a neighbour in") { _, _ in }
        return nil
    }

    private func append<Entry>(_ entry: Entry, to list: inout [Entry]) {
        if list.count < NetworkTables.listLimit {
            list.append(entry)
        } else {
            turnedAway += 1
        }
    }

    private func list(
        _ kind: some BinaryInteger,
        headerBytes: Int,
        _ body: (NetlinkReader, NetlinkReader.Message) -> Void
    ) throws(SystemError) {
        let sequence = socket.nextSequence()
        var writer = NetlinkWriter()
        writer.begin(type: UInt16(kind), flags: UInt16(NLM_F_REQUEST | NLM_F_DUMP), sequence: sequence)
        writer.append(raw: [UInt8](repeating: 0, count: headerBytes))
        writer.finish()
        try socket.send(writer.bytes)
        try socket.answers(to: sequence, "read", body)
    }
}

extension Neighbour {
    /// struct ndmsg: family, three of padding, index, state, flags, type.
    static let headerBytes = 12

    init?(_ reader: NetlinkReader, _ message: NetlinkReader.Message) {
        guard message.type == UInt16(RTM_NEWNEIGH), message.payload.count >= Neighbour.headerBytes else {
            return nil
        }
        let start = message.payload.lowerBound
        var address: IPAddress?
        var hardware: MACAddress?
        reader.forEachAttribute(reader.attributes(of: message, after: Neighbour.headerBytes)) { attribute in
            if attribute.type == UInt16(NDA_DST) {
                address = IPAddress(octets: reader.copy(attribute.value))
            } else if attribute.type == UInt16(NDA_LLADDR), attribute.value.count == 6 {
                hardware = MACAddress(rawValue: reader.bigEndian(attribute.value))
            }
        }
        guard let address, let hardware, !hardware.isZero else { return nil }
        self.init(
            interfaceIndex: reader.uint32(start + 4),
            address: address,
            hardwareAddress: hardware,
            state: reader.uint16(start + 8)
        )
    }
}

extension NetworkInterface {
    init?(_ reader: NetlinkReader, _ message: NetlinkReader.Message) {
        guard message.payload.count >= 16 else { return nil }
        let start = message.payload.lowerBound
        let flags = reader.uint32(start + 8)
        var name = ByteString()
        var hardware: MACAddress?
        var master: UInt32 = 0
        reader.forEachAttribute(reader.attributes(of: message, after: 16)) { attribute in
            switch UInt32(attribute.type) {
            case UInt32(IFLA_IFNAME): name = reader.text(attribute.value)
            case UInt32(IFLA_ADDRESS) where attribute.value.count == 6:
                hardware = MACAddress(rawValue: reader.bigEndian(attribute.value))
            case UInt32(IFLA_MASTER): master = reader.uint32(attribute.value.lowerBound)
            default: break
            }
        }
        self.init(
            index: reader.uint32(start + 4),
            name: name,
            hardwareAddress: hardware,
            isUp: flags & 0x1 != 0,
            isRunning: flags & 0x40 != 0,
            isLoopback: flags & 0x8 != 0,
            master: master
        )
    }
}
