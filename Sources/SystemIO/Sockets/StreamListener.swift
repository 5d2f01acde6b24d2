internal import CLinux
public import NetworkTypes

/// A listening TCP or Unix stream socket.
public final class StreamListener {
    /// Connections the kernel keeps waiting until they are accepted.
    public static let backlog: Int32 = 64

    /// For messages: what it listens on.
    public let name: ByteString
    private let socket: Descriptor
    /// A path to remove again; empty for TCP and for abstract names.
    private let path: ByteString

    /// The number to register.
    public var descriptor: Int32 { socket.rawValue }

    /// Listens on a TCP port. An IPv6 listener takes no IPv4 connections, so both can be had.
    public init(_ address: SocketAddress, options: SocketOptions = SocketOptions()) throws(SystemError) {
        let name = address.byteString
        let socket = try Descriptor.socket(Int32(address.address.family.rawValue), gh_stream(), name)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1, name)
        if address.address.family == .v6 { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1, name) }
        try options.apply(to: socket, name)
        try socket.bind(to: address)
        let number = socket.rawValue
        _ = try SystemCall.retrying("listen on", name) { listen(number, StreamListener.backlog) }
        self.name = name
        self.path = ""
        self.socket = socket
    }

    /// Listens on a Unix socket with the given permissions. A socket file that nobody answers on is replaced; one that
    /// is answered on is EADDRINUSE. A path that begins with `@` is an abstract name, and has no permissions.
    public init(unix path: ByteString, mode: UInt32) throws(SystemError) {
        try path.checkedAsPath("listen on")
        let isAbstract = path.bytes.first == 0x40
        let socket = try Descriptor.socket(1, gh_stream(), path)
        let number = socket.rawValue
        if !isAbstract {
            if (try? ByteStream.connected(toUnix: path)) != nil {
                throw SystemError(code: EADDRINUSE, operation: "listen on", subject: path)
            }
            _ = unsafe path.withTerminated { unsafe unlink($0) }
        }
        // The mode of the socket itself is that of the file made by bind(2) (unix(7)), so there is no moment in which
        // others could connect.
        let mask = umask(mode_t(~mode & 0o777))
        defer { _ = umask(mask) }
        _ = try SystemCall.retrying("listen on", path) {
            unsafe path.withTerminated { unsafe gh_unix_bind(number, $0, path.count) }
        }
        _ = try SystemCall.retrying("listen on", path) { listen(number, StreamListener.backlog) }
        self.name = path
        self.path = isAbstract ? "" : path
        self.socket = socket
    }

    deinit {
        if !path.isEmpty { _ = unsafe path.withTerminated { unsafe unlink($0) } }
    }

    /// The next connection, or nil. A connection that its peer gave up meanwhile is passed over.
    public func accept() throws(SystemError) -> ByteStream? {
        while true {
            var peer = gh_address()
            do throws(SystemError) {
                let accepted = try SystemCall.retryingUnlessBlocked("accept on", name) {
                    unsafe gh_accept(socket.rawValue, &peer)
                }
                guard let accepted else { return nil }
                let stream = Descriptor(owning: accepted)
                guard let address = SocketAddress(peer) else { return ByteStream(stream, name: name) }
                try stream.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1, name)
                return ByteStream(stream, name: address.byteString)
            } catch {
                guard error.code == ECONNABORTED else { throw error }
            }
        }
    }

    /// The address it listens on; tells the port that the kernel chose.
    public func localAddress() throws(SystemError) -> SocketAddress { try socket.localAddress() }
}
