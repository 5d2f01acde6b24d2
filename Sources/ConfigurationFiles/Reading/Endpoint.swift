public import NetworkTypes

/// An IP address and a port.
public struct Endpoint: Hashable, Sendable {
    /// The address.
    public var address: IPAddress
    /// The port.
    public var port: UInt16

    /// An endpoint.
    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `192.0.2.1:443`, `[2001:db8::1]:443`, or an address alone where there is a `defaultPort`; nil for anything else.
    public init?(_ text: ByteString, defaultPort: UInt16? = nil) {
        if let defaultPort, let address = IPAddress(text) {
            self.init(address: address, port: defaultPort)
            return
        }
        guard let colon = text.bytes.lastIndex(of: 0x3A) else { return nil }
        var host = Array(text.bytes[..<colon])
        if host.first == 0x5B {
            guard host.last == 0x5D, host.count > 2 else { return nil }
            host = Array(host.dropFirst().dropLast())
        } else if host.contains(0x3A) {
            return nil
        }
        let digits = ByteString(Array(text.bytes[(colon + 1)...]))
        guard let address = IPAddress(ByteString(host)), let port = Decimal.parse(digits, limit: 65535), port > 0 else {
            return nil
        }
        self.init(address: address, port: UInt16(port))
    }

    /// `192.0.2.1:443`, `[2001:db8::1]:443`
    public var byteString: ByteString {
        var text: ByteString = address.family == .v6 ? "[" : ""
        text.append(address.byteString)
        text.append(address.family == .v6 ? "]:" : ":")
        text.append(decimal: port)
        return text
    }
}
