public import NetworkTypes

/// One entry of the kernel's neighbour table (ARP and NDP caches).
public struct Neighbour: Hashable, Sendable {
    /// The interface.
    public let interfaceIndex: UInt32
    /// The IP address.
    public let address: IPAddress
    /// The hardware address behind it.
    public let hardwareAddress: MACAddress
    /// NUD_ bits (linux/neighbour.h).
    public let state: UInt16

    static let probe: UInt16 = 0x10
    static let permanent: UInt16 = 0x80

    /// NUD_PERMANENT: somebody entered it by hand.
    public var isPermanent: Bool { state & Neighbour.permanent != 0 }

    /// NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE or NUD_PERMANENT: an answer was seen at some time.
    public var isKnown: Bool { state & (0x02 | 0x04 | 0x08 | Neighbour.probe | Neighbour.permanent) != 0 }
}
