internal import CLinux
public import NetworkTypes

/// An address and a port, and for link-local IPv6 addresses the interface.
public struct SocketAddress: Hashable, Sendable {
    /// The address.
    public var address: IPAddress
    /// The port; 0 lets the kernel choose where one is bound.
    public var port: UInt16
    /// The interface index of a link-local IPv6 address (RFC 4007), otherwise 0.
    public var scope: UInt32

    /// An address with its port.
    public init(_ address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }

    /// Every address of this host, of one family.
    public static func any(_ family: IPAddress.Family, port: UInt16) -> SocketAddress {
        SocketAddress(family == .v4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0), port: port)
    }

    /// `192.0.2.1:443`, `[2001:db8::1]:443`
    public var byteString: ByteString {
        var text = ByteString()
        if address.family == .v6 { text.append(byte: 0x5B) }
        text.append(address.byteString)
        if address.family == .v6 { text.append(byte: 0x5D) }
        text.append(byte: 0x3A)
        text.append(decimal: port)
        return text
    }

    init?(_ plain: gh_address) {
        guard let address = IPAddress(plain) else { return nil }
        self.init(address, port: plain.port, scope: plain.scope)
    }

    var plain: gh_address {
        var plain = address.plain
        plain.port = port
        plain.scope = scope
        return plain
    }
}

extension SocketAddress: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}

extension IPAddress {
    init?(_ plain: gh_address) {
        var bytes = plain.octets
        let octets = unsafe withUnsafeBytes(of: &bytes) { unsafe Array($0) }
        switch plain.family {
        case 4: self.init(octets: Array(octets[0..<4]))
        case 6: self.init(octets: octets)
        default: return nil
        }
    }

    var plain: gh_address {
        var plain = gh_address()
        plain.family = family.rawValue
        let octets = self.octets
        unsafe withUnsafeMutableBytes(of: &plain.octets) { buffer in
            for index in octets.indices { unsafe buffer[index] = octets[index] }
        }
        return plain
    }
}
