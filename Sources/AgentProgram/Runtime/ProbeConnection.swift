import AgentCore
import NetworkTypes
import SystemIO
import TLS

/// One exchange with a device on the wire: sends the request once, reads what comes within its limits, and ends.
///
/// An answer is over when the other side closes, the limit is reached, or nothing came for a second after something did.
final class ProbeConnection {
    let exchange: ProbeExchange
    /// How it ended; meant once `isOver`.
    private(set) var result = ProbeResult(.timedOut)
    private(set) var isOver = false
    private let stream: ByteStream?
    private let datagrams: DatagramSocket?
    private let engine: TLSEngine?
    private var isConnected = false
    private var isAsked = false
    private var outgoing: [UInt8] = []
    private var answer: [UInt8] = []
    private let deadlineMilliseconds: UInt64
    private var lastByteMilliseconds: UInt64?

    private static let connectionRefused: Int32 = 111
    private static let connectionReset: Int32 = 104
    private static let brokenPipe: Int32 = 32

    init(_ exchange: ProbeExchange, context: TLSContext?) throws(Failure) {
        self.exchange = exchange
        deadlineMilliseconds = SystemClock.monotonicMilliseconds() + ProbeLimits.exchangeMilliseconds
        let address = SocketAddress(exchange.address, port: exchange.port)
        // By the device's own link, whatever the routes say.
        let options = SocketOptions(device: exchange.interface)
        do throws(SystemError) {
            if exchange.step.transport == .udp {
                stream = nil
                datagrams = try DatagramSocket.connected(to: address, options: options)
            } else {
                datagrams = nil
                stream = try ByteStream.connecting(to: address, options: options)
            }
        } catch {
            throw Failure(error)
        }
        do throws(TLSError) {
            engine = try context.map { (context) throws(TLSError) in
                try TLSEngine(context: context, serverName: exchange.address.byteString)
            }
        } catch {
            throw Failure(error)
        }
        if datagrams != nil { advance() }
    }

    /// The number to register.
    var descriptor: Int32 { stream?.descriptor ?? datagrams?.descriptor ?? -1 }

    /// What it waits for.
    var interest: EventLoop.Interest {
        stream != nil && (!isConnected || !outgoing.isEmpty) ? [.readable, .writable] : .readable
    }

    /// The socket is ready: carries the exchange on as far as it goes.
    func advance() {
        guard !isOver else { return }
        do throws(SystemError) {
            if let datagrams { try advance(datagrams) } else if let stream { try advance(stream) }
        } catch {
            switch error.code {
            case ProbeConnection.connectionRefused: finish(.closed)
            case ProbeConnection.connectionReset, ProbeConnection.brokenPipe: finish(.reset)
            default: finish(.failed)
            }
        }
    }

    /// Ends what takes too long.
    func expire(_ nowMilliseconds: UInt64) {
        guard !isOver else { return }
        if let lastByteMilliseconds, nowMilliseconds >= lastByteMilliseconds + ProbeLimits.quietMilliseconds {
            finish(.finished)
        } else if nowMilliseconds >= deadlineMilliseconds {
            finish(.timedOut)
        }
    }

    private func finish(_ end: ProbeResult.End) {
        isOver = true
        result.end = end
        if !answer.isEmpty { result.parts = [answer] }
        if let certificate = engine?.peerCertificate { result.certificate = certificate.der }
    }

    private func advance(_ socket: DatagramSocket) throws(SystemError) {
        if !isAsked {
            isAsked = true
            guard try socket.send(exchange.request) else {
                finish(.failed)
                return
            }
            result.sentBytes = UInt64(exchange.request.count)
        }
        var buffer = [UInt8](repeating: 0, count: exchange.answerLimit)
        while let datagram = try socket.receive(into: &buffer) {
            result.receivedBytes += UInt64(datagram.count)
            if datagram.isTruncated { result.isCut = true }
            result.parts.append(Array(buffer.prefix(datagram.count)))
            lastByteMilliseconds = SystemClock.monotonicMilliseconds()
            if result.receivedBytes >= UInt64(exchange.answerLimit) || result.parts.count == ProbeLimits.datagrams {
                result.isCut = true
                finish(.finished)
                return
            }
            buffer = [UInt8](repeating: 0, count: exchange.answerLimit - Int(result.receivedBytes))
        }
    }

    private func advance(_ stream: ByteStream) throws(SystemError) {
        if !isConnected {
            guard try stream.finishConnecting() else { return }
            isConnected = true
            do throws(TLSError) { try engine?.start() } catch { finish(.failed) }
        }
        try write(stream)
        // Not more at a time than other work can wait for.
        for _ in 0..<16 {
            guard !isOver else { return }
            var bytes: [UInt8] = []
            let limit = Swift.min(exchange.answerLimit - Int(result.receivedBytes), 16 << 10)
            switch try stream.receive(into: &bytes, limit: limit) {
            case .wouldBlock: return
            case .end:
                finish(.finished)
                return
            case .received: break
            }
            result.receivedBytes += UInt64(bytes.count)
            take(bytes)
            try write(stream)
        }
    }

    private func take(_ bytes: [UInt8]) {
        if let engine {
            do throws(TLSError) {
                try engine.receive(bytes)
                while let payload = try engine.read() {
                    answer += payload
                    lastByteMilliseconds = SystemClock.monotonicMilliseconds()
                }
            } catch {
                finish(.failed)
                return
            }
            if engine.state == .closed { finish(.finished) }
        } else {
            answer += bytes
            lastByteMilliseconds = SystemClock.monotonicMilliseconds()
        }
        if !isOver, result.receivedBytes >= UInt64(exchange.answerLimit) {
            result.isCut = true
            finish(.finished)
        }
    }

    /// Sends the request, once, as soon as it can be; and what TLS has to say.
    private func write(_ stream: ByteStream) throws(SystemError) {
        if !isAsked, engine == nil || engine?.state == .established {
            isAsked = true
            if let engine {
                do throws(TLSError) { try engine.write(exchange.request) } catch { finish(.failed) }
            } else {
                outgoing = exchange.request
            }
        }
        if let engine { outgoing += engine.takeOutgoing() }
        while !outgoing.isEmpty {
            let sent = try stream.send(outgoing)
            if sent == 0 { return }
            result.sentBytes += UInt64(sent)
            outgoing.removeFirst(sent)
        }
    }
}
