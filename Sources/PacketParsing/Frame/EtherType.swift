/// What follows a link header (IEEE 802 EtherType).
public struct EtherType: RawRepresentable, Hashable, Sendable {
    /// The number on the wire; 0 where the frame has a length there instead (802.3 without SNAP).
    public let rawValue: UInt16

    /// Any number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// IPv4.
    public static let ipv4 = EtherType(rawValue: 0x0800)
    /// ARP.
    public static let arp = EtherType(rawValue: 0x0806)
    /// IPv6.
    public static let ipv6 = EtherType(rawValue: 0x86DD)
    /// LLDP (IEEE 802.1AB).
    public static let lldp = EtherType(rawValue: 0x88CC)
    /// No EtherType in the frame.
    public static let none = EtherType(rawValue: 0)

    /// 802.1Q, 802.1ad, and what switches used for the latter before it had a number.
    var isVLANTag: Bool { rawValue == 0x8100 || rawValue == 0x88A8 || rawValue == 0x9100 }
}
