import AgentCore
import ConfigurationFiles
import NetworkTypes
import SystemIO

// Questions that go to the upstreams.
extension DNSService {
    /// The resolvers that are asked, each with its stream.
    static func streams(_ configuration: AgentConfiguration.DNS, _ loop: EventLoop) throws(SystemError)
        -> [UpstreamStream]
    {
        let upstreams = upstreams(configuration)
        var streams: [UpstreamStream] = []
        for (index, upstream) in upstreams.enumerated() {
            streams.append(
                UpstreamStream(
                    upstream,
                    authoritiesFile: configuration.authoritiesFile,
                    loop: loop,
                    token: Token.firstUpstream + UInt64(index),
                    entropy: try SystemRandom.next()
                )
            )
        }
        return streams
    }

    private static func upstreams(_ configuration: AgentConfiguration.DNS) -> [DNSUpstream] {
        let upstreams = configuration.upstreams.isEmpty ? hostResolvers() : configuration.upstreams
        return Array(upstreams.prefix(AgentConfiguration.DNS.maximumUpstreamCount))
    }

    /// Those that the kernel can send a device to: asked in the clear on port 53, and not on this host alone.
    static func plainResolvers(_ configuration: AgentConfiguration.DNS) -> [IPAddress] {
        upstreams(configuration).filter {
            $0.serverName == nil && $0.endpoint.port == DNSUpstream.plainPort && !$0.endpoint.address.isLoopback
        }.map { $0.endpoint.address }
    }

    /// The resolvers of this host (resolv.conf(5)).
    private static func hostResolvers() -> [DNSUpstream] {
        do throws(SystemError) {
            let text = ByteString(try FileSystem.read("/etc/resolv.conf", limit: 64 << 10))
            return text.split(0x0A).compactMap { line in
                let words = line.split(0x20).filter { !$0.isEmpty }
                guard words.count >= 2, words[0] == "nameserver", let address = IPAddress(words[1]) else { return nil }
                return DNSUpstream(endpoint: Endpoint(address: address, port: DNSUpstream.plainPort))
            }
        } catch {
            return []
        }
    }

    func forwardOverStream(_ query: UInt64, _ bytes: [UInt8], _ upstream: Int, _ runtime: AgentRuntime) {
        guard streams.indices.contains(upstream) else { return }
        let time = runtime.earliestTimeSeconds()
        take(streams[upstream].ask(query, bytes, time: time, entropy: runtime.entropy()), upstream, runtime)
    }

    func advance(_ upstream: Int, _ runtime: AgentRuntime) {
        guard streams.indices.contains(upstream) else { return }
        take(streams[upstream].advance(entropy: runtime.entropy()), upstream, runtime)
    }

    /// Answers of a stream, and questions that go to another upstream now.
    func take(_ outcome: UpstreamStream.Outcome, _ upstream: Int, _ runtime: AgentRuntime) {
        let stream = streams[upstream]
        if stream.failureCount != failuresSeen[upstream] {
            failuresSeen[upstream] = stream.failureCount
            runtime.log.warning("resolver \(stream.upstream.byteString): \(stream.failure)")
        }
        let now = SystemClock.monotonicMilliseconds()
        for answer in outcome.answers {
            carryOut(proxy.answered(query: answer.query, bytes: answer.bytes, nowMilliseconds: now), runtime)
        }
        for query in outcome.lost { fail(query, upstream, isStale: outcome.isStale, runtime) }
    }

    private func fail(_ query: UInt64, _ upstream: Int, isStale: Bool, _ runtime: AgentRuntime) {
        let now = SystemClock.monotonicMilliseconds()
        carryOut(proxy.failed(query: query, upstream: upstream, isStale: isStale, nowMilliseconds: now), runtime)
    }

    func forward(_ query: UInt64, _ bytes: [UInt8], _ upstream: Int, _ runtime: AgentRuntime) {
        // In the clear, and so never to one that is asked over TLS.
        guard streams.indices.contains(upstream), streams[upstream].upstream.serverName == nil else { return }
        guard questions.count < DNSService.maximumUpstreamSockets else {
            limitHits += 1
            return
        }
        let endpoint = streams[upstream].upstream.endpoint
        do throws(SystemError) {
            let socket = try DatagramSocket.connected(to: SocketAddress(endpoint.address, port: endpoint.port))
            _ = try socket.send(bytes)
            let token = handle()
            try loop.add(socket.descriptor, token: token, interest: .readable)
            questions[token] = Question(
                socket: socket,
                query: query,
                upstream: upstream,
                sinceMilliseconds: SystemClock.monotonicMilliseconds()
            )
        } catch {
            runtime.log.debug(error.byteString)
            fail(query, upstream, isStale: false, runtime)
        }
    }

    func readUpstream(_ token: UInt64, _ runtime: AgentRuntime) {
        guard let question = questions[token] else { return }
        var buffer = [UInt8](repeating: 0, count: DNSService.maximumDatagramBytes)
        do throws(SystemError) {
            guard let datagram = try question.socket.receive(into: &buffer), !datagram.isTruncated else { return }
            let actions = proxy.answered(
                query: question.query,
                bytes: Array(buffer.prefix(datagram.count)),
                nowMilliseconds: SystemClock.monotonicMilliseconds()
            )
            // An answer that was not the one waited for leaves the socket open for the right one.
            if !actions.isEmpty { close(token) }
            carryOut(actions, runtime)
        } catch {
            // Nobody listens there, or there is no way there.
            close(token)
            fail(question.query, question.upstream, isStale: false, runtime)
        }
    }

    func close(_ token: UInt64) {
        guard let question = questions.removeValue(forKey: token) else { return }
        loop.remove(question.socket.descriptor)
    }
}
