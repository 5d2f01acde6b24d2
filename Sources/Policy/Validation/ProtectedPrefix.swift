public import NetworkTypes

/// Addresses a policy may not block, and what they are for.
public struct ProtectedPrefix: Hashable, Sendable {
    /// The addresses.
    public let prefix: IPPrefix
    /// `the collector`, `a resolver`, `a time server`, `a break-glass address`: for messages.
    public let purpose: ByteString

    /// Protects `prefix`.
    public init(_ prefix: IPPrefix, purpose: ByteString) {
        self.prefix = prefix
        self.purpose = purpose
    }

    /// Protects one address.
    public init(_ address: IPAddress, purpose: ByteString) {
        self.init(IPPrefix(host: address), purpose: purpose)
    }

    /// What every gateway needs, whatever it is configured for.
    static let essentials: [ProtectedPrefix] = [
        ProtectedPrefix(literal: "127.0.0.0/8", purpose: "the gateway itself"),
        ProtectedPrefix(literal: "::1", purpose: "the gateway itself"),
        ProtectedPrefix(literal: "255.255.255.255", purpose: "DHCP"),
        ProtectedPrefix(literal: "fe80::/10", purpose: "IPv6 neighbour discovery"),
        ProtectedPrefix(literal: "ff02::/16", purpose: "IPv6 neighbour discovery and DHCPv6"),
    ].compactMap { $0 }

    @inline(never)
    private init?(literal: ByteString, purpose: ByteString) {
        guard let prefix = IPPrefix(literal) else { return nil }
        self.init(prefix, purpose: purpose)
    }
}
