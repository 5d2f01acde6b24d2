internal import CLinux
package import NetworkTypes

/// A netlink(7) socket that never blocks, with requests that wait for their answer.
package final class NetlinkSocket {
    /// Bytes one received datagram may have: what the kernel puts into one at most (NLMSG_GOODSIZE, 32 KiB in dumps).
    package static let receiveBytes = 65_536
    /// How long the kernel may take for an answer. It answers in the same call; this is for a kernel that is stuck.
    package static let answerMilliseconds: Int32 = 2_000

    /// For messages.
    package let name: ByteString
    private let socket: Descriptor
    private var buffer: [UInt8] = []
    private var sequence: UInt32 = 0
    /// How often the kernel had to drop messages because they were not read in time (ENOBUFS).
    package private(set) var overruns: UInt64 = 0

    package var descriptor: Int32 { socket.rawValue }

    /// Opens a socket of a netlink family, bound to multicast groups of the old kind (a bit each).
    package init(_ netlinkProtocol: Int32, groups: UInt32 = 0, name: ByteString) throws(SystemError) {
        self.name = name
        socket = Descriptor(
            owning: try SystemCall.retrying("open", name) { gh_netlink_open(netlinkProtocol, groups) }
        )
    }

    /// Joins a multicast group by number.
    package func join(_ group: UInt32) throws(SystemError) {
        _ = try SystemCall.retrying("join the group of", name) { gh_netlink_join(socket.rawValue, group) }
    }

    /// The number for the next request.
    package func nextSequence() -> UInt32 {
        sequence &+= 1
        if sequence == 0 { sequence = 1 }
        return sequence
    }

    /// Sets the kernel's receive buffer in bytes.
    package func setReceiveBuffer(_ bytes: Int32) throws(SystemError) {
        _ = try SystemCall.retrying("set the buffer of", name) {
            gh_socket_set_int(socket.rawValue, SOL_SOCKET, SO_RCVBUF, bytes)
        }
    }

    /// Sends requests.
    package func send(_ bytes: [UInt8]) throws(SystemError) {
        _ = try SystemCall.retrying("ask", name) {
            unsafe bytes.withUnsafeBytes { unsafe gh_netlink_send(socket.rawValue, $0.baseAddress, $0.count) }
        }
    }

    /// The next datagram from the kernel, or nil. Dropped messages are counted, not thrown.
    package func receive() throws(SystemError) -> NetlinkReader? {
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: NetlinkSocket.receiveBytes) }
        while true {
            var sender: UInt32 = 0
            do throws(SystemError) {
                let received = try SystemCall.retryingUnlessBlocked("read from", name) {
                    unsafe buffer.withUnsafeMutableBytes { bytes in
                        unsafe gh_netlink_receive(socket.rawValue, bytes.baseAddress, bytes.count, &sender)
                    }
                }
                guard let received else { return nil }
                // Any process may send to a netlink socket; only the kernel has port 0.
                guard sender == 0 else { continue }
                return NetlinkReader(bytes: buffer, count: Int(received))
            } catch {
                guard error.code == ENOBUFS else { throw error }
                overruns += 1
            }
        }
    }

    /// Waits for the kernel's answers to request `number` and hands each message to `body` until the last one.
    ///
    /// Throws the kernel's error. An answer to another request is passed over.
    package func answers(
        to number: UInt32,
        _ operation: StaticString,
        _ body: (NetlinkReader, NetlinkReader.Message) -> Void
    ) throws(SystemError) {
        var isDone = false
        while !isDone {
            let ready = try SystemCall.retrying("wait for", name) {
                gh_poll_one(socket.rawValue, Int16(POLLIN), NetlinkSocket.answerMilliseconds)
            }
            guard ready > 0 else { throw SystemError(code: ETIMEDOUT, operation: operation, subject: name) }
            let overrunsBefore = overruns
            let received = try receive()
            // Part of the answer is gone: the whole would be wrong without a word.
            if overruns != overrunsBefore { throw SystemError(code: ENOBUFS, operation: operation, subject: name) }
            guard let reader = received else { continue }
            try reader.forEachMessage { (message) throws(SystemError) in
                guard message.sequence == number else { return }
                switch message.type {
                case UInt16(NLMSG_ERROR):
                    isDone = true
                    let code = Int32(bitPattern: reader.uint32(message.payload.lowerBound))
                    if code != 0 { throw SystemError(code: -code, operation: operation, subject: name) }
                case UInt16(NLMSG_DONE): isDone = true
                case UInt16(NLMSG_NOOP): break
                default:
                    body(reader, message)
                // NLM_F_DUMP_INTR: the table changed while it was read; what comes is still each a true entry.
                }
            }
        }
    }
}
