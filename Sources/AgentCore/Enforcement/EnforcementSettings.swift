public import NetworkTypes

/// What the configuration says about enforcement.
public struct EnforcementSettings: Hashable, Sendable {
    /// Interfaces that devices are attached to.
    public var deviceInterfaces: [ByteString]
    /// The port on which the agent answers DNS.
    public var dnsPort: UInt16
    /// The port on which the agent says why a name was refused.
    public var noticePort: UInt16
    /// The NFLOG group the agent listens to.
    public var logGroup: UInt16
    /// Resolvers that devices of policies with `failMode: open` may ask on port 53 while the agent is dead; the first of
    /// each family is.
    public var resolvers: [IPAddress] = []
    /// How long the agent may be dead before they may.
    public var deadSeconds: UInt64 = 30
    /// Whether devices share a bridge of the gateway: then what passes between two of them is held to their policies
    /// too, in `table bridge gatehouse`.
    public var holdsNeighbours: Bool
    /// Whether the kernel tracks the connections between two of them (nf_conntrack_bridge): then an answer passes on a
    /// connection that was allowed, and on nothing else.
    public var tracksNeighbours = false
    /// What counts as a flood.
    public var floods: FloodLimits
    /// From these the gateway is reached also through the interfaces of devices, whatever a policy says.
    public var breakGlass: [IPPrefix]

    /// Settings.
    public init(
        deviceInterfaces: [ByteString],
        dnsPort: UInt16,
        noticePort: UInt16 = 10080,
        logGroup: UInt16,
        holdsNeighbours: Bool = false,
        floods: FloodLimits = FloodLimits(),
        breakGlass: [IPPrefix] = []
    ) {
        self.noticePort = noticePort
        self.floods = floods
        self.holdsNeighbours = holdsNeighbours
        self.breakGlass = breakGlass
        self.deviceInterfaces = deviceInterfaces
        self.dnsPort = dnsPort
        self.logGroup = logGroup
    }
}
