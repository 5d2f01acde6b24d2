package import NetworkTypes

extension IPAddress {
    /// Whether a public name may stand for this address. Names that lead into the local network or to the services of
    /// a host itself are how DNS rebinding works.
    package var isFitForPublicName: Bool {
        if isUnspecified || isLoopback || isLinkLocal || isMulticast || isPrivate { return false }
        switch family {
        case .v4:
            // 0.0.0.0/8 (RFC 791 §3.2), 192.0.0.0/24 (RFC 6890), 240.0.0.0/4 with broadcast (RFC 1112 §4), and the
            // address at which Azure serves its hosts (168.63.129.16).
            return low >> 24 != 0 && low >> 8 != 0xC0_0000 && low >> 28 != 0xF && low != 0xA83F_8110
        case .v6:
            // Site-local addresses (RFC 3879 §4).
            if high >> 54 == 0x3FB { return false }
            guard let inner = embeddedV4 else { return true }
            return inner.isFitForPublicName
        }
    }

    /// The IPv4 address that an IPv6 address leads to: mapped and compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052 §2.1)
    /// and 6to4 (RFC 3056 §2).
    private var embeddedV4: IPAddress? {
        if let mapped = mappedV4 { return mapped }
        if high == 0, low >> 32 == 0 { return IPAddress(v4: UInt32(truncatingIfNeeded: low)) }
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return IPAddress(v4: UInt32(truncatingIfNeeded: low)) }
        if high >> 48 == 0x2002 { return IPAddress(v4: UInt32(truncatingIfNeeded: high >> 16)) }
        return nil
    }
}
