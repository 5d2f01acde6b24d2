internal import NetworkTypes

extension Signal {
    /// Whether it is a text by which a program or a device says what it is, in its own words.
    ///
    /// Such a one is worth keeping where no rule knows it: the collector asks larger tables than the agent has room for.
    var isBanner: Bool {
        switch kind {
        case .dhcpVendorClass, .ssdpServer, .httpServer, .httpRealm, .httpTitle, .rtspServer, .sshServer, .sipUserAgent,
            .sipServer, .telnetBanner, .snmpDescription, .snmpObjectID, .certificateName, .certificateOrganization,
            .certificateUnit:
            return true
        // Where the maker describes what the device needs (RFC 8520): shown to the operator, and never fetched by anybody else.
        case .dhcpMUDURL, .dhcpv6MUDURL, .lldpMUDURL: return true
        case .mdnsText: return value.hasPrefix("_device-info._tcp ")
        default: return false
        }
    }
}
