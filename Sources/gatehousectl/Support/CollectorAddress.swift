import NetworkTypes

/// `https://host:port` of a collector.
struct CollectorAddress: Equatable {
    /// A name, or an address without brackets.
    let host: String
    let port: UInt16

    /// The port where none is named.
    static let standardPort: UInt16 = 8443

    init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("https://") { rest = rest.dropFirst(8) } else if rest.contains("://") { return nil }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.isEmpty, !rest.contains("/"), !rest.contains("@"), !rest.contains("?") else { return nil }
        var port = CollectorAddress.standardPort
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            guard IPAddress(ByteString(utf8: host)) != nil else { return nil }
            if !after.isEmpty {
                guard after.hasPrefix(":"), let number = UInt16(after.dropFirst()), number > 0 else { return nil }
                port = number
            }
        } else if let colon = rest.lastIndex(of: ":") {
            guard rest.firstIndex(of: ":") == colon, let number = UInt16(rest[rest.index(after: colon)...]), number > 0
            else { return nil }
            host = String(rest[..<colon])
            port = number
        } else {
            host = String(rest)
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.port = port
    }

    /// `host:port`, IPv6 in brackets.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
