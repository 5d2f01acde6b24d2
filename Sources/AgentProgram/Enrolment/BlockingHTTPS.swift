import NetworkTypes
import SystemIO
import TLS
import WireProtocol

/// One HTTPS request and its answer, for `enroll`, which has nothing else to do meanwhile.
enum BlockingHTTPS {
    /// For the connection, and for each wait on the network.
    static let timeoutMilliseconds: UInt64 = 15_000

    /// Sends `request` to the first address that answers.
    static func exchange(
        _ request: HTTPRequest,
        host: ByteString,
        port: UInt16,
        context: TLSContext
    ) throws(Failure) -> HTTPResponse {
        guard let bytes = request.encoded() else { throw Failure(.badData, "the request cannot be written") }
        let stream = try connect(host: host, port: port)
        do throws(TLSError) { return try talk(bytes, over: stream, host: host, context: context) } catch {
            throw Failure(.unreachable, "cannot talk to \(stream.name): \(error.what)")
        }
    }

    private static func connect(host: ByteString, port: UInt16) throws(Failure) -> ByteStream {
        var last = Failure(.unreachable, "no address is known for \(host)")
        switch HostResolution.blocking(host) {
        case .addresses(let addresses):
            for address in addresses {
                do throws(SystemError) {
                    let stream = try ByteStream.connecting(to: SocketAddress(address, port: port))
                    try stream.waitUntilConnected(timeoutMilliseconds: timeoutMilliseconds)
                    return stream
                } catch {
                    last = Failure(.unreachable, error.byteString)
                }
            }
        case .failed(let words): last = Failure(.unreachable, "no address is known for \(host): \(words)")
        case .pending: break
        }
        throw last
    }

    private static func talk(
        _ request: [UInt8],
        over stream: ByteStream,
        host: ByteString,
        context: TLSContext
    ) throws(TLSError) -> HTTPResponse {
        let engine = try TLSEngine(context: context, serverName: host)
        try engine.start()
        var isSent = false
        var parser = HTTPResponseParser()
        var input: [UInt8] = []
        while true {
            if engine.state == .established, !isSent {
                try engine.write(request)
                isSent = true
            }
            do throws(SystemError) { try send(engine.takeOutgoing(), over: stream) } catch {
                throw TLSError(.closed, error.byteString)
            }
            while let payload = try engine.read() { input += payload }
            do throws(DecodeError) {
                if let response = try parser.read(&input) { return response }
                if engine.state == .closed { return try parser.readEnd() }
            } catch {
                throw TLSError(.malformed, "the answer is not HTTP/1.1")
            }
            var ciphertext: [UInt8] = []
            var isEnded = false
            do throws(SystemError) {
                guard try stream.waitUntilReadable(timeoutMilliseconds: timeoutMilliseconds) else {
                    throw SystemError(code: 110, operation: "wait for", subject: stream.name)
                }
                if try stream.receive(into: &ciphertext, limit: 16 << 10) == .end { isEnded = true }
            } catch {
                throw TLSError(.closed, error.byteString)
            }
            if isEnded { throw TLSError(.closed, "the connection was closed before the answer was whole") }
            try engine.receive(ciphertext)
        }
    }

    private static func send(_ bytes: [UInt8], over stream: ByteStream) throws(SystemError) {
        var offset = 0
        while offset < bytes.count {
            let sent = try stream.send(bytes, from: offset)
            offset += sent
            if sent == 0, !(try stream.waitUntilWritable(timeoutMilliseconds: timeoutMilliseconds)) {
                throw SystemError(code: 110, operation: "write to", subject: stream.name)
            }
        }
    }
}
