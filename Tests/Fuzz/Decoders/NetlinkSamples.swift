/// Datagrams of the kernel as `NetlinkReader` takes them, in this machine's byte order (linux/netlink.h).
enum NetlinkSamples {
    private static func attribute(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
        let length = UInt8(4 + value.count)
        return [length, 0, type, 0] + value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    }

    private static func message(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [UInt8(16 + payload.count), 0, 0, 0, UInt8(type & 0xFF), UInt8(type >> 8)] + [UInt8](repeating: 0, count: 10)
            + payload
    }

    /// A logged packet (linux/netfilter/nfnetlink_log.h) and a tracked flow (nfnetlink_conntrack.h).
    static func all() -> [[UInt8]] {
        let family: [UInt8] = [2, 0, 0, 0]
        let hardware: [UInt8] = [0, 6, 0, 0, 0xAC, 0xCC, 0x8E, 1, 2, 3, 0, 0]
        // Header, hardware address, time, payload, prefix.
        let logged =
            family + attribute(1, [8, 0, 2, 0]) + attribute(8, hardware)
            + attribute(3, [UInt8](repeating: 1, count: 16))
            + attribute(9, [0x45] + [UInt8](repeating: 0, count: 30))
            + attribute(10, Array("gh1|drop|inbound|-\0".utf8))
        let addresses = attribute(1, attribute(1, [192, 0, 2, 1]) + attribute(2, [192, 0, 2, 7]))
        let ports = attribute(2, attribute(1, [6]) + attribute(2, [0x9C, 0x40]) + attribute(3, [1, 0xBB]))
        let flow =
            family + attribute(1, addresses + ports) + attribute(2, addresses + ports) + attribute(8, [0, 0, 0, 5])
        return [message(0x0400, logged), message(0x0100, flow), message(0x0100, flow) + message(0x0400, logged)]
    }
}
