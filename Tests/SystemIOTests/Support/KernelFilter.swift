import CLinux
import Foundation
import SystemIO

/// Asks the kernel itself what a filter program says of a frame: the program is attached to one end of a pair of Unix
/// datagram sockets, for which the kernel runs it as it does for packet sockets, and the frame is sent from the other.
final class KernelFilter {
    private var ends: (Int32, Int32) = (-1, -1)

    init(_ instructions: [sock_filter]) throws {
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(gh_datagrams()), 0, &pair) == 0 else { throw POSIXError(.EIO) }
        ends = (pair[0], pair[1])
        guard gh_packet_attach(ends.1, instructions, UInt16(instructions.count)) == 0 else { throw POSIXError(.EINVAL) }
        _ = gh_set_blocking(ends.0, 0)
        _ = gh_set_blocking(ends.1, 0)
    }

    convenience init(_ program: [FilterInstruction]) throws {
        try self.init(program.map { sock_filter(code: $0.code, jt: $0.jumpTrue, jf: $0.jumpFalse, k: $0.operand) })
    }

    deinit {
        close(ends.0)
        close(ends.1)
    }

    /// Bytes of the frame that are captured; 0 where it is dropped.
    func captured(_ frame: [UInt8]) -> Int {
        var frame = frame
        _ = send(ends.0, &frame, frame.count, 0)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        return max(recv(ends.1, &buffer, buffer.count, 0), 0)
    }

    func passes(_ frame: [UInt8]) -> Bool { captured(frame) > 0 }
}
