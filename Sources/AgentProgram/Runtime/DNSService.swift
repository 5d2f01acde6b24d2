import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import WireProtocol

/// The sockets of the devices' DNS: listeners for UDP and TCP; for questions that go upstream a stream, or one fresh socket
/// with a random port each (RFC 5452 §9.2). What is answered is decided by `DNSProxy`.
final class DNSService {
    /// Most questions under way upstream.
    static let maximumUpstreamSockets = 256
    /// Most TCP clients at a time.
    static let maximumTCPClients = 64
    /// How long a TCP client may be silent.
    static let tcpIdleMilliseconds: UInt64 = 10_000
    /// Most bytes of a datagram.
    static let maximumDatagramBytes = 4096

    private struct Asker {
        var address: SocketAddress
        var asked: IPAddress?
        var interfaceIndex: UInt32
        var listener: Int
    }

    private final class TCPClient {
        let stream: ByteStream
        var input: [UInt8] = []
        var output: [UInt8] = []
        var lastMilliseconds: UInt64
        init(_ stream: ByteStream, _ now: UInt64) {
            self.stream = stream
            lastMilliseconds = now
        }
    }

    /// A question under way over UDP.
    struct Question {
        var socket: DatagramSocket
        var query: UInt64
        var upstream: Int
        var sinceMilliseconds: UInt64
    }

    /// One an upstream; what they are asked over UDP does not pass them.
    let streams: [UpstreamStream]
    /// Of each stream, the failures that were told of.
    var failuresSeen: [UInt64]
    let loop: EventLoop
    var proxy: DNSProxy
    private var udp: [DatagramSocket] = []
    private var tcp: [StreamListener] = []
    private var askers: HashTable<UInt64, Asker> = HashTable()
    private var clients: HashTable<UInt64, TCPClient> = HashTable()
    var questions: HashTable<UInt64, Question> = HashTable()
    /// The datagram that was read last.
    private var buffer = [UInt8](repeating: 0, count: DNSService.maximumDatagramBytes)
    private var nextHandle = Token.firstConnection
    var limitHits: UInt64 = 0

    init(configuration: AgentConfiguration, loop: EventLoop) throws(SystemError) {
        self.loop = loop
        streams = try DNSService.streams(configuration.dns, loop)
        failuresSeen = streams.map { _ in 0 }
        proxy = DNSProxy(
            settings: DNSProxy.Settings(
                upstreamCount: streams.count,
                timeoutMilliseconds: configuration.dns.timeoutMilliseconds,
                isOverTLS: streams.contains { $0.upstream.serverName != nil }
            )
        )
        for (index, family) in [IPAddress.Family.v4, .v6].enumerated() {
            let address = SocketAddress.any(family, port: configuration.dns.port)
            do throws(SystemError) {
                let datagrams = try DatagramSocket.listening(on: address)
                try loop.add(datagrams.descriptor, token: Token.dnsUDP + UInt64(index), interest: .readable)
                udp.append(datagrams)
                let streams = try StreamListener(address)
                try loop.add(streams.descriptor, token: Token.dnsTCP + UInt64(index), interest: .readable)
                tcp.append(streams)
            } catch {
                // A host without IPv6 still serves IPv4.
                guard family == .v6 else { throw error }
            }
        }
    }

    /// The lists that policies name.
    var blocklists: Blocklists? {
        get { proxy.blocklists }
        set { proxy.blocklists = newValue }
    }

    /// Named figures for health reports.
    var counters: [HealthReport.Counter] {
        let counters = proxy.counters
        let figures: [(ByteString, UInt64)] = [
            ("dns.queries", counters.queries), ("dns.forwarded", counters.forwarded),
            ("dns.cacheHits", counters.cacheHits), ("dns.repeatedAnswers", counters.repeatedAnswers),
            ("dns.refused", counters.refused),
            ("dns.blocked", counters.blocked), ("dns.refusedResolvers", counters.refusedResolvers),
            ("dns.malformed", counters.malformed),
            ("dns.mismatchedAnswers", counters.mismatchedAnswers), ("dns.timeouts", counters.timeouts),
            ("dns.failures", counters.failures), ("dns.droppedPending", counters.droppedPending),
            ("dns.fillFailures", counters.fillFailures), ("dns.removedAddresses", counters.removedAddresses),
            ("dns.cacheEvictions", counters.cacheEvictions), ("dns.socketLimit", limitHits),
            ("dns.upstreamFailures", counters.upstreamFailures), ("dns.streamRetries", counters.streamRetries),
            ("dns.connections", sum { $0.connectionCount }), ("dns.connectionFailures", sum { $0.failureCount }),
            ("dns.streamLimit", sum { $0.questions.overflowCount }), ("dns.tunnels", proxy.tunnelCount),
            ("dns.tunnelsUnwatched", proxy.unwatchedCount),
        ]
        return figures.map { HealthReport.Counter(name: $0.0, value: $0.1) }
    }

    private func sum(_ figure: (UpstreamStream) -> UInt64) -> UInt64 { streams.reduce(0) { $0 + figure($1) } }

    func handle(_ event: EventLoop.Readiness, runtime: AgentRuntime) {
        switch event.token {
        case Token.dnsUDP, Token.dnsUDP + 1: readDatagrams(Int(event.token - Token.dnsUDP), runtime)
        case Token.dnsTCP, Token.dnsTCP + 1: accept(Int(event.token - Token.dnsTCP))
        case Token.firstUpstream...Token.lastUpstream: advance(Int(event.token - Token.firstUpstream), runtime)
        default:
            if clients[event.token] != nil {
                readClient(event.token, runtime)
            } else if questions[event.token] != nil {
                readUpstream(event.token, runtime)
            }
        }
    }

    func handle() -> UInt64 {
        nextHandle += 1
        return nextHandle
    }

    private func readDatagrams(_ listener: Int, _ runtime: AgentRuntime) {
        guard udp.indices.contains(listener) else { return }
        for _ in 0..<EventLoop.batchLimit {
            do throws(SystemError) {
                guard let datagram = try udp[listener].receive(into: &buffer) else { return }
                guard !datagram.isTruncated, try !repeats(datagram, listener, runtime) else { continue }
                let number = handle()
                askers[number] = Asker(
                    address: datagram.source,
                    asked: datagram.destination,
                    interfaceIndex: datagram.interfaceIndex,
                    listener: listener
                )
                ask(Array(buffer.prefix(datagram.count)), datagram.source.address, number, isTCP: false, runtime)
            } catch {
                runtime.log.debug(error.byteString)
                return
            }
        }
    }

    /// Whether the datagram in `buffer` was answered as it was before.
    private func repeats(_ datagram: Datagram, _ listener: Int, _ runtime: AgentRuntime) throws(SystemError) -> Bool {
        guard let device = runtime.agent.owners[datagram.source.address],
            let answer = proxy.repeatedAnswer(
                to: buffer,
                datagram.count,
                device: device,
                revision: runtime.enforcement?.state.revision ?? 0,
                nowMilliseconds: SystemClock.monotonicMilliseconds()
            )
        else { return false }
        _ = try udp[listener].send(
            answer,
            to: datagram.source,
            from: datagram.destination,
            interfaceIndex: datagram.interfaceIndex
        )
        return true
    }

    private func ask(_ bytes: [UInt8], _ source: IPAddress, _ number: UInt64, isTCP: Bool, _ runtime: AgentRuntime) {
        let device = runtime.agent.owners[source]
        let policy = device.flatMap { runtime.enforcement?.state.policy(of: $0) }
        var client = DNSProxy.Client(device: device, isTCP: isTCP, handle: number)
        if let device, policy?.showsNotice == true, let known = runtime.agent.registry[DeviceKey(device)] {
            client.gatewayAddresses = runtime.notice?.addresses(on: known.interface, for: source) ?? []
        }
        // Until it is known whose address asks, nothing is answered: the answer could open nothing anyway.
        let isHeld = runtime.enforcement?.state.bundle != nil
        let actions = proxy.query(
            bytes,
            from: client,
            allowlist: isHeld ? policy ?? runtime.enforcement?.state.bundle?.baseline.unknown : nil,
            entropy: runtime.entropy(),
            nowMilliseconds: SystemClock.monotonicMilliseconds()
        )
        carryOut(actions, runtime)
    }

    func carryOut(_ actions: [DNSProxy.Action], _ runtime: AgentRuntime) {
        for action in actions {
            switch action {
            case .forward(let query, let bytes, let upstream, let isOverStream):
                if isOverStream {
                    forwardOverStream(query, bytes, upstream, runtime)
                } else {
                    forward(query, bytes, upstream, runtime)
                }
            case .fill(let query, let device, let name, let addresses, let seconds):
                let now = SystemClock.monotonicMilliseconds()
                var isFilled = true
                var openUntil: UInt64 = 0
                if let enforcement = runtime.enforcement {
                    let commands = enforcement.state.learn(
                        device: device,
                        name: name,
                        addresses: addresses,
                        seconds: seconds,
                        nowMilliseconds: now
                    )
                    isFilled = enforcement.run(commands, nowMilliseconds: now)
                    openUntil = enforcement.state.openUntilMilliseconds(
                        device: device,
                        name: name,
                        addresses: addresses
                    )
                    runtime.rememberSoon()
                }
                runtime.agent.take(addresses, of: name, to: device)
                let actions = proxy.filled(
                    query: query,
                    succeeded: isFilled,
                    openUntilMilliseconds: openUntil,
                    nowMilliseconds: now
                )
                carryOut(actions, runtime)
            case .told(let device, let name, let addresses): runtime.agent.take(addresses, of: name, to: device)
            case .suspect(let device, let tunnel):
                runtime.carryOut(runtime.agent.suspect(device, tunnel: tunnel, now: runtime.now))
            case .reply(let client, let bytes): reply(client, bytes, runtime)
            }
        }
    }

    private func reply(_ client: DNSProxy.Client, _ bytes: [UInt8], _ runtime: AgentRuntime) {
        if client.isTCP {
            guard let connection = clients[client.handle] else { return }
            connection.output += [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
            flush(client.handle, connection)
            return
        }
        guard let asker = askers.removeValue(forKey: client.handle) else { return }
        do throws(SystemError) {
            _ = try udp[asker.listener].send(
                bytes,
                to: asker.address,
                from: asker.asked,
                interfaceIndex: asker.interfaceIndex
            )
        } catch {
            runtime.log.debug(error.byteString)
        }
    }

    private func accept(_ listener: Int) {
        guard tcp.indices.contains(listener) else { return }
        do throws(SystemError) {
            while let stream = try tcp[listener].accept() {
                guard clients.count < DNSService.maximumTCPClients else {
                    limitHits += 1
                    continue
                }
                let token = handle()
                try loop.add(stream.descriptor, token: token, interest: .readable)
                clients[token] = TCPClient(stream, SystemClock.monotonicMilliseconds())
            }
        } catch {
            limitHits += 1
        }
    }

    private func readClient(_ token: UInt64, _ runtime: AgentRuntime) {
        guard let client = clients[token] else { return }
        client.lastMilliseconds = SystemClock.monotonicMilliseconds()
        do throws(SystemError) {
            guard case .received = try client.stream.receive(into: &client.input, limit: 4096) else {
                drop(token)
                return
            }
            let source = try client.stream.peerAddress().address
            // RFC 1035 §4.2.2: two bytes of length before each message.
            while client.input.count >= 2 {
                let length = Int(client.input[0]) << 8 | Int(client.input[1])
                guard client.input.count >= 2 + length else { break }
                let message = Array(client.input[2..<(2 + length)])
                client.input.removeFirst(2 + length)
                ask(message, source, token, isTCP: true, runtime)
            }
        } catch {
            drop(token)
        }
    }

    private func flush(_ token: UInt64, _ client: TCPClient) {
        do throws(SystemError) {
            let sent = try client.stream.send(client.output)
            client.output.removeFirst(sent)
            try loop.modify(
                client.stream.descriptor,
                token: token,
                interest: client.output.isEmpty ? .readable : [.readable, .writable]
            )
        } catch {
            drop(token)
        }
    }

    private func drop(_ token: UInt64) {
        guard let client = clients.removeValue(forKey: token) else { return }
        loop.remove(client.stream.descriptor)
    }

    func tick(runtime: AgentRuntime) {
        let now = SystemClock.monotonicMilliseconds()
        carryOut(proxy.tick(nowMilliseconds: now, entropy: runtime.entropy()), runtime)
        for upstream in streams.indices { take(streams[upstream].tick(entropy: runtime.entropy()), upstream, runtime) }
        for (token, question) in questions where now > question.sinceMilliseconds + 30_000 { close(token) }
        for (token, client) in clients where now > client.lastMilliseconds + DNSService.tcpIdleMilliseconds {
            drop(token)
        }
        // Questions that the proxy gave up without a reply leave their askers behind.
        if askers.count > 4 * DNSService.maximumUpstreamSockets { askers.removeAll() }
    }
}
