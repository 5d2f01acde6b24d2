internal import CLinux
public import NetworkTypes

/// A UDP socket that never blocks.
public final class DatagramSocket {
    /// How many random ports are tried before the kernel is left to choose.
    public static let randomPortAttempts = 8
    /// The lowest port drawn: below are the privileged ones.
    public static let lowestRandomPort: UInt16 = 1024

    /// For messages: what it is bound or connected to.
    public let name: ByteString
    private let socket: Descriptor

    /// The number to register.
    public var descriptor: Int32 { socket.rawValue }

    private init(_ socket: consuming Descriptor, name: ByteString) {
        self.socket = socket
        self.name = name
    }

    /// Bound to a port, for a service. Each datagram tells which of this host's addresses was asked, and an answer can
    /// be sent from there. An IPv6 socket takes no IPv4 datagrams, so both can be had.
    public static func listening(
        on address: SocketAddress,
        options: SocketOptions = SocketOptions()
    ) throws(SystemError) -> DatagramSocket {
        let name = address.byteString
        let isV6 = address.address.family == .v6
        let socket = try Descriptor.socket(Int32(address.address.family.rawValue), gh_datagrams(), name)
        if isV6 {
            try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1, name)
            try socket.set(Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, 1, name)
        } else {
            try socket.set(Int32(IPPROTO_IP), IP_PKTINFO, 1, name)
        }
        try options.apply(to: socket, name)
        try socket.bind(to: address)
        return DatagramSocket(socket, name: name)
    }

    /// Connected to one peer from a random port (RFC 5452 section 9.2): the kernel lets only that peer's datagrams in,
    /// and tells when nobody listens there.
    public static func connected(
        to address: SocketAddress,
        options: SocketOptions = SocketOptions()
    ) throws(SystemError) -> DatagramSocket {
        let name = address.byteString
        let socket = try Descriptor.socket(Int32(address.address.family.rawValue), gh_datagrams(), name)
        try options.apply(to: socket, name)
        try bindToRandomPort(socket, options.source, like: address)
        var plain = address.plain
        let number = socket.rawValue
        _ = try SystemCall.retrying("connect to", name) { unsafe gh_connect(number, &plain) }
        return DatagramSocket(socket, name: name)
    }

    private static func bindToRandomPort(
        _ socket: borrowing Descriptor,
        _ source: IPAddress?,
        like peer: SocketAddress
    ) throws(SystemError) {
        var local = SocketAddress.any(peer.address.family, port: 0)
        if let source { local = SocketAddress(source, port: 0, scope: peer.scope) }
        for _ in 0..<randomPortAttempts {
            let range = UInt64(UInt16.max - lowestRandomPort) + 1
            local.port = lowestRandomPort + UInt16(truncatingIfNeeded: try SystemRandom.next() % range)
            do throws(SystemError) {
                try socket.bind(to: local)
                return
            } catch {
                guard error.code == EADDRINUSE || error.code == EACCES else { throw error }
            }
        }
        local.port = 0
        try socket.bind(to: local)
    }

    /// Reads the next datagram into the front of `buffer`, whose size is the limit; nil when there is none.
    public func receive(into buffer: inout [UInt8]) throws(SystemError) -> Datagram? {
        var facts = gh_datagram()
        let count = try SystemCall.retryingUnlessBlocked("read from", name) {
            unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe gh_receive_datagram(socket.rawValue, bytes.baseAddress, bytes.count, &facts)
            }
        }
        guard let count, let source = SocketAddress(facts.source) else { return nil }
        return Datagram(
            source: source,
            destination: IPAddress(facts.destination),
            interfaceIndex: facts.interface_index,
            count: Int(count),
            isTruncated: facts.truncated != 0
        )
    }

    /// Sends to an address. False where the kernel has no room: the datagram is lost, as datagrams are.
    ///
    /// - Parameter source: the address of this host to come from; nil lets the kernel choose.
    public func send(
        _ bytes: [UInt8],
        to address: SocketAddress,
        from source: IPAddress? = nil,
        interfaceIndex: UInt32 = 0
    ) throws(SystemError) -> Bool {
        var to = address.plain
        var from = source?.plain ?? gh_address()
        let sent = try SystemCall.retryingUnlessBlocked("send to", address.byteString) {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe gh_send_datagram(socket.rawValue, buffer.baseAddress, buffer.count, &to, &from, interfaceIndex)
            }
        }
        return sent != nil
    }

    /// Sends to the connected peer. False where the kernel has no room.
    public func send(_ bytes: [UInt8]) throws(SystemError) -> Bool {
        let sent = try SystemCall.retryingUnlessBlocked("send to", name) {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe gh_send(
                    socket.rawValue,
                    buffer.baseAddress,
                    buffer.count
                )
            }
        }
        return sent != nil
    }

    /// The address at this end; tells the port that was chosen.
    public func localAddress() throws(SystemError) -> SocketAddress { try socket.localAddress() }
}
