internal import ConfigurationFiles
internal import NetworkTypes
internal import Synchronization
internal import SystemIO
internal import TLS
internal import WireProtocol

/// One download of a source: redirects and all, within limits. It waits, so it runs on a thread of its own.
///
/// It is the agent's and `gatehousectl`'s HTTP over the project's TLS: a client of another package would bring a second TLS
/// library into the collector, which has one.
struct BlocklistDownload {
    /// Why nothing came of it, for an operator.
    struct Problem: Error, Hashable {
        let text: String

        init(_ text: String) { self.text = text }
    }

    /// What came.
    enum Outcome: Hashable {
        /// The file is the one whose validators were sent.
        case unchanged
        /// A file, and its validators.
        case file([UInt8], entityTag: String?, lastModified: String?)
    }

    /// Tells downloads to end: the collector stops.
    final class Stop: Sendable {
        private let isSet = Mutex(false)

        var isStopping: Bool { isSet.withLock { $0 } }

        func stop() { isSet.withLock { $0 = true } }
    }

    /// How long a wait lasts before `stop` is looked at.
    private static let sliceMilliseconds: UInt64 = 200
    private static let redirections: Set<UInt16> = [301, 302, 303, 307, 308]

    let settings: BlocklistSettings
    let version: String
    let stop: Stop
    private let deadline: UInt64

    /// A download that begins now.
    init(_ settings: BlocklistSettings, version: String, stop: Stop) {
        self.settings = settings
        self.version = version
        self.stop = stop
        deadline = SystemClock.monotonicMilliseconds() + settings.timeoutSeconds * 1000
    }

    /// Asks the source for its file, or whether it is another than the one with these validators.
    func run(
        _ source: BlocklistSettings.Source,
        entityTag: String?,
        lastModified: String?
    ) throws(Problem) -> Outcome {
        var address = source.address
        for _ in 0...settings.redirects {
            let response = try exchange(address, entityTag: entityTag, lastModified: lastModified)
            switch response.status {
            case 200:
                return try file(response, of: source)
            case 304 where entityTag != nil || lastModified != nil:
                return .unchanged
            case let status where Self.redirections.contains(status):
                guard let location = response.headers.value(of: "location"), let next = address.following(location)
                else { throw Problem("\(address.authority.text) redirects to no address (status \(status))") }
                // What was asked for over TLS is never taken in the clear.
                guard next.isSecure || (!address.isSecure && (source.hash != nil || next.isLoopback)) else {
                    throw Problem(
                        "\(address.authority.text) redirects to \(next.byteString.text), which is not https://"
                    )
                }
                address = next
            default:
                throw Problem("\(address.authority.text) answers with status \(response.status)")
            }
        }
        throw Problem("more than \(settings.redirects) redirects, the last to \(address.byteString.text)")
    }

    private func file(_ response: HTTPResponse, of source: BlocklistSettings.Source) throws(Problem) -> Outcome {
        if let coding = response.headers.first(where: { $0.name == "content-encoding" })?.value,
            coding.lowercasedASCII != "identity"
        {
            throw Problem("the file is sent as \(coding.text), which was not asked for")
        }
        if let hash = source.hash, SHA256.hash(response.body) != hash {
            throw Problem("the file is not the one whose sha256 is given")
        }
        return .file(
            response.body,
            entityTag: response.headers.value(of: "etag")?.text,
            lastModified: response.headers.value(of: "last-modified")?.text
        )
    }

    private func exchange(
        _ address: WebAddress,
        entityTag: String?,
        lastModified: String?
    ) throws(Problem) -> HTTPResponse {
        var headers = [
            HTTPHeader(name: "user-agent", value: "gatehouse-collector/\(version)".byteString),
            HTTPHeader(name: "accept", value: "text/plain, */*"),
            HTTPHeader(name: "accept-encoding", value: "identity"),
            HTTPHeader(name: "connection", value: "close"),
        ]
        if let entityTag { headers.append(HTTPHeader(name: "if-none-match", value: entityTag.byteString)) }
        if let lastModified { headers.append(HTTPHeader(name: "if-modified-since", value: lastModified.byteString)) }
        let request = HTTPRequest(
            method: "GET",
            target: address.target,
            host: address.authority,
            headers: headers
        )
        guard let bytes = request.encoded() else { throw Problem("the request cannot be written") }
        let stream = try connect(address)
        let connection = Connection(stream: stream, engine: try secured(address, stream), download: self)
        try connection.send(bytes)
        return try connection.response(limit: Int(settings.maximumBytes))
    }

    private func connect(_ address: WebAddress) throws(Problem) -> ByteStream {
        switch HostResolution.blocking(address.host) {
        case .pending: throw Problem("no address is known for \(address.host.text)")
        case .failed(let words): throw Problem("no address is known for \(address.host.text): \(words.text)")
        case .addresses(let found):
            var last = Problem("no address is known for \(address.host.text)")
            for (index, ip) in found.enumerated() {
                // One that is not there must not take the time of all.
                let share = try left() / UInt64(found.count - index)
                do throws(SystemError) {
                    let stream = try ByteStream.connecting(to: SocketAddress(ip, port: address.port))
                    try stream.waitUntilConnected(timeoutMilliseconds: share)
                    return stream
                } catch {
                    last = Problem("\(error)")
                }
            }
            throw last
        }
    }

    private func secured(_ address: WebAddress, _ stream: ByteStream) throws(Problem) -> TLSEngine? {
        guard address.isSecure else { return nil }
        do throws(TLSError) {
            let context = try TLSContext.client(authoritiesFile: settings.authoritiesFile)
            let engine = try TLSEngine(context: context, serverName: address.host)
            try engine.start()
            return engine
        } catch {
            throw Problem("\(address.authority.text): \(error)")
        }
    }

    /// Milliseconds that are left.
    func left() throws(Problem) -> UInt64 {
        guard !stop.isStopping else { throw Problem("the collector stops") }
        let now = SystemClock.monotonicMilliseconds()
        guard now < deadline else { throw Problem("not done within \(settings.timeoutSeconds) s") }
        return deadline - now
    }

    /// Waits until something can be read or written, within the time that is left.
    func wait(_ ready: (UInt64) throws(SystemError) -> Bool) throws(Problem) {
        while true {
            let slice = min(try left(), Self.sliceMilliseconds)
            do throws(SystemError) { if try ready(slice) { return } } catch { throw Problem("\(error)") }
        }
    }

    /// A connection, in the clear or over TLS.
    private struct Connection {
        let stream: ByteStream
        let engine: TLSEngine?
        let download: BlocklistDownload

        func send(_ bytes: [UInt8]) throws(Problem) {
            guard let engine else { return try write(bytes) }
            try flush(engine)
            while engine.state == .handshaking {
                guard let input = try receive() else {
                    throw Problem("\(stream.name.text) ended the connection during the TLS handshake")
                }
                try feed(engine, input)
                try flush(engine)
            }
            do throws(TLSError) { try engine.write(bytes) } catch { throw Problem("\(stream.name.text): \(error)") }
            try flush(engine)
        }

        func response(limit: Int) throws(Problem) -> HTTPResponse {
            var parser = HTTPResponseParser(bodyLimit: limit)
            var input: [UInt8] = []
            while true {
                let received = try receive()
                // Over TLS an end that the server did not sign may be anybody's: what ends with the connection is cut.
                var isEnded = received == nil && engine == nil
                if let engine {
                    if let received { try feed(engine, received) }
                    do throws(TLSError) { while let payload = try engine.read() { input += payload } } catch {
                        throw Problem("\(stream.name.text): \(error)")
                    }
                    try flush(engine)
                    isEnded = engine.state == .closed
                } else {
                    input += received ?? []
                }
                do throws(DecodeError) {
                    if let response = try parser.read(&input) { return response }
                    if isEnded { return try parser.readEnd() }
                } catch {
                    throw Problem(Self.words(error, limit))
                }
                guard received != nil else { throw Problem("the connection ended before the file was whole") }
            }
        }

        private static func words(_ error: DecodeError, _ limit: Int) -> String {
            switch error.reason {
            case .limitExceeded: return "the file has more than \(limit) bytes, or the answer a head without end"
            case .truncated: return "the connection ended before the file was whole"
            default: return "the answer is not of HTTP/1.1 (byte \(error.offset))"
            }
        }

        private func feed(_ engine: TLSEngine, _ bytes: [UInt8]) throws(Problem) {
            do throws(TLSError) { try engine.receive(bytes) } catch {
                // The alert, so that the server's log says why.
                _ = try? stream.send(engine.takeOutgoing())
                throw Problem("\(stream.name.text): \(error)")
            }
        }

        private func flush(_ engine: TLSEngine) throws(Problem) { try write(engine.takeOutgoing()) }

        private func write(_ bytes: [UInt8]) throws(Problem) {
            var offset = 0
            while offset < bytes.count {
                var sent = 0
                do throws(SystemError) { sent = try stream.send(bytes, from: offset) } catch {
                    throw Problem("\(error)")
                }
                offset += sent
                if sent == 0 {
                    try download.wait { (slice) throws(SystemError) in
                        try stream.waitUntilWritable(timeoutMilliseconds: slice)
                    }
                }
            }
        }

        /// What has come; nil at the end.
        private func receive() throws(Problem) -> [UInt8]? {
            while true {
                try download.wait { (slice) throws(SystemError) in
                    try stream.waitUntilReadable(timeoutMilliseconds: slice)
                }
                var bytes: [UInt8] = []
                do throws(SystemError) {
                    switch try stream.receive(into: &bytes, limit: 64 << 10) {
                    case .received: return bytes
                    case .wouldBlock: continue
                    case .end: return nil
                    }
                } catch {
                    throw Problem("\(error)")
                }
            }
        }
    }
}
