internal import CLinux
internal import NetworkTypes

/// Tells that interfaces, addresses or neighbours may have changed: read `NetworkTables` again then.
public final class NetworkMonitor {
    private let socket: NetlinkSocket

    /// The number to register.
    public var descriptor: Int32 { socket.descriptor }

    /// Listens for changes of links and addresses (RTMGRP_ bits of linux/rtnetlink.h).
    public init() throws(SystemError) {
        let groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
        socket = try NetlinkSocket(NETLINK_ROUTE, groups: UInt32(groups), name: "network notifications")
    }

    /// Takes in what has arrived; true where anything changed, or where notifications were lost.
    public func receive() throws(SystemError) -> Bool {
        var changed = false
        let overruns = socket.overruns
        for _ in 0..<NetfilterLog.datagramLimit {
            guard try socket.receive() != nil else { break }
            changed = true
        }
        return changed || socket.overruns != overruns
    }
}
