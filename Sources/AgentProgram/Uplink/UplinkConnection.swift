import NetworkTypes
import SystemIO
import TLS
import WireProtocol

/// One connection to the collector: TCP, TLS with the gateway's certificate, the upgrade, then messages.
///
/// Made anew for each attempt. The loop tells it when its socket is ready and takes what came out of it.
final class UplinkConnection {
    /// What came of the connection.
    enum Event {
        /// The WebSocket is open.
        case opened
        /// Something was heard, though no message.
        case heard
        /// A message came.
        case message(CollectorMessage)
        /// The connection is over, and why.
        case closed(ByteString)
    }

    private enum Phase {
        case connecting
        case handshaking
        case upgrading
        case open
        case closed
    }

    /// Most bytes that wait for the socket; beyond it no reports are taken.
    static let maximumPendingBytes = 2 << 20
    /// Bytes read at a time.
    static let readBytes = 16 << 10

    let stream: ByteStream
    /// Where it leads.
    let address: IPAddress
    private let engine: TLSEngine
    private let host: ByteString
    private let nonce: [UInt8]
    private var phase = Phase.connecting
    private var outgoing: [UInt8] = []
    private var outgoingOffset = 0
    private var input: [UInt8] = []
    private var response = HTTPResponseParser(expectsBody: false)
    private var decoder = WebSocketDecoder(role: .client)
    private let encoder = WebSocketEncoder(role: .client)

    init(address: SocketAddress, host: ByteString, context: TLSContext) throws(Failure) {
        do throws(SystemError) {
            stream = try ByteStream.connecting(to: address)
            nonce = try SystemRandom.bytes(WebSocketHandshake.nonceLength)
        } catch {
            throw Failure(error, .unreachable)
        }
        do throws(TLSError) { engine = try TLSEngine(context: context, serverName: host) } catch {
            throw Failure(error)
        }
        self.host = host
        self.address = address.address
    }

    /// Whether bytes wait for the socket.
    var wantsToWrite: Bool { phase == .connecting || outgoingOffset < outgoing.count }

    /// Bytes that wait for the socket.
    var pendingBytes: Int { outgoing.count - outgoingOffset }

    /// The socket is ready: carries everything on as far as it goes.
    func advance() -> [Event] {
        var events: [Event] = []
        do throws(Failure) {
            if phase == .connecting {
                do throws(SystemError) {
                    guard try stream.finishConnecting() else { return [] }
                } catch {
                    throw Failure(error, .unreachable)
                }
                phase = .handshaking
                do throws(TLSError) { try engine.start() } catch { throw Failure(error) }
            }
            try receive(&events)
            try flush()
        } catch {
            phase = .closed
            events.append(.closed(error.message))
        }
        return events
    }

    /// Sends a message. What does not fit into the socket waits; see `pendingBytes`.
    func send(_ message: [UInt8]) { sendFrame { encoder.binary(message, mask: $0) } }

    /// Sends a ping.
    func ping() { sendFrame { encoder.frame(.ping, [], mask: $0) } }

    private func sendFrame(_ frame: (UInt32) -> [UInt8]) {
        guard phase == .open else { return }
        do throws(Failure) {
            try write(frame(try mask()))
            try flush()
        } catch {
            phase = .closed
        }
    }

    private func mask() throws(Failure) -> UInt32 {
        do throws(SystemError) { return UInt32(truncatingIfNeeded: try SystemRandom.next()) } catch {
            throw Failure(error)
        }
    }

    private func write(_ plaintext: [UInt8]) throws(Failure) {
        do throws(TLSError) { try engine.write(plaintext) } catch { throw Failure(error) }
    }

    private func receive(_ events: inout [Event]) throws(Failure) {
        while true {
            var ciphertext: [UInt8] = []
            var isEnd = false
            do throws(SystemError) {
                switch try stream.receive(into: &ciphertext, limit: UplinkConnection.readBytes) {
                case .wouldBlock: return
                case .end: isEnd = true
                case .received: break
                }
            } catch {
                throw Failure(error, .unreachable)
            }
            if isEnd { throw Failure(.unreachable, "the collector closed the connection") }
            do throws(TLSError) {
                try engine.receive(ciphertext)
                while let payload = try engine.read() { input += payload }
            } catch {
                throw Failure(error)
            }
            try interpret(&events)
        }
    }

    private func interpret(_ events: inout [Event]) throws(Failure) {
        if phase == .handshaking, engine.state == .established {
            guard let request = WebSocketHandshake.request(host: host, nonce: nonce) else {
                throw Failure(.failed, "the collector's name cannot stand in a request")
            }
            try write(request)
            phase = .upgrading
        }
        if phase == .upgrading {
            do throws(DecodeError) {
                guard let answer = try response.read(&input) else { return }
                do throws(WebSocketHandshake.Refusal) {
                    try WebSocketHandshake.check(answer, nonce: nonce)
                } catch {
                    throw DecodeError(.unsupported, at: Int(answer.status))
                }
            } catch {
                throw Failure(
                    .unreachable,
                    "the collector refused the upgrade to a WebSocket (\(error.offset))"
                )
            }
            phase = .open
            events.append(.opened)
        }
        guard phase == .open, !input.isEmpty else { return }
        decoder.append(input)
        input.removeAll(keepingCapacity: true)
        do throws(WebSocketError) {
            while let event = try decoder.next() { try take(event, &events) }
        } catch {
            throw Failure(.failed, "the collector sent a WebSocket frame that the protocol does not allow")
        }
    }

    private func take(_ event: WebSocketEvent, _ events: inout [Event]) throws(WebSocketError) {
        switch event {
        case .binary(let bytes):
            do throws(DecodeError) { events.append(.message(try CollectorMessage(decoding: bytes))) } catch {
                phase = .closed
                events.append(.closed("the collector sent a message that cannot be decoded"))
            }
        case .text: events.append(.heard)
        case .ping(let payload):
            sendFrame { encoder.frame(.pong, payload, mask: $0) }
            events.append(.heard)
        case .pong: events.append(.heard)
        case .close(let code, let reason):
            phase = .closed
            var text: ByteString = "the collector closed the connection"
            if let code { text = "\(text) (\(code.rawValue) \(reason))" }
            events.append(.closed(text))
        }
    }

    private func flush() throws(Failure) {
        outgoing += engine.takeOutgoing()
        while outgoingOffset < outgoing.count {
            do throws(SystemError) {
                let sent = try stream.send(outgoing, from: outgoingOffset)
                if sent == 0 { return }
                outgoingOffset += sent
            } catch {
                throw Failure(error, .unreachable)
            }
        }
        outgoing.removeAll(keepingCapacity: outgoing.count <= UplinkConnection.readBytes)
        outgoingOffset = 0
    }
}
