/// The class of a DNS record or question (RFC 1035 §3.2.4).
///
/// Multicast DNS takes the highest bit away: "cache flush" in records, "unicast answer wanted" in questions
/// (RFC 6762 §18.12-18.13). In an OPT record the field is the sender's UDP payload size (RFC 6891 §6.1.2).
public struct DNSClass: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Any number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Internet.
    public static let internet = DNSClass(rawValue: 1)
    /// Chaosnet; software versions are asked for in it.
    public static let chaos = DNSClass(rawValue: 3)
    /// Any class, in questions only.
    public static let any = DNSClass(rawValue: 255)

    /// The highest bit, which multicast DNS gives a meaning of its own.
    @inlinable
    public var hasMulticastBit: Bool { rawValue & 0x8000 != 0 }

    /// The class without the highest bit.
    @inlinable
    public var withoutMulticastBit: DNSClass { DNSClass(rawValue: rawValue & 0x7FFF) }
}
