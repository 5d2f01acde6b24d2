/// The type of a DNS record or question (IANA "Domain Name System Parameters", RFC 1035 §3.2.2).
public struct DNSRecordType: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Any number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// IPv4 address.
    public static let a = DNSRecordType(rawValue: 1)
    /// Name server.
    public static let ns = DNSRecordType(rawValue: 2)
    /// Canonical name.
    public static let cname = DNSRecordType(rawValue: 5)
    /// Start of authority.
    public static let soa = DNSRecordType(rawValue: 6)
    /// Pointer.
    public static let ptr = DNSRecordType(rawValue: 12)
    /// Mail exchange.
    public static let mx = DNSRecordType(rawValue: 15)
    /// Text.
    public static let txt = DNSRecordType(rawValue: 16)
    /// IPv6 address (RFC 3596).
    public static let aaaa = DNSRecordType(rawValue: 28)
    /// Service location (RFC 2782).
    public static let srv = DNSRecordType(rawValue: 33)
    /// Redirection of a subtree (RFC 6672).
    public static let dname = DNSRecordType(rawValue: 39)
    /// EDNS pseudo-record (RFC 6891).
    public static let opt = DNSRecordType(rawValue: 41)
    /// Next secure record (RFC 4034; mDNS uses it to deny, RFC 6762 §6.1).
    public static let nsec = DNSRecordType(rawValue: 47)
    /// Service binding (RFC 9460).
    public static let svcb = DNSRecordType(rawValue: 64)
    /// Service binding for HTTPS (RFC 9460).
    public static let https = DNSRecordType(rawValue: 65)
    /// All records, in questions only.
    public static let any = DNSRecordType(rawValue: 255)
}
