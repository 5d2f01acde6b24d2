import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import WireProtocol

/// Answers devices that ask the gateway itself for a refused name: listeners for IPv4 and IPv6, and the connections of a
/// few seconds each. What is said is decided by `NoticePage`.
final class NoticeService {
    /// Most connections at a time,
    static let maximumConnections = Int(Token.lastNotice - Token.firstNotice + 1)
    /// and of one device.
    static let maximumConnectionsPerDevice = 4
    /// How long a connection may last.
    static let connectionMilliseconds: UInt64 = 5000
    /// How long the interfaces' addresses are taken for right.
    static let addressMilliseconds: UInt64 = 5000

    private final class Connection {
        let stream: ByteStream
        let device: MACAddress
        let untilMilliseconds: UInt64
        var input: [UInt8] = []
        var output: [UInt8] = []
        var isAnswered = false

        init(_ stream: ByteStream, _ device: MACAddress, until: UInt64) {
            self.stream = stream
            self.device = device
            untilMilliseconds = until
        }
    }

    private let loop: EventLoop
    private let contact: ByteString
    private var listeners: [StreamListener] = []
    private var connections: HashTable<UInt64, Connection> = HashTable()
    private var interfaces: [NetworkInterface] = []
    private var interfacesDueMilliseconds: UInt64 = 0
    /// Pages sent.
    private(set) var pageCount: UInt64 = 0
    /// Connections turned away: of nobody that is known, or too many, or without a request.
    private(set) var refusedCount: UInt64 = 0

    init(configuration: AgentConfiguration.Notice, loop: EventLoop) throws(SystemError) {
        self.loop = loop
        contact = configuration.contact
        for (index, family) in [IPAddress.Family.v4, .v6].enumerated() {
            do throws(SystemError) {
                let listener = try StreamListener(SocketAddress.any(family, port: configuration.port))
                try loop.add(listener.descriptor, token: Token.noticeTCP + UInt64(index), interest: .readable)
                listeners.append(listener)
            } catch {
                // A host without IPv6 still serves IPv4.
                guard family == .v6 else { throw error }
            }
        }
    }

    /// The gateway's own addresses on an interface, one of each family at most: for IPv4 of the network that the device
    /// is in, for IPv6 one that can stand in an answer. Read anew every few seconds: they may change.
    func addresses(on interface: ByteString, for device: IPAddress) -> [IPAddress] {
        let now = SystemClock.monotonicMilliseconds()
        if now >= interfacesDueMilliseconds {
            interfacesDueMilliseconds = now + NoticeService.addressMilliseconds
            do throws(SystemError) { interfaces = try NetworkTables().interfaces() } catch { interfaces = [] }
        }
        guard let found = interfaces.first(where: { $0.name == interface }) else { return [] }
        var addresses: [IPAddress] = []
        for family in [IPAddress.Family.v4, .v6] {
            let own = found.addresses.filter { $0.address.family == family && !$0.address.isLinkLocal }
            let near = own.first { $0.network?.contains(device) == true } ?? own.first
            if let near { addresses.append(near.address) }
        }
        return addresses
    }

    func handle(_ token: UInt64, _ runtime: AgentRuntime) {
        if token == Token.noticeTCP || token == Token.noticeTCP + 1 {
            accept(Int(token - Token.noticeTCP), runtime)
        } else if let connection = connections[token] {
            advance(token, connection, runtime)
        }
    }

    func tick() {
        let now = SystemClock.monotonicMilliseconds()
        for (token, connection) in connections where now >= connection.untilMilliseconds { drop(token) }
    }

    private func accept(_ index: Int, _ runtime: AgentRuntime) {
        guard listeners.indices.contains(index) else { return }
        do throws(SystemError) {
            for _ in 0..<NoticeService.maximumConnections {
                guard let stream = try listeners[index].accept() else { return }
                // Others than devices have no business here.
                guard let device = runtime.agent.owners[try stream.peerAddress().address],
                    connections.values.count(where: { $0.device == device })
                        < NoticeService.maximumConnectionsPerDevice,
                    let token = (Token.firstNotice...Token.lastNotice).first(where: { connections[$0] == nil })
                else {
                    refusedCount += 1
                    continue
                }
                try loop.add(stream.descriptor, token: token, interest: .readable)
                let until = SystemClock.monotonicMilliseconds() + NoticeService.connectionMilliseconds
                connections[token] = Connection(stream, device, until: until)
            }
        } catch {
            refusedCount += 1
        }
    }

    private func advance(_ token: UInt64, _ connection: Connection, _ runtime: AgentRuntime) {
        do throws(SystemError) {
            var bytes: [UInt8] = []
            let received = try connection.stream.receive(into: &bytes, limit: 4096)
            if received == .end {
                drop(token)
                return
            }
            // What follows the head is read and forgotten: closed with bytes unread, the answer would be lost.
            if !connection.isAnswered { connection.input += bytes }
            switch connection.isAnswered ? .incomplete : NoticePage.request(connection.input) {
            case .incomplete: break
            case .malformed:
                refusedCount += 1
                drop(token)
                return
            case .whole(let name):
                connection.isAnswered = true
                connection.input = []
                connection.output = page(name, connection.device, runtime).response
                pageCount += 1
            }
            guard !connection.output.isEmpty else { return }
            connection.output.removeFirst(try connection.stream.send(connection.output))
            // The other side closes; where it does not, time is over soon.
            if connection.output.isEmpty { connection.stream.finishSending() }
            try loop.modify(
                connection.stream.descriptor,
                token: token,
                interest: connection.output.isEmpty ? .readable : [.readable, .writable]
            )
        } catch {
            drop(token)
        }
    }

    private func page(_ name: DomainName?, _ device: MACAddress, _ runtime: AgentRuntime) -> NoticePage {
        let policy = runtime.enforcement?.state.policy(of: device)
        var list: ByteString?
        if let name, let policy, !policy.names(name) {
            list = runtime.dns?.blocklists?.match(name, among: policy.dns.blocklists)
        }
        return NoticePage(name: name, policy: policy?.name ?? "unknown", blocklist: list, contact: contact)
    }

    private func drop(_ token: UInt64) {
        guard let connection = connections.removeValue(forKey: token) else { return }
        loop.remove(connection.stream.descriptor)
    }
}
