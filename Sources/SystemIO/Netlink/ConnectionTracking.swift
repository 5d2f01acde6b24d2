internal import CLinux
public import NetworkTypes

/// The kernel's connection tracking table: what flows now, and an end to what may not flow any more
/// (linux/netfilter/nfnetlink_conntrack.h).
public final class ConnectionTracking {
    /// The most flows one dump returns; the rest is counted.
    public static let dumpLimit = 65_536

    /// What a dump brought.
    public struct Dump: Sendable {
        /// The flows.
        public internal(set) var flows: [TrackedFlow] = []
        /// How many more there were than `dumpLimit`.
        public internal(set) var turnedAway: UInt64 = 0
    }

    /// Which bits of the mark must have which values; the kernel filters, so what does not match costs little.
    public struct MarkFilter: Hashable, Sendable {
        /// The bits' values.
        public let value: UInt32
        /// The bits that count.
        public let mask: UInt32

        /// A filter.
        public init(value: UInt32, mask: UInt32) {
            self.value = value
            self.mask = mask
        }
    }

    private let socket: NetlinkSocket

    /// Opens the socket; needs CAP_NET_ADMIN to be used.
    public init() throws(SystemError) {
        socket = try NetlinkSocket(NETLINK_NETFILTER, name: "the connection table")
        try socket.setReceiveBuffer(1 << 20)
    }

    /// The flows of one family, all of them or those whose mark fits.
    public func flows(_ family: IPAddress.Family, mark: MarkFilter? = nil) throws(SystemError) -> Dump {
        var dump = Dump()
        try forEachFlow(family, mark: mark) { flow in
            if dump.flows.count < ConnectionTracking.dumpLimit {
                dump.flows.append(flow)
            } else {
                dump.turnedAway += 1
            }
        }
        return dump
    }

    /// Calls `body` with each flow of one family, or those whose mark fits, and keeps none of them.
    public func forEachFlow(
        _ family: IPAddress.Family,
        mark: MarkFilter? = nil,
        _ body: (TrackedFlow) -> Void
    ) throws(SystemError) {
        let sequence = socket.nextSequence()
        var writer = NetlinkWriter()
        writer.begin(
            type: ConnectionTracking.messageType(IPCTNL_MSG_CT_GET.rawValue),
            flags: UInt16(NLM_F_REQUEST | NLM_F_DUMP),
            sequence: sequence
        )
        writer.appendNetfilterHeader(family: ConnectionTracking.number(of: family), resource: 0)
        if let mark {
            writer.attribute(UInt16(CTA_MARK.rawValue), bigEndian: mark.value)
            writer.attribute(UInt16(CTA_MARK_MASK.rawValue), bigEndian: mark.mask)
        }
        writer.finish()
        try socket.send(writer.bytes)
        try socket.answers(to: sequence, "list") { reader, message in
            guard let flow = TrackedFlow(reader, message) else { return }
            // The kernel knows the filter from Linux 2.6.34 on; checked again, because a flow too many would be cut.
            if let mark, flow.mark & mark.mask != mark.value & mark.mask { return }
            body(flow)
        }
    }

    /// Forgets one flow: its next packet is judged as a new one. False where it was gone already.
    public func delete(_ tuple: TrackedFlow.Tuple) throws(SystemError) -> Bool {
        try change(IPCTNL_MSG_CT_DELETE.rawValue, 0, "forget a flow of") { $0.appendTuple(tuple) }
    }

    /// Gives one flow another mark; bits outside `mask` are the caller's to keep. False where the flow is gone.
    public func setMark(_ mark: UInt32, of tuple: TrackedFlow.Tuple) throws(SystemError) -> Bool {
        try change(IPCTNL_MSG_CT_NEW.rawValue, 0, "mark a flow of") { writer in
            writer.appendTuple(tuple)
            writer.attribute(UInt16(CTA_MARK.rawValue), bigEndian: mark)
        }
    }

    private func change(
        _ kind: UInt32,
        _ flags: UInt16,
        _ operation: StaticString,
        _ body: (inout NetlinkWriter) -> Void
    ) throws(SystemError) -> Bool {
        let sequence = socket.nextSequence()
        var writer = NetlinkWriter()
        writer.begin(
            type: ConnectionTracking.messageType(kind),
            flags: UInt16(NLM_F_REQUEST | NLM_F_ACK) | flags,
            sequence: sequence
        )
        let familyAt = writer.bytes.count
        writer.appendNetfilterHeader(family: 0, resource: 0)
        body(&writer)
        writer.setByte(at: familyAt, writer.family)
        writer.finish()
        try socket.send(writer.bytes)
        do throws(SystemError) {
            try socket.answers(to: sequence, operation) { _, _ in }
        } catch {
            if error.isMissing { return false }
            throw error
        }
        return true
    }

    static func messageType(_ kind: UInt32) -> UInt16 { UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(kind) }

    static func number(of family: IPAddress.Family) -> UInt8 { family == .v4 ? UInt8(AF_INET) : UInt8(AF_INET6) }
}
