/// How the first bytes of a captured frame are laid out (tcpdump.org "Link-layer header types").
public struct LinkType: RawRepresentable, Hashable, Sendable {
    /// The LINKTYPE_ number of capture files.
    public let rawValue: UInt16

    /// Any number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// LINKTYPE_ETHERNET
    public static let ethernet = LinkType(rawValue: 1)
    /// LINKTYPE_RAW: begins with an IPv4 or IPv6 header.
    public static let rawIP = LinkType(rawValue: 101)
    /// LINKTYPE_IEEE802_11: wireless frames.
    public static let wireless = LinkType(rawValue: 105)
    /// LINKTYPE_IEEE802_11_RADIOTAP: the same behind a header that tells of the radio.
    public static let wirelessRadiotap = LinkType(rawValue: 127)
    /// LINKTYPE_LINUX_SLL, what the `any` device gives.
    public static let linuxCooked = LinkType(rawValue: 113)
    /// LINKTYPE_LINUX_SLL2
    public static let linuxCookedV2 = LinkType(rawValue: 276)
    /// LINKTYPE_IPV4
    public static let ipv4 = LinkType(rawValue: 228)
    /// LINKTYPE_IPV6
    public static let ipv6 = LinkType(rawValue: 229)

    /// DLT_RAW as BSD systems number it, found in old files.
    private static let oldRawIP: [UInt16] = [12, 14]

    /// Whether `LinkHeader` can read it.
    public var isSupported: Bool {
        switch self {
        case .ethernet, .rawIP, .linuxCooked, .linuxCookedV2, .ipv4, .ipv6: return true
        case .wireless, .wirelessRadiotap: return true
        default: return LinkType.oldRawIP.contains(rawValue)
        }
    }
}
