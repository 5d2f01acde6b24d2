internal import CLinux
internal import NetworkTypes

/// Tells of connections as they are opened (NFNLGRP_CONNTRACK_NEW; linux/netfilter/nfnetlink_conntrack.h).
///
/// The kernel tells when it confirms an entry, after all rules have let the first packet pass, at the last hook of
/// `postrouting` or `input` (net/netfilter/nf_conntrack_core.c `__nf_conntrack_confirm`): what a rule drops or rejects is never told.
public final class ConnectionMonitor {
    /// The kernel's buffer for what is not read yet; beyond it notifications are lost, and counted.
    public static let receiveBufferBytes: Int32 = 256 * 1024
    /// Datagrams taken in one `receive`; each is one connection.
    public static let datagramLimit = 256

    private let socket: NetlinkSocket

    /// The number to register.
    public var descriptor: Int32 { socket.descriptor }

    /// How often notifications were lost because they came faster than they were read.
    public var overruns: UInt64 { socket.overruns }

    /// Joins the group; needs CAP_NET_ADMIN. A kernel without ctnetlink lets join, and tells nothing.
    public init() throws(SystemError) {
        socket = try NetlinkSocket(NETLINK_NETFILTER, name: "notifications of connections")
        try socket.setReceiveBuffer(ConnectionMonitor.receiveBufferBytes)
        try socket.join(UInt32(NFNLGRP_CONNTRACK_NEW.rawValue))
    }

    /// Calls `body` with the connections opened since the last call; returns whether there may be more.
    public func receive(_ body: (TrackedFlow) -> Void) throws(SystemError) -> Bool {
        for _ in 0..<ConnectionMonitor.datagramLimit {
            guard let reader = try socket.receive() else { return false }
            reader.forEachMessage { message in
                guard message.type == ConnectionTracking.messageType(IPCTNL_MSG_CT_NEW.rawValue),
                    let flow = TrackedFlow(reader, message)
                else { return }
                body(flow)
            }
        }
        return true
    }
}
