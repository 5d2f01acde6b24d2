public import NetworkTypes

/// Which signals a matcher of a rule looks at: one kind, or a group of kinds that carry the same thing.
///
/// The numbers are part of the compiled knowledge file.
public struct SignalSelector: Hashable, Sendable {
    /// A `SignalKind.rawValue`, or the number of a group.
    public let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// One kind.
    public init(_ kind: SignalKind) { rawValue = kind.rawValue }

    /// `hostname`: the first label of the name a device gives itself, in DHCP, mDNS, LLMNR, NetBIOS,
    /// LLDP, CDP and SNMP.
    public static let hostname = SignalSelector(rawValue: 200)
    /// `contacts`: a name the device asks for or connects to: DNS, TLS server name, HTTP Host.
    public static let contacts = SignalSelector(rawValue: 201)

    /// The selector of that name in a rule file: that of a signal kind, `hostname` or `contacts`; nil for another.
    public init?(name: ByteString) {
        switch name {
        case "hostname": self = .hostname
        case "contacts": self = .contacts
        default:
            guard let kind = SignalKind.allCases.first(where: { $0.name == name }) else { return nil }
            self.init(kind)
        }
    }

    /// The name in a rule file.
    public var name: ByteString {
        switch self {
        case .hostname: return "hostname"
        case .contacts: return "contacts"
        default: return SignalKind(rawValue: rawValue)?.name ?? "unknown"
        }
    }

    /// The group that a kind belongs to, if any; or the other kind whose rules are for it too.
    public static func group(of kind: SignalKind) -> SignalSelector? {
        switch kind {
        case .dhcpHostname, .dhcpFQDN, .mdnsHostname, .lldpSystemName, .cdpDeviceID: return .hostname
        case .dhcpv6FQDN, .llmnrName, .netbiosName, .dnsOwnName, .snmpName: return .hostname
        case .dnsQuery, .tlsServerName, .httpHost: return .contacts
        // The same text in both, as a rule.
        case .snmpDescription: return SignalSelector(.lldpSystemDescription)
        default: return nil
        }
    }

    /// A kind whose signals the selector sees; a group answers with its first.
    public var representativeKind: SignalKind? {
        switch self {
        case .hostname: return .dhcpHostname
        case .contacts: return .dnsQuery
        default: return SignalKind(rawValue: rawValue)
        }
    }
}
