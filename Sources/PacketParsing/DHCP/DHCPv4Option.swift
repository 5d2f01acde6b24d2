public import NetworkTypes

/// A DHCPv4 option (RFC 2132 §2), its pieces joined (RFC 3396).
public struct DHCPv4Option: Hashable, Sendable {
    /// Which option (IANA "BOOTP Vendor Extensions and DHCP Options").
    public let code: UInt8
    /// What it says.
    public internal(set) var data: [UInt8]

    /// The data as text, without the zeros some clients put at the end (RFC 2132 §2).
    public var text: ByteString {
        var text = ByteString(data)
        while text.bytes.last == 0 { text.bytes.removeLast() }
        return text
    }
}
