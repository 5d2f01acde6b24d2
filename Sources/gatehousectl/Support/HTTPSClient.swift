import NetworkTypes
import TLS
import WireProtocol

/// One request a connection, over TLS with a pinned authority.
struct HTTPSClient {
    /// How long connecting may take.
    static let connectMilliseconds: Int32 = 10_000
    /// How long the other side may say nothing.
    static let silenceMilliseconds: Int32 = 30_000

    /// Bytes of a request that are handed to the engine at a time.
    private static let partBytes = 1 << 20

    let address: CollectorAddress
    private let context: TLSContext

    /// A client that trusts the authority with this SHA-256 alone.
    init(address: CollectorAddress, caSHA256: String) throws(ControlError) {
        guard let pin = Hexadecimal.decode(ByteString(utf8: caSHA256)), pin.count == 32 else {
            throw ControlError(.badConfiguration, "the SHA-256 of the authority has 64 hexadecimal digits")
        }
        self.address = address
        do throws(TLSError) {
            context = try TLSContext.client(pinnedCASHA256: pin, minimumVersion: .tls12, protocols: ["http/1.1"])
        } catch {
            throw ControlError(.failed, "TLS: \(error)")
        }
    }

    /// Sends a request and waits for the whole answer, whose body has at most `limit` bytes.
    func exchange(
        _ method: String,
        _ path: String,
        headers: [(String, String)],
        body: [UInt8],
        limit: Int = HTTPResponseParser.Limits.bodyBytes
    ) throws(ControlError) -> HTTPResponse {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(address.authority)\r\nConnection: close\r\n"
        head += "User-Agent: gatehousectl/\(ProgramVersion.text)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        let socket = try TCPConnection.connect(
            host: address.host,
            port: address.port,
            timeoutMilliseconds: HTTPSClient.connectMilliseconds
        )
        let engine = try secured { () throws(TLSError) in
            try TLSEngine(context: context, serverName: ByteString(utf8: address.host))
        }
        do {
            try secured { () throws(TLSError) in try engine.start() }
            while engine.state == .handshaking { try pump(engine, socket) }
            let request = Array((head + "\r\n").utf8) + body
            // In parts: what the engine holds for the socket is bounded.
            for start in stride(from: 0, to: request.count, by: HTTPSClient.partBytes) {
                let part = request[start..<min(request.count, start + HTTPSClient.partBytes)]
                try secured { () throws(TLSError) in try engine.write(Array(part)) }
                try socket.send(engine.takeOutgoing(), timeoutMilliseconds: HTTPSClient.silenceMilliseconds)
            }
            return try response(engine, socket, limit)
        } catch {
            // The alert, so that the collector's log says why.
            try? socket.send(engine.takeOutgoing(), timeoutMilliseconds: 1000)
            throw error
        }
    }

    /// Carries bytes both ways once; false at the end of the connection.
    @discardableResult
    private func pump(_ engine: TLSEngine, _ socket: TCPConnection) throws(ControlError) -> Bool {
        try socket.send(engine.takeOutgoing(), timeoutMilliseconds: HTTPSClient.silenceMilliseconds)
        let bytes = try socket.receive(timeoutMilliseconds: HTTPSClient.silenceMilliseconds)
        guard !bytes.isEmpty else {
            guard engine.state == .handshaking else { return false }
            throw ControlError(.unreachable, "\(address.authority): the connection was closed during the TLS handshake")
        }
        try secured { () throws(TLSError) in try engine.receive(bytes) }
        return true
    }

    private func response(
        _ engine: TLSEngine,
        _ socket: TCPConnection,
        _ limit: Int
    ) throws(ControlError) -> HTTPResponse {
        var parser = HTTPResponseParser(bodyLimit: limit)
        var input: [UInt8] = []
        while true {
            let isOpen = try pump(engine, socket)
            while let payload = try secured({ () throws(TLSError) in try engine.read() }) { input += payload }
            do throws(DecodeError) {
                if let whole = try parser.read(&input) { return whole }
                if !isOpen || engine.state == .closed { return try parser.readEnd() }
            } catch {
                throw ControlError(.unreachable, "\(address.authority): not an answer of HTTP/1.1 that can be read")
            }
        }
    }

    private func secured<Value>(_ work: () throws(TLSError) -> Value) throws(ControlError) -> Value {
        do throws(TLSError) {
            return try work()
        } catch {
            let advice =
                error.kind == .certificateRejected
                ? "; the collector is another one, or the SHA-256 of its authority or its name is wrong" : ""
            throw ControlError(.unreachable, "\(address.authority): \(error)\(advice)")
        }
    }
}
