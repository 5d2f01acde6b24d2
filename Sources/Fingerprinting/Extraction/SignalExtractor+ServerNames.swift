import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// Most server names kept between two calls of `takeServerNames`; more are counted in `droppedServerNames`.
    public static let maximumServerNames = 512
    /// A ClientHello that is not whole after so long is one that cannot be read.
    static let helloNanoseconds: UInt64 = 10_000_000_000

    /// The server names asked for since the last call, in order, each time anew: other than signals, they are not
    /// held back where they repeat themselves. Empty unless `noticesServerNames`. `nowNanoseconds` is the time of the
    /// frames.
    public mutating func takeServerNames(nowNanoseconds: UInt64) -> [ServerNameSighting] {
        guard noticesServerNames else { return [] }
        if nowNanoseconds > SignalExtractor.helloNanoseconds {
            let before = nowNanoseconds - SignalExtractor.helloNanoseconds
            while let stream = streams.takeHello(before: before) { noteUnread(stream) }
            while let index = quicFlows.firstIndex(where: { $0.sinceNanoseconds < before }) {
                note(.udp, quicFlows.remove(at: index).key, .unread)
            }
        }
        guard !serverNames.isEmpty else { return [] }
        let taken = serverNames
        serverNames.removeAll(keepingCapacity: true)
        return taken
    }

    /// Notes what a ClientHello asks for.
    mutating func note(_ transport: TransportProtocol, _ key: StreamTable.Key, _ name: ServerNameSighting.Name) {
        guard noticesServerNames, let device = key.device else { return }
        guard serverNames.count < SignalExtractor.maximumServerNames else {
            counters.droppedServerNames += 1
            return
        }
        serverNames.append(
            ServerNameSighting(
                device: device,
                client: key.source,
                server: key.destination,
                transport: transport,
                clientPort: key.sourcePort,
                serverPort: key.destinationPort,
                name: name
            )
        )
    }

    /// A stream was given up; where it was a ClientHello, that one goes unread.
    mutating func noteUnread(_ stream: StreamTable.Stream) {
        guard noticesServerNames, stream.kind == .tls else { return }
        let bytes = stream.buffer.contiguous
        if SignalExtractor.beginsHello(bytes.span, at: 0) { note(.tcp, stream.key, .unread) }
    }

    /// Whether a handshake record goes on as a ClientHello of less than 64 KiB: one byte of what is encrypted later is
    /// often enough the same.
    static func beginsHello(_ bytes: borrowing Span<UInt8>, at start: Int) -> Bool {
        if bytes.count > start + 5, bytes[start + 5] != 1 { return false }
        return bytes.count <= start + 6 || bytes[start + 6] == 0
    }
}

extension ServerNameSighting.Name {
    init(_ hello: TLSClientHello) {
        guard let name = hello.serverName, !name.isEmpty else {
            self = .absent
            return
        }
        let limit = ServerNameSighting.maximumNameLength
        self = .named(name.count <= limit ? name : ByteString(Array(name.bytes.prefix(limit))))
    }
}
