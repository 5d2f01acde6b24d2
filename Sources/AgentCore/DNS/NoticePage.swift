public import NetworkTypes

/// The page that a device gets where it asks for a refused name: what was refused, by which policy, and whom to ask.
///
/// HTTP/1.1 (RFC 9112) as far as it takes to answer every request alike: the head is waited for, of it the Host field is
/// read, and the connection ends after the answer. Everything that comes from outside is checked and escaped.
public struct NoticePage: Hashable, Sendable {
    /// The name asked for; nil where none was, or what was sent is none.
    public var name: DomainName?
    /// The policy that holds the device.
    public var policy: ByteString
    /// The list that names it; nil where the policy just does not allow it.
    public var blocklist: ByteString?
    /// Whom to ask; empty for nobody.
    public var contact: ByteString

    /// A page.
    public init(name: DomainName?, policy: ByteString, blocklist: ByteString?, contact: ByteString) {
        self.name = name
        self.policy = policy
        self.blocklist = blocklist
        self.contact = contact
    }

    /// What has come of a request.
    public enum Request: Hashable, Sendable {
        /// The head goes on.
        case incomplete
        /// It is whole, with the name of its Host field where that is a domain name.
        case whole(name: DomainName?)
        /// It is no request, or longer than `DNSLimits.noticeRequestBytes`.
        case malformed
    }

    /// Looks at what came so far.
    public static func request(_ bytes: [UInt8]) -> Request {
        // A TLS record (22) or other bytes that no method begins with.
        guard let first = bytes.first else { return .incomplete }
        guard (0x41...0x5A).contains(first) else { return .malformed }
        guard let end = endOfHead(bytes) else {
            return bytes.count < DNSLimits.noticeRequestBytes ? .incomplete : .malformed
        }
        let lines = ByteString(Array(bytes[..<end])).split(0x0A)
        var hosts: [ByteString] = []
        for line in lines.dropFirst() {
            let text = line.trimmed.bytes
            guard let colon = text.firstIndex(of: 0x3A) else { continue }
            let field = text[..<colon].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            if ByteString(field) == "host" { hosts.append(ByteString(Array(text[(colon + 1)...])).trimmed) }
        }
        // RFC 9112 §3.2: one Host field, no more.
        guard hosts.count == 1 else { return .whole(name: nil) }
        var host = hosts[0].bytes
        if let colon = host.lastIndex(of: 0x3A) { host = Array(host[..<colon]) }
        guard let name = DomainName(ByteString(host)), !name.byteString.isEmpty, IPAddress(name.byteString) == nil,
            name.byteString.bytes.allSatisfy({ isHostByte($0) })
        else { return .whole(name: nil) }
        return .whole(name: name)
    }

    /// Letters of domain names in lower case, digits, `-`, `_` and `.`: nothing that has a meaning in HTML.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }

    /// Where the empty line after the head begins; a lone line feed ends a line too (RFC 9112 §2.2).
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0A {
                let next = index + 1
                if next < bytes.count, bytes[next] == 0x0A { return index }
                if next + 1 < bytes.count, bytes[next] == 0x0D, bytes[next + 1] == 0x0A { return index }
            }
            index += 1
        }
        return nil
    }

    /// The answer, head and page. 403 (RFC 9110 §15.5.4): no program takes it for what it wanted.
    public var response: [UInt8] {
        var page: ByteString = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
            <title>Blocked by this network</title></head><body>
            <h1>Blocked by this network</h1>
            <p>
            """
        if let name {
            page.append("<strong>\(NoticePage.escaped(name.byteString))</strong> ")
        } else {
            page.append("What this device asked for ")
        }
        if let blocklist {
            page.append("is on the list <strong>\(NoticePage.escaped(blocklist))</strong>, which ")
            page.append("the policy <strong>\(NoticePage.escaped(policy))</strong> blocks for this device.</p>\n")
        } else {
            page.append("is not allowed by the policy <strong>\(NoticePage.escaped(policy))</strong>, ")
            page.append("which holds for this device.</p>\n")
        }
        page.append("<p>Nothing was sent to it. ")
        if !contact.isEmpty { page.append("If this is wrong, ask: \(NoticePage.escaped(contact))") }
        page.append("</p>\n</body></html>\n")
        var response: ByteString = """
            HTTP/1.1 403 Forbidden\r
            Content-Type: text/html; charset=utf-8\r
            Content-Length: \(page.count)\r
            Content-Security-Policy: default-src 'none'\r
            Cache-Control: no-store\r
            X-Content-Type-Options: nosniff\r
            Referrer-Policy: no-referrer\r
            Connection: close\r
            \r

            """
        response.append(page)
        return response.bytes
    }

    /// With the characters that have a meaning in HTML written out.
    static func escaped(_ text: ByteString) -> ByteString {
        var result = ByteString()
        for byte in text.bytes {
            switch byte {
            case 0x26: result.append("&amp;")
            case 0x3C: result.append("&lt;")
            case 0x3E: result.append("&gt;")
            case 0x22: result.append("&quot;")
            case 0x27: result.append("&#39;")
            default: result.append(byte: byte)
            }
        }
        return result
    }
}
