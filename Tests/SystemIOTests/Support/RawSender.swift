import CLinux
import Foundation
import SystemIO

/// Sends frames as they are out of one interface.
final class RawSender {
    private let descriptor: Int32
    private let index: UInt32

    init(_ interface: NetworkInterface) throws {
        descriptor = socket(AF_PACKET, 3, 0)
        index = interface.index
        guard descriptor >= 0 else { throw POSIXError(.EPERM) }
    }

    deinit { close(descriptor) }

    func send(_ frame: [UInt8]) throws {
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_ifindex = Int32(index)
        address.sll_halen = 6
        var frame = frame
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, &frame, frame.count, 0, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        guard sent == frame.count else { throw POSIXError(.EIO) }
    }
}
