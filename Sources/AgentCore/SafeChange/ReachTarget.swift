public import NetworkTypes
public import Policy

/// Something the gateway must be able to open a TCP connection to, for a policy to stay.
public struct ReachTarget: Hashable, Sendable {
    /// `the collector`, `mustReach`: for messages.
    public let purpose: ByteString
    /// Where to: any one of these will do, tried in turn. Never empty.
    public let addresses: [IPAddress]
    /// TCP port.
    public let port: UInt16

    /// The collector, which may have several addresses: the one in use is tried first.
    public init(collector address: IPAddress, others: [IPAddress], port: UInt16) {
        purpose = "the collector"
        addresses = [address] + others.filter { $0 != address }
        self.port = port
    }

    /// What a policy names.
    public init(_ probe: ReachProbe) {
        purpose = "mustReach"
        addresses = [probe.address]
        port = probe.port
    }
}
