public import NetworkTypes

/// Which source addresses belong to devices on the captured link, and not to hosts behind a router on it.
public enum OnLinkAddresses: Hashable, Sendable {
    /// The prefixes of the device-side interfaces; link-local addresses always belong to the link.
    case prefixes([IPPrefix])
    /// For capture files, which do not say: private, link-local and unique local addresses (RFC 1918, 3927, 4193),
    /// 192.0.2.0/24 of the documentation, and whatever a device claimed by ARP or used towards a group.
    case guessed

    /// Whether a device on the link may have this address.
    public func contains(_ address: IPAddress) -> Bool {
        if address.isUnspecified || address.isMulticast || address.isLoopback { return false }
        if address.isLinkLocal { return true }
        switch self {
        case .prefixes(let prefixes):
            for prefix in prefixes where prefix.contains(address) { return true }
            return false
        case .guessed: return address.isPrivate || address.family == .v4 && address.low >> 8 == 0xC0_0002
        }
    }
}
