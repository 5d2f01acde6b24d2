internal import CLinux
internal import NetworkTypes

/// Packets that rules with `log group N` pass to user space (NFLOG; linux/netfilter/nfnetlink_log.h).
public final class NetfilterLog {
    /// Bytes of each packet the kernel copies: the headers of IPv6 and TCP, and the start of what they carry.
    public static let copyBytes: UInt32 = 128
    /// The kernel sends what it has after so many packets …
    public static let batchPackets: UInt32 = 32
    /// … or after so many hundredths of a second: a quarantine must come within a second.
    public static let batchCentiseconds: UInt32 = 10
    /// The kernel's buffer for packets not read yet; beyond it they are dropped and counted.
    public static let receiveBufferBytes: Int32 = 256 * 1024
    /// Datagrams taken in one `receive`, so that a flood does not keep the loop from its other work.
    public static let datagramLimit = 8

    private let socket: NetlinkSocket

    /// The number to register.
    public var descriptor: Int32 { socket.descriptor }

    /// How often the kernel dropped packets because they came faster than they were read.
    public var overruns: UInt64 { socket.overruns }

    /// Takes over a group; needs CAP_NET_ADMIN. EPERM also says that another process has the group.
    public init(group: UInt16) throws(SystemError) {
        var name: ByteString = "netfilter log group "
        name.append(decimal: group)
        socket = try NetlinkSocket(NETLINK_NETFILTER, name: name)
        try socket.setReceiveBuffer(NetfilterLog.receiveBufferBytes)
        // Before Linux 3.15 families had to be bound too (NFULNL_CFG_CMD_PF_BIND); no target is that old.
        try configure(group) { $0.attribute(UInt16(NFULA_CFG_CMD.rawValue), [UInt8(NFULNL_CFG_CMD_BIND.rawValue)]) }
        try configure(group) { writer in
            // struct nfulnl_msg_config_mode: copy_range (network order), copy_mode, pad.
            var mode = NetlinkWriter()
            mode.append(bigEndian: NetfilterLog.copyBytes)
            mode.append(UInt8(NFULNL_COPY_PACKET))
            mode.append(UInt8(0))
            writer.attribute(UInt16(NFULA_CFG_MODE.rawValue), mode.bytes)
            writer.attribute(UInt16(NFULA_CFG_TIMEOUT.rawValue), bigEndian: NetfilterLog.batchCentiseconds)
            writer.attribute(UInt16(NFULA_CFG_QTHRESH.rawValue), bigEndian: NetfilterLog.batchPackets)
            writer.attribute(UInt16(NFULA_CFG_FLAGS.rawValue), bigEndian: UInt16(NFULNL_CFG_F_SEQ))
        }
    }

    private func configure(_ group: UInt16, _ body: (inout NetlinkWriter) -> Void) throws(SystemError) {
        let sequence = socket.nextSequence()
        var writer = NetlinkWriter()
        writer.begin(
            type: UInt16(NFNL_SUBSYS_ULOG) << 8 | UInt16(NFULNL_MSG_CONFIG.rawValue),
            flags: UInt16(NLM_F_REQUEST | NLM_F_ACK),
            sequence: sequence
        )
        writer.appendNetfilterHeader(family: 0, resource: group)
        body(&writer)
        writer.finish()
        try socket.send(writer.bytes)
        try socket.answers(to: sequence, "take over") { _, _ in }
    }

    /// Appends what has arrived to `packets`; at most `datagramLimit` datagrams of the kernel (about 32 packets each).
    /// Returns whether there may be more.
    public func receive(into packets: inout [LoggedPacket]) throws(SystemError) -> Bool {
        for _ in 0..<NetfilterLog.datagramLimit {
            guard let reader = try socket.receive() else { return false }
            reader.forEachMessage { message in
                guard message.type == UInt16(NFNL_SUBSYS_ULOG) << 8 | UInt16(NFULNL_MSG_PACKET.rawValue) else { return }
                packets.append(LoggedPacket(reader, message))
            }
        }
        return true
    }
}
