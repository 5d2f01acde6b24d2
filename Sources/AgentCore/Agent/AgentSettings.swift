public import NetworkTypes
public import Policy

/// What the configuration says about the agent's decisions.
public struct AgentSettings: Hashable, Sendable {
    /// The gateway's site; empty where none is set.
    public var site: ByteString = ""
    /// So many different refused destinations
    public var scanDestinations = 16
    /// within so long make a scan.
    public var scanWithinMilliseconds: UInt64 = 10_000
    /// How long a scanning device stays in quarantine.
    public var scanQuarantineSeconds: UInt64 = 3600
    /// What counts as a flood.
    public var floods = FloodLimits()
    /// How long a device that floods stays in quarantine; 0 never.
    public var floodQuarantineSeconds: UInt64 = 3600
    /// Whether anything is enforced, or all is watched only.
    public var isEnforcing = true
    /// The gateway's own hardware addresses: its own frames are not a device.
    public var ownAddresses: [MACAddress] = []
    /// Whether devices are asked anything, where a policy says so.
    public var probesEnabled = true
    /// What a policy alone cannot have asked, and this gateway allows.
    public var confirmedProbes = ProbeSet()

    /// The defaults.
    public init() {}
}
