public import NetworkTypes

/// The gateway's addresses and the networks of its devices: what tells where a connection leads.
public struct FlowPlace: Hashable, Sendable {
    /// The gateway's own addresses.
    public var ownAddresses: [IPAddress] = []
    /// The networks on the device interfaces.
    public var networks: [IPPrefix] = []

    /// Nothing known: all leads to the internet.
    public init() {}

    /// Where a connection leads; nil for groups and broadcasts, which are no connections to anybody.
    public func direction(of flow: OpenedFlow) -> FlowDirection? {
        let destination = flow.destination
        guard !destination.isMulticast, !destination.isUnspecified, !isBroadcast(destination) else { return nil }
        // DNS of the devices is redirected to the agent: then it is the gateway that answers.
        if ownAddresses.contains(destination) { return .gateway }
        if let answerer = flow.answeredBy, ownAddresses.contains(answerer) { return .gateway }
        return networks.contains { $0.contains(destination) } ? .device : .internet
    }

    private func isBroadcast(_ address: IPAddress) -> Bool {
        guard address.family == .v4 else { return false }
        if address.low == 0xFFFF_FFFF { return true }
        return networks.contains { network in
            guard network.length < 31, network.contains(address) else { return false }
            let hostBits: UInt64 = 0xFFFF_FFFF >> UInt64(network.length)
            return address.low & hostBits == hostBits
        }
    }
}
