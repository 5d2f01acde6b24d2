internal import CLinux
public import NetworkTypes

/// What may be set on a socket before it is bound or connected.
public struct SocketOptions: Hashable, Sendable {
    /// The packet mark (SO_MARK of socket(7)), for rules and routes to tell the agent's own traffic; nil leaves it.
    public var mark: UInt32?
    /// Only this device is used (SO_BINDTODEVICE); nil for any.
    public var device: ByteString?
    /// The address to come from; nil lets the kernel choose.
    public var source: IPAddress?
    /// Kernel receive buffer in bytes; nil leaves the kernel's default.
    public var receiveBufferBytes: Int32?

    /// Nothing set.
    public init(
        mark: UInt32? = nil,
        device: ByteString? = nil,
        source: IPAddress? = nil,
        receiveBufferBytes: Int32? = nil
    ) {
        self.mark = mark
        self.device = device
        self.source = source
        self.receiveBufferBytes = receiveBufferBytes
    }

    func apply(to descriptor: borrowing Descriptor, _ subject: ByteString) throws(SystemError) {
        let number = descriptor.rawValue
        if let mark {
            _ = try SystemCall.retrying("set the mark of", subject) {
                gh_socket_set_int(number, SOL_SOCKET, SO_MARK, Int32(bitPattern: mark))
            }
        }
        if let device {
            _ = try SystemCall.retrying("tie to its device", subject) {
                unsafe device.withTerminated { unsafe gh_set_device(number, $0) }
            }
        }
        if let receiveBufferBytes {
            _ = try SystemCall.retrying("set the buffer of", subject) {
                gh_socket_set_int(number, SOL_SOCKET, SO_RCVBUF, receiveBufferBytes)
            }
        }
    }
}

extension Descriptor {
    /// A socket that neither blocks nor is inherited by children.
    static func socket(_ family: Int32, _ type: Int32, _ subject: ByteString) throws(SystemError) -> Descriptor {
        Descriptor(owning: try SystemCall.retrying("make a socket for", subject) { gh_socket(family, type) })
    }

    /// Sets one integer option.
    borrowing func set(_ level: Int32, _ name: Int32, _ value: Int32, _ subject: ByteString) throws(SystemError) {
        let number = rawValue
        _ = try SystemCall.retrying("set an option of", subject) { gh_socket_set_int(number, level, name, value) }
    }

    /// Binds to an address.
    borrowing func bind(to address: SocketAddress) throws(SystemError) {
        var plain = address.plain
        let number = rawValue
        _ = try SystemCall.retrying("bind", address.byteString) { unsafe gh_bind(number, &plain) }
    }

    /// The address this end is bound to.
    borrowing func localAddress() throws(SystemError) -> SocketAddress {
        try name(0)
    }

    /// The address of the other end.
    borrowing func peerAddress() throws(SystemError) -> SocketAddress {
        try name(1)
    }

    private borrowing func name(_ which: Int32) throws(SystemError) -> SocketAddress {
        var plain = gh_address()
        let number = rawValue
        _ = try SystemCall.retrying("name", "a socket") { unsafe gh_socket_name(number, which, &plain) }
        guard let address = SocketAddress(plain) else {
            throw SystemError(code: EAFNOSUPPORT, operation: "name", subject: "a socket")
        }
        return address
    }
}
