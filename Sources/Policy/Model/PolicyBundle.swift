public import NetworkTypes

/// Everything one signature covers: a baseline and the allowlists, for the gateways it names.
public struct PolicyBundle: Hashable, Sendable {
    /// A gateway's policy counter. A gateway refuses a generation that is not higher than the highest it has seen.
    public var generation: UInt64 = 0
    /// When it was signed, seconds since 1970.
    public var issuedAtSeconds: UInt64 = 0
    /// After this it is refused (not withdrawn where it is in force), seconds since 1970.
    public var notAfterSeconds: UInt64 = 0
    /// A rollback grant: gateways that have seen at most this generation take the bundle although its own generation
    /// is not above the one they have seen. nil for none. The way back is signed like everything else, and it is
    /// closed again by the first bundle with a generation above the grant.
    public var rollbackFrom: UInt64?
    /// Which gateways it is meant for.
    public var target = PolicyTarget()
    /// What holds for the gateway and for devices that no allowlist matches.
    public var baseline = Baseline()
    /// In order: the first whose match fits a device holds it.
    public var allowlists: [Allowlist] = []
    /// What people call their devices; in the order of the documents.
    public var tags: [DeviceTag] = []

    /// An empty bundle: every device is held by the baseline.
    public init() {}
}

/// Which gateways a bundle is meant for. Empty lists match all; both must match.
public struct PolicyTarget: Hashable, Sendable {
    /// Gateway identifiers.
    public var gateways: [ByteString] = []
    /// Site names, `*` as a wildcard at the end.
    public var sites: [ByteString] = []

    /// Every gateway.
    public init() {}
}

/// What holds for the gateway itself and for devices that no allowlist matches.
public struct Baseline: Hashable, Sendable {
    /// How devices that match no allowlist are held. Its `match` is not used; its name is always `unknown`.
    public var unknown = Allowlist(name: "unknown")
    /// Prefixes that neither a device nor the gateway itself may reach (command-and-control networks).
    public var blockedPrefixes: [IPPrefix] = []
    /// Prefixes that must stay reachable: a bundle that blocks one of them is refused. The agent adds its own
    /// collector, resolvers, time servers and break-glass addresses.
    public var protectedPrefixes: [IPPrefix] = []
    /// After applying, every one of these must answer before the deadline, else the old policy is put back.
    public var mustReach: [ReachProbe] = []
    /// What happens to USB devices that are plugged into the gateway.
    public var usb = USBPolicy()

    /// Nothing blocked, nothing protected, unknown devices held to DHCP and DNS.
    public init() {}
}

/// A TCP connection the gateway must be able to open.
public struct ReachProbe: Hashable, Sendable {
    /// Where to.
    public var address: IPAddress
    /// TCP port.
    public var port: UInt16

    /// A probe.
    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Whether it is the address of one host, and says by itself where that is.
    var isFit: Bool {
        let isBroadcast = address.family == .v4 && address.low == 0xFFFF_FFFF
        let needsLink = address.family == .v6 && address.isLinkLocal
        return !address.isUnspecified && !address.isMulticast && !isBroadcast && !needsLink
    }
}
