public import NetworkTypes

/// An address that a device was told for a name it may reach, and what it opens there; or one flow to it that was cut.
public struct LearnedAddress: Hashable, Sendable {
    /// The device that asked. To any other the address opens nothing.
    public var device: MACAddress
    /// The address.
    public var address: IPAddress
    /// What it opens.
    public var target: Target

    /// What a learned address opens.
    public enum Target: Hashable, Sendable {
        /// One port of TCP or UDP: an element of `names4` or `names6`.
        case service(TransportProtocol, UInt16)
        /// All that rule `number` (from 1) of `policy` says: an element of the rule's own set.
        case rule(policy: ByteString, number: Int)
        /// Nothing: the flow between these ports asked for another server. An element of `cut4` or `cut6`.
        case cut(TransportProtocol, client: UInt16, server: UInt16)
    }

    /// A learned address.
    public init(device: MACAddress, address: IPAddress, target: Target) {
        self.device = device
        self.address = address
        self.target = target
    }

    /// The kernel set it belongs to.
    public var setName: ByteString {
        let family: ByteString = address.family == .v4 ? "4" : "6"
        switch target {
        case .service: return "names\(family)"
        case .cut: return RulesetNames.cut(address.family)
        case .rule(let policy, let number): return RulesetNames.wideSet(policy: policy, number: number, address.family)
        }
    }

    /// The element's key in nft's words: `ac:cc:8e:01:02:03 . 192.0.2.7 . tcp . 443`.
    public var elementKey: ByteString {
        let key: ByteString = "\(device.byteString) . \(address.byteString)"
        switch target {
        case .service(let transport, let port): return "\(key) . \(transport.byteString) . \(port)"
        case .cut(let transport, let client, let server):
            return "\(key) . \(transport.byteString) . \(client) . \(server)"
        case .rule: return key
        }
    }
}
