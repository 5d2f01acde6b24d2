import AgentCore
import NetworkTypes
import SystemIO

/// The TCP connections of a policy on trial. Each is closed as soon as it stands: that it can be opened is all there is to
/// know, and not a byte is sent. What is opened, and when it is given up, is decided by `PolicyTrial`.
struct ReachRunner {
    private var streams: [ByteStream?] = [ByteStream?](repeating: nil, count: PolicyTrial.maximumTargets)

    /// Begins to connect; what the kernel said, where it does not even begin.
    mutating func connect(_ number: Int, to address: SocketAddress, loop: EventLoop) -> PolicyTrial.Event? {
        do throws(SystemError) {
            let stream = try ByteStream.connecting(to: address)
            try loop.add(stream.descriptor, token: Token.firstReach + UInt64(number), interest: .writable)
            streams[number] = stream
            return nil
        } catch {
            return .failed(number, SystemError.reason(error.code))
        }
    }

    /// A socket is ready: what came of it; nil while it is undecided, or where nobody waits for it any more.
    mutating func advance(_ token: UInt64, loop: EventLoop) -> PolicyTrial.Event? {
        let number = Int(token - Token.firstReach)
        guard let stream = streams[number] else { return nil }
        let event: PolicyTrial.Event
        do throws(SystemError) {
            guard try stream.finishConnecting() else { return nil }
            event = .reached(number)
        } catch {
            event = .failed(number, SystemError.reason(error.code))
        }
        close(number, loop: loop)
        return event
    }

    mutating func close(_ number: Int, loop: EventLoop) {
        if let stream = streams[number] { loop.remove(stream.descriptor) }
        streams[number] = nil
    }

    mutating func closeAll(loop: EventLoop) { for number in streams.indices { close(number, loop: loop) } }
}
