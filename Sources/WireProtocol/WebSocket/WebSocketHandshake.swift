public import NetworkTypes

/// The opening handshake of RFC 6455 §4, over HTTP/1.1.
public enum WebSocketHandshake {
    /// Bytes of the nonce that a client draws for each connection.
    public static let nonceLength = 16
    /// Where agents connect.
    public static let agentTarget: ByteString = "/agent"
    /// The GUID of RFC 6455 §1.3.
    private static let identifier: ByteString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Why an upgrade did not come about.
    public enum Refusal: Error, Hashable, Sendable {
        /// The server answered something else than 101.
        case status(UInt16)
        /// `Upgrade` or `Connection` is missing or wrong.
        case notUpgraded
        /// `Sec-WebSocket-Accept` does not answer this request's key.
        case accept
        /// Another subprotocol, or none.
        case subprotocol
        /// An extension that nobody asked for.
        case extensions
    }

    /// The bytes of a client's request. `nonce` is random, `nonceLength` bytes, and drawn by the caller. nil where host
    /// or target hold bytes that do not belong there, or the nonce has another length.
    public static func request(host: ByteString, target: ByteString = agentTarget, nonce: [UInt8]) -> [UInt8]? {
        guard nonce.count == nonceLength else { return nil }
        return HTTPRequest(
            method: "GET",
            target: target,
            host: host,
            headers: [
                HTTPHeader(name: "upgrade", value: "websocket"),
                HTTPHeader(name: "connection", value: "Upgrade"),
                HTTPHeader(name: "sec-websocket-key", value: Base64.encode(nonce)),
                HTTPHeader(name: "sec-websocket-version", value: "13"),
                HTTPHeader(name: "sec-websocket-protocol", value: ByteString(utf8: ProtocolVersion.subprotocol)),
            ]
        ).encoded()
    }

    /// The value of `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
    public static func accept(forKey key: ByteString) -> ByteString {
        Base64.encode(SHA1.hash(key.bytes + identifier.bytes))
    }

    /// Checks the server's answer (RFC 6455 §4.1).
    public static func check(_ response: HTTPResponse, nonce: [UInt8]) throws(Refusal) {
        guard response.status == 101 else { throw .status(response.status) }
        guard response.headers.value(of: "upgrade")?.lowercasedASCII == "websocket",
            response.headers.contains(token: "upgrade", in: "connection")
        else { throw .notUpgraded }
        guard response.headers.value(of: "sec-websocket-accept") == accept(forKey: Base64.encode(nonce)) else {
            throw .accept
        }
        guard response.headers.value(of: "sec-websocket-protocol") == ByteString(utf8: ProtocolVersion.subprotocol)
        else {
            throw .subprotocol
        }
        for header in response.headers where header.name == "sec-websocket-extensions" { throw .extensions }
    }
}
