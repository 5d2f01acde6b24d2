import AgentCore
import ConfigurationFiles
import NetworkTypes
import SystemIO
import TLS

/// The connection to one upstream of the devices' DNS: TLS that proves who the upstream is (RFC 7858, the strict profile
/// of RFC 8310), or TCP for answers that UDP has no room for. Opened when it is needed, kept while it is used. What is
/// sent when is decided by `DNSStream`.
final class UpstreamStream {
    /// How long bytes may go without an acknowledgement before the connection is dead.
    static let unacknowledgedMilliseconds: Int32 = 5000
    /// When a silent connection is asked whether it is still there.
    static let keepAliveSeconds: Int32 = 10
    /// Bytes read at a time.
    static let readBytes = 16 << 10

    /// What came of it.
    struct Outcome {
        /// Answers, by the numbers of their questions.
        var answers: [(query: UInt64, bytes: [UInt8])] = []
        /// Questions that get no answer any more.
        var lost: [UInt64] = []
        /// Whether they were lost with a connection that was good.
        var isStale = false
    }

    let upstream: DNSUpstream
    /// Connections opened.
    private(set) var connectionCount: UInt64 = 0
    /// Connections that failed, or could not be opened.
    private(set) var failureCount: UInt64 = 0
    /// Why the last one did; empty once another has brought an answer.
    private(set) var failure: ByteString = ""
    private(set) var questions: DNSStream
    private let authoritiesFile: ByteString?
    private let token: UInt64
    private let loop: EventLoop
    private var stream: ByteStream?
    private var isConnected = false
    private var engine: TLSEngine?
    /// Kept while connections are good; made anew after a failure, so that new authorities on the disk are seen.
    private var context: TLSContext?
    private var session: TLSSession?
    private var output: [UInt8] = []

    init(_ upstream: DNSUpstream, authoritiesFile: ByteString?, loop: EventLoop, token: UInt64, entropy: UInt64) {
        self.upstream = upstream
        self.authoritiesFile = authoritiesFile
        self.loop = loop
        self.token = token
        questions = DNSStream(entropy: entropy)
    }

    /// Whether a connection stands.
    var isOpen: Bool { stream != nil && isConnected && (engine == nil || engine?.state == .established) }

    /// Asks; the question is lost at once where the upstream cannot be asked now. `time` is as in `Credentials.context`.
    func ask(_ query: UInt64, _ bytes: [UInt8], time: Int64?, entropy: UInt64) -> Outcome {
        var outcome = Outcome()
        do throws(Failure) {
            switch questions.ask(query: query, bytes: bytes, nowMilliseconds: SystemClock.monotonicMilliseconds()) {
            case .refused: outcome.lost.append(query)
            case .queued: break
            case .connect: try connect(time)
            case .send(let framed):
                try write(framed)
                try flush()
            }
        } catch {
            close(error.message, entropy, &outcome)
        }
        return outcome
    }

    /// The socket is ready.
    func advance(entropy: UInt64) -> Outcome {
        var outcome = Outcome()
        do throws(Failure) {
            guard let stream else { return outcome }
            if !isConnected {
                do throws(SystemError) {
                    guard try stream.finishConnecting() else { return outcome }
                    try stream.setKeepAlive(
                        idleSeconds: UpstreamStream.keepAliveSeconds,
                        unacknowledgedMilliseconds: UpstreamStream.unacknowledgedMilliseconds
                    )
                } catch {
                    throw Failure(error, .unreachable)
                }
                isConnected = true
                do throws(TLSError) { try engine?.start() } catch { throw Failure(error) }
                if engine == nil { output += questions.opened(nowMilliseconds: SystemClock.monotonicMilliseconds()) }
            }
            try receive(stream, &outcome)
            try flush()
        } catch {
            close(error.message, entropy, &outcome)
        }
        return outcome
    }

    /// Time passed.
    func tick(entropy: UInt64) -> Outcome {
        var outcome = Outcome()
        switch questions.tick(nowMilliseconds: SystemClock.monotonicMilliseconds()) {
        case nil: break
        case .failure(let reason): close(reason, entropy, &outcome)
        case .idle:
            engine?.shutdown()
            do throws(Failure) { try flush() } catch { failure = error.message }
            close("", entropy, &outcome)
        }
        return outcome
    }

    private func connect(_ time: Int64?) throws(Failure) {
        let address = SocketAddress(upstream.endpoint.address, port: upstream.endpoint.port)
        do throws(TLSError) {
            if let name = upstream.serverName {
                if context == nil {
                    context = try TLSContext.client(authoritiesFile: authoritiesFile, verificationTimeSeconds: time)
                }
                guard let context else { return }
                engine = try TLSEngine(context: context, serverName: name, resuming: session)
            }
        } catch {
            throw Failure(error)
        }
        do throws(SystemError) {
            let made = try ByteStream.connecting(to: address)
            try loop.add(made.descriptor, token: token, interest: [.readable, .writable])
            stream = made
        } catch {
            throw Failure(error, .unreachable)
        }
        connectionCount += 1
    }

    private func receive(_ stream: ByteStream, _ outcome: inout Outcome) throws(Failure) {
        // Not more at a time than other work can wait for.
        for _ in 0..<EventLoop.batchLimit {
            var bytes: [UInt8] = []
            do throws(SystemError) {
                switch try stream.receive(into: &bytes, limit: UpstreamStream.readBytes) {
                case .wouldBlock: return
                case .end: throw SystemError(code: 0, operation: "read from", subject: stream.name)
                case .received: break
                }
            } catch {
                throw error.code == 0
                    ? Failure(.unreachable, "it closed the connection") : Failure(error, .unreachable)
            }
            guard let engine else {
                try take(bytes, &outcome)
                continue
            }
            do throws(TLSError) {
                let wasEstablished = engine.state == .established
                try engine.receive(bytes)
                if !wasEstablished, engine.state == .established {
                    try engine.write(questions.opened(nowMilliseconds: SystemClock.monotonicMilliseconds()))
                }
            } catch {
                // The alert tells the other side why.
                output += engine.takeOutgoing()
                do throws(SystemError) { _ = try stream.send(output) } catch { throw Failure(error, .unreachable) }
                throw Failure(error)
            }
            while true {
                var payload: [UInt8]?
                do throws(TLSError) { payload = try engine.read() } catch { throw Failure(error) }
                guard let payload else { break }
                try take(payload, &outcome)
            }
        }
    }

    private func take(_ bytes: [UInt8], _ outcome: inout Outcome) throws(Failure) {
        do throws(DNSStream.Failure) {
            let now = SystemClock.monotonicMilliseconds()
            let answers = try questions.received(bytes, nowMilliseconds: now)
            if !answers.isEmpty { failure = "" }
            outcome.answers += answers
        } catch {
            throw Failure(.badData, "it sent what is no answer of DNS")
        }
    }

    private func write(_ bytes: [UInt8]) throws(Failure) {
        guard let engine else {
            output += bytes
            return
        }
        do throws(TLSError) { try engine.write(bytes) } catch { throw Failure(error) }
    }

    private func flush() throws(Failure) {
        guard let stream, isConnected else { return }
        if let engine { output += engine.takeOutgoing() }
        do throws(SystemError) {
            var sent = 0
            while sent < output.count {
                let count = try stream.send(output, from: sent)
                if count == 0 { break }
                sent += count
            }
            output.removeFirst(sent)
            try loop.modify(
                stream.descriptor,
                token: token,
                interest: output.isEmpty ? .readable : [.readable, .writable]
            )
        } catch {
            throw Failure(error, .unreachable)
        }
    }

    /// Lets go of the connection; `reason` is empty where it was closed for want of questions.
    private func close(_ reason: ByteString, _ entropy: UInt64, _ outcome: inout Outcome) {
        outcome.isStale = questions.isProven
        if !outcome.isStale {
            failureCount += 1
            failure = reason
            context = nil
            session = nil
        } else {
            session = engine?.session
        }
        outcome.lost += questions.closed(nowMilliseconds: SystemClock.monotonicMilliseconds(), entropy: entropy)
        if let stream { loop.remove(stream.descriptor) }
        stream = nil
        engine = nil
        isConnected = false
        output = []
    }
}
