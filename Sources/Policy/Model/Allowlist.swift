public import NetworkTypes

/// What the devices it matches may reach; everything else is a violation.
public struct Allowlist: Hashable, Sendable {
    /// Named in comments of kernel rules, in reports and on the console. 1 to 64 bytes of `a-z 0-9 - _ .`
    public var name: ByteString
    /// Which devices it holds.
    public var match = DeviceMatch()
    /// Whether violations are dropped or only counted.
    public var mode: Mode = .enforce
    /// In order, for people; any that fits allows.
    public var allow: [AllowRule] = []
    /// Floods.
    public var limits = RateLimits()
    /// Which names are answered.
    public var dns = DNSPolicy()
    /// When violations end in quarantine; nil for never.
    public var onViolation: ViolationResponse?
    /// What becomes of a device whose later signals say that it is another one.
    public var onContradiction = ContradictionResponse.keep
    /// What the gateway may ask its devices; nil for nothing.
    public var probes: ProbePolicy?

    /// An allowlist that allows DHCP and DNS alone.
    public init(name: ByteString) { self.name = name }

    /// Whether violations are dropped or only counted.
    public enum Mode: UInt8, Hashable, Sendable {
        /// Dropped and reported.
        case enforce = 0
        /// Nothing is dropped; would-drops are counted and reported.
        case monitor = 1
    }
}

/// Which devices an allowlist holds. Empty lists match all; all lists must match.
public struct DeviceMatch: Hashable, Sendable {
    /// Classes.
    public var classes: [DeviceClass] = []
    /// Vendors, lower case; compared without case.
    public var vendors: [ByteString] = []
    /// Models, lower case, `*` as a wildcard at the end; compared without case.
    public var models: [ByteString] = []
    /// Device keys, in the form of `DeviceKey`.
    public var keys: [ByteString] = []
    /// Sites, `*` as a wildcard at the end.
    public var sites: [ByteString] = []
    /// Tags of the bundle; a device that has one of them fits.
    public var tags: [ByteString] = []
    /// Least confidence of each of class, vendor and model that is matched on, 0...1000.
    public var minimumConfidence: UInt16 = 700

    /// Every device.
    public init() {}
}

/// One permission.
public struct AllowRule: Hashable, Sendable {
    /// Where to.
    public var to: Destination
    /// Which ports; empty for all of TCP, UDP and ICMP.
    public var ports: [PortRange]

    /// A permission.
    public init(to: Destination, ports: [PortRange]) {
        self.to = to
        self.ports = ports
    }

    /// Where a device may go.
    public enum Destination: Hashable, Sendable {
        /// A name, answered by the agent's DNS.
        case name(NamePattern)
        /// Addresses.
        case prefix(IPPrefix)
        /// The gateway itself.
        case gateway
    }
}

/// A name, or everything below one.
public struct NamePattern: Hashable, Sendable {
    /// The name without the wildcard.
    public var name: DomainName
    /// `*.example.com`: every name below `name`, not `name` itself.
    public var isWildcard: Bool

    /// A pattern.
    public init(name: DomainName, isWildcard: Bool) {
        self.name = name
        self.isWildcard = isWildcard
    }

    /// Whether `other` is meant.
    public func matches(_ other: DomainName) -> Bool { isWildcard ? other.isBelow(name) : other == name }
}

/// Ports of one transport protocol; for ICMP all types.
public struct PortRange: Hashable, Sendable {
    /// TCP, UDP or ICMP (which stands for ICMPv6 too).
    public var transport: TransportProtocol
    /// First port; 0 for ICMP.
    public var first: UInt16
    /// Last port, at least `first`; 65535 for ICMP.
    public var last: UInt16

    /// A range.
    public init(transport: TransportProtocol, first: UInt16, last: UInt16) {
        self.transport = transport
        self.first = first
        self.last = last
    }
}

/// Limits per device; 0 for none.
public struct RateLimits: Hashable, Sendable {
    /// New connections a second.
    public var newConnectionsPerSecond: UInt32 = 0
    /// Packets a second.
    public var packetsPerSecond: UInt32 = 0
    /// Connections at a time.
    public var concurrentConnections: UInt32 = 0
    /// Bytes a second, as they are in the packets from the IP header on.
    public var bytesPerSecond: UInt32 = 0

    /// No limits.
    public init() {}

    /// Whether packets of established connections count too.
    public var meterEachPacket: Bool { packetsPerSecond > 0 || bytesPerSecond > 0 }
}

/// Which names a device gets answers for, and what they open.
public struct DNSPolicy: Hashable, Sendable {
    /// Whether only names that a rule allows are answered.
    public var answersOnlyAllowed = true
    /// Blocklists of the gateway whose names are refused, also where a wildcard allows them. A rule with the very name
    /// goes before the lists.
    public var blocklists: [ByteString] = []
    /// What is held to the server names asked for on addresses that were learned for a name.
    public var serverNames = ServerNameCheck.checked
    /// Whether names that are refused get the gateway's own address, where a page says why, in place of NXDOMAIN.
    public var noticesBlocked = false
    /// Whether devices may ask the gateway's resolvers themselves once its own DNS has been dead for longer than its limit.
    /// What is learned from their answers nobody knows: only rules with prefixes hold for it.
    public var failsOpen = false

    /// Only allowed names.
    public init() {}
}

/// When violations end in quarantine.
public struct ViolationResponse: Hashable, Sendable {
    /// So many violations
    public var quarantineAfter: UInt32
    /// within so many seconds
    public var withinSeconds: UInt32
    /// put the device into quarantine for so many seconds.
    public var forSeconds: UInt32

    /// A response.
    public init(quarantineAfter: UInt32, withinSeconds: UInt32, forSeconds: UInt32) {
        self.quarantineAfter = quarantineAfter
        self.withinSeconds = withinSeconds
        self.forSeconds = forSeconds
    }
}
