internal import CLinux
internal import NetworkTypes
internal import SystemIO

/// Puts elements into sets by netlink messages of its own, in one transaction (linux/netfilter/nf_tables.h
/// NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM between NFNL_MSG_BATCH_BEGIN and _END).
///
/// libnftables asks the kernel for tables and sets and parses and evaluates text for each command; a name that a device
/// looks up needs none of that, and its answer waits for the element.
final class SetElementSocket {
    private let socket: NetlinkSocket

    init() throws(SystemError) {
        socket = try NetlinkSocket(NETLINK_NETFILTER, name: "nftables")
    }

    /// Applies all changes or none; false where the kernel refused one of them.
    func apply(_ changes: [SetElementChange]) throws(SystemError) -> Bool {
        var writer = NetlinkWriter()
        let first = socket.nextSequence()
        SetElementSocket.begin(&writer, UInt16(NFNL_MSG_BATCH_BEGIN), 0, first)
        for change in changes {
            let message = change.isAdded ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM
            let flags = UInt16(NLM_F_ACK) | (change.isAdded ? UInt16(NLM_F_CREATE) : 0)
            writer.begin(
                type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(message.rawValue),
                flags: UInt16(NLM_F_REQUEST) | flags,
                sequence: socket.nextSequence()
            )
            // NFPROTO_INET of linux/netfilter.h.
            writer.appendNetfilterHeader(family: 1, resource: 0)
            SetElementSocket.append(change, to: &writer)
            writer.finish()
        }
        SetElementSocket.begin(&writer, UInt16(NFNL_MSG_BATCH_END), 0, socket.nextSequence())
        // What an earlier batch left behind (after an overrun) is not this one's answer.
        while try socket.receive() != nil {}
        let overruns = socket.overruns
        try socket.send(writer.bytes)
        // The kernel has worked through the batch, and queued all answers, when send returns.
        var acknowledged = 0
        var refused = false
        while let reader = try socket.receive() {
            reader.forEachMessage { message in
                guard message.type == UInt16(NLMSG_ERROR), message.sequence &- first <= UInt32(changes.count + 1) else {
                    return
                }
                if reader.uint32(message.payload.lowerBound) == 0 { acknowledged += 1 } else { refused = true }
            }
        }
        return !refused && acknowledged == changes.count && socket.overruns == overruns
    }

    private static func begin(_ writer: inout NetlinkWriter, _ type: UInt16, _ flags: UInt16, _ sequence: UInt32) {
        writer.begin(type: type, flags: UInt16(NLM_F_REQUEST) | flags, sequence: sequence)
        writer.appendNetfilterHeader(family: 0, resource: UInt16(NFNL_SUBSYS_NFTABLES))
        writer.finish()
    }

    private static func append(_ change: SetElementChange, to writer: inout NetlinkWriter) {
        writer.attribute(UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), change.table.bytes + [0])
        writer.attribute(UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), change.set.bytes + [0])
        writer.nested(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) { writer in
            writer.nested(UInt16(NFTA_LIST_ELEM.rawValue)) { writer in
                writer.nested(UInt16(NFTA_SET_ELEM_KEY.rawValue)) { writer in
                    writer.attribute(UInt16(NFTA_DATA_VALUE.rawValue), change.key)
                }
                if let timeout = change.timeoutMilliseconds {
                    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: timeout >> UInt64(56 - $0 * 8)) }
                    writer.attribute(UInt16(NFTA_SET_ELEM_TIMEOUT.rawValue), bytes)
                }
            }
        }
    }
}
