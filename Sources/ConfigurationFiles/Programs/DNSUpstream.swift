public import NetworkTypes

/// A resolver that the gateway asks: in the clear (RFC 1035), or over TLS (RFC 7858).
public struct DNSUpstream: Hashable, Sendable {
    /// The port of DNS in the clear (RFC 1035 §4.2).
    public static let plainPort: UInt16 = 53
    /// The port of DNS over TLS (RFC 7858 §3.1).
    public static let tlsPort: UInt16 = 853

    /// Where it is. An address: to look a resolver's name up would need a resolver.
    public var endpoint: Endpoint
    /// The name or address that its certificate must carry (RFC 8310 §8.1); nil for a resolver asked in the clear.
    public var serverName: ByteString?

    /// A resolver.
    public init(endpoint: Endpoint, serverName: ByteString? = nil) {
        self.endpoint = endpoint
        self.serverName = serverName
    }

    /// `192.0.2.53`, `[2001:db8::53]:53`, `tls://192.0.2.53#dns.example`, `tls://[2001:db8::53]:853#dns.example`; nil for
    /// anything else. Without `#` the certificate must carry the address.
    public init?(_ text: ByteString) {
        let scheme: ByteString = "tls://"
        guard text.hasPrefix(scheme) else {
            guard let endpoint = Endpoint(text, defaultPort: DNSUpstream.plainPort) else { return nil }
            self.init(endpoint: endpoint)
            return
        }
        let parts = ByteString(Array(text.bytes.dropFirst(scheme.count))).split(0x23)
        guard (1...2).contains(parts.count) else { return nil }
        var place = parts[0]
        // `[2001:db8::53]` without a port: in a URI the brackets stand anyway (RFC 3986 §3.2.2).
        if place.bytes.first == 0x5B, place.bytes.last == 0x5D {
            place = ByteString(Array(place.bytes.dropFirst().dropLast()))
            guard IPAddress(place)?.family == .v6 else { return nil }
        }
        guard let endpoint = Endpoint(place, defaultPort: DNSUpstream.tlsPort) else { return nil }
        guard parts.count == 2 else {
            self.init(endpoint: endpoint, serverName: endpoint.address.byteString)
            return
        }
        guard let name = IPAddress(parts[1])?.byteString ?? DomainName(parts[1])?.byteString, !name.isEmpty else {
            return nil
        }
        self.init(endpoint: endpoint, serverName: name)
    }

    /// As it is written in `agent.yaml`, with its port.
    public var byteString: ByteString {
        guard let serverName else { return endpoint.byteString }
        return "tls://\(endpoint.byteString)#\(serverName)"
    }
}

extension ConfigurationValue {
    /// A resolver, in the clear or over TLS.
    func upstream() throws(ConfigurationError) -> DNSUpstream {
        let text = try text()
        guard let upstream = DNSUpstream(text) else {
            throw mismatch(text, "a resolver, like 192.0.2.53, [2001:db8::53]:53 or tls://192.0.2.53#dns.example")
        }
        return upstream
    }
}
