internal import CLinux
public import NetworkTypes

/// A connected stream socket (TCP or Unix) that never blocks, unless it is asked to wait.
public final class ByteStream {
    /// What a read brought.
    public enum ReceiveResult: Hashable, Sendable {
        /// So many bytes were appended.
        case received(Int)
        /// Nothing is there yet.
        case wouldBlock
        /// The other end has closed its sending half.
        case end
    }

    /// For messages: the address or path of the other end.
    public let name: ByteString
    private let socket: Descriptor

    /// The number to register.
    public var descriptor: Int32 { socket.rawValue }

    init(_ socket: consuming Descriptor, name: ByteString) {
        self.socket = socket
        self.name = name
    }

    /// Begins to connect over TCP. The stream is writable when it is decided: then ask `finishConnecting`.
    public static func connecting(
        to address: SocketAddress,
        options: SocketOptions = SocketOptions()
    ) throws(SystemError) -> ByteStream {
        let name = address.byteString
        let socket = try Descriptor.socket(Int32(address.address.family.rawValue), gh_stream(), name)
        try options.apply(to: socket, name)
        if let source = options.source { try socket.bind(to: SocketAddress(source, port: 0, scope: address.scope)) }
        try socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1, name)
        var plain = address.plain
        let number = socket.rawValue
        // Not retried: after EINTR the connection goes on being made, a second connect(2) would say EALREADY.
        if unsafe gh_connect(number, &plain) < 0 {
            let code = gh_errno()
            guard code == EINPROGRESS || code == EINTR else {
                throw SystemError(code: code, operation: "connect to", subject: name)
            }
        }
        return ByteStream(socket, name: name)
    }

    /// Connects to a Unix socket. A path that begins with `@` is an abstract name.
    public static func connected(toUnix path: ByteString) throws(SystemError) -> ByteStream {
        let socket = try Descriptor.socket(1, gh_stream(), path)
        let number = socket.rawValue
        _ = try SystemCall.retrying("connect to", path) {
            unsafe path.withTerminated { unsafe gh_unix_connect(number, $0, path.count) }
        }
        return ByteStream(socket, name: path)
    }

    /// Whether the connection stands; false while it is still being made. Throws where it was refused.
    public func finishConnecting() throws(SystemError) -> Bool {
        var pending: Int32 = 0
        _ = try SystemCall.retrying("connect to", name) {
            unsafe gh_socket_get_int(socket.rawValue, SOL_SOCKET, SO_ERROR, &pending)
        }
        guard pending == 0 else { throw SystemError(code: pending, operation: "connect to", subject: name) }
        var plain = gh_address()
        if unsafe gh_socket_name(socket.rawValue, 1, &plain) == 0 { return true }
        let code = gh_errno()
        // A Unix socket is connected from the start and has no address of these families.
        if code == EAFNOSUPPORT { return true }
        if code == ENOTCONN { return false }
        throw SystemError(code: code, operation: "connect to", subject: name)
    }

    /// Waits until the connection stands. For programs that do nothing else meanwhile (`enroll`).
    public func waitUntilConnected(timeoutMilliseconds: UInt64) throws(SystemError) {
        _ = try waitUntil(POLLOUT, timeoutMilliseconds)
        guard try finishConnecting() else {
            throw SystemError(code: ETIMEDOUT, operation: "connect to", subject: name)
        }
    }

    /// Waits until something can be read; false where the time is over first. For programs that do nothing else.
    public func waitUntilReadable(timeoutMilliseconds: UInt64) throws(SystemError) -> Bool {
        try waitUntil(POLLIN, timeoutMilliseconds)
    }

    /// Waits until something can be written; false where the time is over first. For programs that do nothing else.
    public func waitUntilWritable(timeoutMilliseconds: UInt64) throws(SystemError) -> Bool {
        try waitUntil(POLLOUT, timeoutMilliseconds)
    }

    private func waitUntil(_ events: Int32, _ timeoutMilliseconds: UInt64) throws(SystemError) -> Bool {
        let deadline = SystemClock.monotonicMilliseconds() + min(timeoutMilliseconds, UInt64(Int32.max))
        while true {
            let now = SystemClock.monotonicMilliseconds()
            let left = Int32(deadline > now ? deadline - now : 0)
            let result = gh_poll_one(socket.rawValue, Int16(events), left)
            if result > 0 { return true }
            if result == 0 { return false }
            let code = gh_errno()
            guard code == EINTR else { throw SystemError(code: code, operation: "wait for", subject: name) }
        }
    }

    /// Appends what has arrived to `buffer`, at most `limit` bytes.
    public func receive(into buffer: inout [UInt8], limit: Int) throws(SystemError) -> ReceiveResult {
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: limit))
        var received: Int? = nil
        do throws(SystemError) {
            received = try SystemCall.retryingUnlessBlocked("read from", name) {
                unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe recv(socket.rawValue, bytes.baseAddress.map { unsafe $0 + start }, limit, 0)
                }
            }
        } catch {
            buffer.removeLast(limit)
            throw error
        }
        buffer.removeLast(limit - (received ?? 0))
        guard let received else { return .wouldBlock }
        return received == 0 && limit > 0 ? .end : .received(received)
    }

    /// Sends what the kernel takes of `bytes[offset...]`; returns how many bytes (0: no room now).
    public func send(_ bytes: [UInt8], from offset: Int = 0) throws(SystemError) -> Int {
        guard offset >= 0, offset < bytes.count else { return 0 }
        let sent = try SystemCall.retryingUnlessBlocked("write to", name) {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe gh_send(
                    socket.rawValue,
                    buffer.baseAddress.map { unsafe $0 + offset },
                    bytes.count - offset
                )
            }
        }
        return sent ?? 0
    }

    /// Closes the sending half; what was sent still arrives.
    public func finishSending() { _ = shutdown(socket.rawValue, 1) }

    /// The address at this end of a TCP connection.
    public func localAddress() throws(SystemError) -> SocketAddress { try socket.localAddress() }

    /// The address at the other end of a TCP connection.
    public func peerAddress() throws(SystemError) -> SocketAddress { try socket.peerAddress() }

    /// Ends a connection whose peer stays silent: keep-alive after `idleSeconds`, and no longer than
    /// `unacknowledgedMilliseconds` for what was sent (TCP_USER_TIMEOUT of tcp(7), RFC 5482).
    public func setKeepAlive(idleSeconds: Int32, unacknowledgedMilliseconds: Int32) throws(SystemError) {
        try socket.set(SOL_SOCKET, SO_KEEPALIVE, 1, name)
        try socket.set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, idleSeconds, name)
        try socket.set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, max(idleSeconds / 3, 1), name)
        try socket.set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3, name)
        try socket.set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, unacknowledgedMilliseconds, name)
    }

    /// Who is at the other end of a Unix socket, as the kernel knows it.
    public func peerCredentials() throws(SystemError) -> PeerCredentials {
        var peer = gh_peer()
        _ = try SystemCall.retrying("ask for the peer of", name) { unsafe gh_unix_peer(socket.rawValue, &peer) }
        return PeerCredentials(process: peer.process, user: peer.user, group: peer.group)
    }
}
