internal import CLinux
public import NetworkTypes

/// Tells when anybody changes the nftables ruleset (NFNLGRP_NFTABLES; linux/netfilter/nf_tables.h NFT_MSG_NEWGEN).
public final class RulesetMonitor {
    /// One committed transaction.
    public struct Change: Hashable, Sendable {
        /// The ruleset's generation after it.
        public internal(set) var generation: UInt32 = 0
        /// The process that made it; the agent's own changes are told apart by this.
        public internal(set) var process: UInt32 = 0
        /// The name of that process.
        public internal(set) var processName = ByteString()
        /// Whether anything in the watched tables was added, changed or taken away.
        public internal(set) var touchesTable = false
    }

    private let socket: NetlinkSocket
    private let table: ByteString
    /// Whether the transaction whose end has not been read yet touched the table.
    private var touchesTable = false

    /// The number to register.
    public var descriptor: Int32 { socket.descriptor }

    /// How often notifications were lost: each time the ruleset must be read back, since anything may have changed.
    public var overruns: UInt64 { socket.overruns }

    /// Joins the group; needs CAP_NET_ADMIN. `table` is a name without its family.
    public init(table: ByteString) throws(SystemError) {
        self.table = table
        socket = try NetlinkSocket(NETLINK_NETFILTER, name: "nftables notifications")
        try socket.join(UInt32(NFNLGRP_NFTABLES.rawValue))
    }

    /// Appends the transactions committed since the last call. At most `NetfilterLog.datagramLimit` datagrams are
    /// read; returns whether there may be more.
    public func receive(into changes: inout [Change]) throws(SystemError) -> Bool {
        for _ in 0..<NetfilterLog.datagramLimit {
            guard let reader = try socket.receive() else { return false }
            reader.forEachMessage { message in
                guard message.type == UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_NEWGEN.rawValue) else {
                    note(message, reader)
                    return
                }
                var change = Change()
                change.touchesTable = touchesTable
                touchesTable = false
                reader.forEachAttribute(reader.attributes(of: message, after: 4)) { attribute in
                    switch UInt32(attribute.type) {
                    case UInt32(NFTA_GEN_ID.rawValue):
                        change.generation = UInt32(truncatingIfNeeded: reader.bigEndian(attribute.value))
                    case UInt32(NFTA_GEN_PROC_PID.rawValue):
                        change.process = UInt32(truncatingIfNeeded: reader.bigEndian(attribute.value))
                    case UInt32(NFTA_GEN_PROC_NAME.rawValue): change.processName = reader.text(attribute.value)
                    default: break
                    }
                }
                changes.append(change)
            }
        }
        return true
    }

    /// A table, chain, rule, set, element or object of the transaction: attribute 1 of each kind of message names its table
    /// (NFTA_TABLE_NAME, NFTA_RULE_TABLE, NFTA_SET_ELEM_LIST_TABLE and so on, linux/netfilter/nf_tables.h).
    private func note(_ message: NetlinkReader.Message, _ reader: NetlinkReader) {
        guard !touchesTable, message.type >> 8 == UInt16(NFNL_SUBSYS_NFTABLES) else { return }
        reader.forEachAttribute(reader.attributes(of: message, after: 4)) { attribute in
            guard UInt32(attribute.type) == UInt32(NFTA_TABLE_NAME.rawValue) else { return }
            if reader.text(attribute.value) == table { touchesTable = true }
        }
    }
}
