import Glibc

/// A TCP connection that waits, but not for ever.
@safe final class TCPConnection {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = close(descriptor) }

    /// Connects to the first address of a host that answers.
    static func connect(host: String, port: UInt16, timeoutMilliseconds: Int32) throws(ControlError) -> TCPConnection {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            throw ControlError(.unreachable, "\(host): \(unsafe String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(list) }
        var why = "no address"
        var next = unsafe list
        while let entry = unsafe next {
            if let descriptor = unsafe open(entry.pointee, timeoutMilliseconds, &why) {
                return TCPConnection(descriptor)
            }
            unsafe next = entry.pointee.ai_next
        }
        throw ControlError(
            .unreachable,
            "\(host) port \(port): \(why); is the collector running, and the address right?"
        )
    }

    @unsafe private static func open(_ entry: addrinfo, _ timeout: Int32, _ why: inout String) -> Int32? {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = unsafe socket(entry.ai_family, entry.ai_socktype | flags, entry.ai_protocol)
        guard descriptor >= 0 else {
            why = Files.reason()
            return nil
        }
        var result = unsafe Glibc.connect(descriptor, entry.ai_addr, entry.ai_addrlen)
        if result != 0, errno == EINPROGRESS {
            var error: Int32 = ETIMEDOUT
            if wait(descriptor, Int16(POLLOUT), timeout) {
                var size = socklen_t(MemoryLayout<Int32>.size)
                result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
            }
            errno = error
            result = error == 0 ? result : -1
        }
        guard result == 0 else {
            why = Files.reason()
            _ = close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func wait(_ descriptor: Int32, _ events: Int16, _ timeout: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        while true {
            let count = unsafe poll(&entry, 1, timeout)
            if count < 0, errno == EINTR { continue }
            return count > 0
        }
    }

    /// Sends all of `bytes`.
    func send(_ bytes: [UInt8], timeoutMilliseconds: Int32) throws(ControlError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe buffer.baseAddress.map {
                    unsafe Glibc.send(descriptor, $0 + offset, buffer.count - offset, Int32(MSG_NOSIGNAL))
                } ?? 0
            }
            if count > 0 {
                offset += count
            } else if errno == EAGAIN {
                guard TCPConnection.wait(descriptor, Int16(POLLOUT), timeoutMilliseconds) else { throw silent() }
            } else if errno != EINTR {
                throw ControlError(.unreachable, "the connection broke: \(Files.reason())")
            }
        }
    }

    /// What has come, at least a byte; empty at the end.
    func receive(timeoutMilliseconds: Int32) throws(ControlError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 32_768)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count >= 0 { return Array(buffer[..<count]) }
            if errno == EAGAIN {
                guard TCPConnection.wait(descriptor, Int16(POLLIN), timeoutMilliseconds) else { throw silent() }
            } else if errno != EINTR {
                throw ControlError(.unreachable, "the connection broke: \(Files.reason())")
            }
        }
    }

    private func silent() -> ControlError { ControlError(.unreachable, "the collector did not answer in time") }
}
