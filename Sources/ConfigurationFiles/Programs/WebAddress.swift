public import NetworkTypes

/// An `http://` or `https://` address of RFC 3986 §3, without user, password or fragment.
public struct WebAddress: Hashable, Sendable {
    /// Most bytes of one.
    public static let maximumBytes = 2048

    /// Whether it is `https://`.
    public var isSecure: Bool
    /// A name, or an IP address without brackets.
    public var host: ByteString
    /// The port; that of the scheme where none is written.
    public var port: UInt16
    /// Path and query: what is asked for.
    public var target: ByteString

    /// Reads an address; nil where it is none.
    public init?(_ text: ByteString) {
        guard text.count <= WebAddress.maximumBytes, text.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C })
        else { return nil }
        let start: Int
        if text.hasPrefix("https://") {
            (isSecure, start) = (true, 8)
        } else if text.hasPrefix("http://") {
            (isSecure, start) = (false, 7)
        } else {
            return nil
        }
        let rest = text.bytes[start...]
        let end = rest.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? rest.endIndex
        let authority = ByteString(Array(rest[..<end]))
        let path = Array(rest[end...])
        guard !path.contains(0x23), !authority.bytes.contains(0x40) else { return nil }
        target = path.first == 0x2F ? ByteString(path) : ByteString([0x2F] + path)
        let standard: UInt16 = isSecure ? 443 : 80
        var name = authority.bytes[...]
        var digits: ByteString?
        if authority.hasPrefix("[") {
            guard let close = name.firstIndex(of: 0x5D) else { return nil }
            let after = name[(close + 1)...]
            guard after.isEmpty || after.first == 0x3A else { return nil }
            if !after.isEmpty { digits = ByteString(Array(after.dropFirst())) }
            name = name[1..<close]
            guard IPAddress(ByteString(Array(name)))?.family == .v6 else { return nil }
        } else if let colon = name.lastIndex(of: 0x3A) {
            digits = ByteString(Array(name[(colon + 1)...]))
            name = name[..<colon]
        }
        host = ByteString(Array(name)).lowercasedASCII
        guard IPAddress(host) != nil || (DomainName(host) != nil && !host.isEmpty) else { return nil }
        guard let digits else {
            port = standard
            return
        }
        guard let number = Decimal.parse(digits, limit: 65_535), number > 0 else { return nil }
        port = UInt16(number)
    }

    /// `host` or `host:port`, as in the `Host` field (RFC 9110 §7.2).
    public var authority: ByteString {
        let name: ByteString = host.bytes.contains(0x3A) ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// The whole of it.
    public var byteString: ByteString { "\(isSecure ? "https" : "http")://\(authority)\(target)" }

    /// Whether nothing that is asked for there leaves the host.
    public var isLoopback: Bool { host == "localhost" || IPAddress(host)?.isLoopback == true }

    /// Where a `Location` (RFC 9110 §10.2.2) seen at this address leads; nil where that is no web address. A fragment says
    /// nothing to a server.
    public func following(_ location: ByteString) -> WebAddress? {
        let text = ByteString(Array(location.bytes.prefix { $0 != 0x23 }))
        if text.hasPrefix("//") { return WebAddress("\(isSecure ? "https:" : "http:")\(text)") }
        if text.hasPrefix("http://") || text.hasPrefix("https://") { return WebAddress(text) }
        let here: ByteString = "\(isSecure ? "https" : "http")://\(authority)"
        if text.hasPrefix("/") { return WebAddress("\(here)\(text)") }
        // Another scheme.
        if text.bytes.prefix(while: { $0 != 0x2F && $0 != 0x3F }).contains(0x3A) { return nil }
        let path = target.bytes.prefix { $0 != 0x3F }
        let folder = path.prefix(through: path.lastIndex(of: 0x2F) ?? path.startIndex)
        return WebAddress("\(here)\(ByteString(Array(folder)))\(text)")
    }
}
