public import NetworkTypes

/// A request of HTTP/1.1 (RFC 9112), as the agent sends it.
public struct HTTPRequest: Hashable, Sendable {
    /// `GET`, `POST`
    public var method: ByteString
    /// `/.well-known/est/cacerts`
    public var target: ByteString
    /// Without `Content-Length`, which `encoded()` adds.
    public var headers: [HTTPHeader]
    /// The body.
    public var body: [UInt8]

    /// A request to `host` (`name:port`, as in a URL).
    public init(
        method: ByteString,
        target: ByteString,
        host: ByteString,
        headers: [HTTPHeader] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.headers = [HTTPHeader(name: "host", value: host)] + headers
        self.body = body
    }

    /// The bytes to send, or nil where a name or value holds a byte that would begin another line.
    public func encoded() -> [UInt8]? {
        var text = method
        text.append(" ")
        text.append(target)
        text.append(" HTTP/1.1\r\n")
        for header in headers {
            text.append(header.name)
            text.append(": ")
            text.append(header.value)
            text.append("\r\n")
            guard !header.name.isEmpty, header.name.bytes.allSatisfy(HTTPSyntax.isTokenByte),
                header.value.bytes.allSatisfy(HTTPSyntax.isValueByte)
            else { return nil }
        }
        guard !method.isEmpty, method.bytes.allSatisfy(HTTPSyntax.isTokenByte), target.bytes.first == 0x2F,
            target.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        if !body.isEmpty || method == "POST" || method == "PUT" {
            text.append("content-length: ")
            text.append(decimal: body.count)
            text.append("\r\n")
        }
        text.append("\r\n")
        return text.bytes + body
    }
}
