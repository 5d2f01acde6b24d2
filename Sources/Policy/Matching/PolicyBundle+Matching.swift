public import NetworkTypes

extension PolicyTarget {
    /// Whether a gateway is meant. Both lists must fit; an empty one fits all.
    public func includes(gatewayID: ByteString, site: ByteString) -> Bool {
        (gateways.isEmpty || gateways.contains(gatewayID))
            && (sites.isEmpty || sites.contains { TextPattern.matches($0, site) })
    }
}

extension DeviceMatch {
    /// Whether a device is meant: every list that is not empty must have an entry that fits, and where it is the
    /// class, vendor or model that fits, it must be sure enough. `defined` are the tags of the bundle.
    public func matches(_ device: DeviceFacts, tags defined: [DeviceTag]) -> Bool {
        if !keys.isEmpty, !keys.contains(device.key) { return false }
        if !sites.isEmpty, !sites.contains(where: { TextPattern.matches($0, device.site) }) { return false }
        if !classes.isEmpty {
            guard classes.contains(device.deviceClass) else { return false }
            // Nobody is ever sure that a device is unknown.
            guard device.deviceClass == .unknown || device.classConfidence >= minimumConfidence else { return false }
        }
        if !vendors.isEmpty {
            let vendor = device.vendor.lowercasedASCII
            guard !vendor.isEmpty, device.vendorConfidence >= minimumConfidence,
                vendors.contains(where: { $0.lowercasedASCII == vendor })
            else { return false }
        }
        if !models.isEmpty {
            let model = device.model.lowercasedASCII
            guard !model.isEmpty, device.modelConfidence >= minimumConfidence,
                models.contains(where: { TextPattern.matches($0.lowercasedASCII, model) })
            else { return false }
        }
        if !tags.isEmpty {
            guard defined.contains(where: { tags.contains($0.name) && $0.holds(device.key) }) else { return false }
        }
        return true
    }

    /// Whether it holds every device.
    var matchesAll: Bool {
        classes.isEmpty && vendors.isEmpty && models.isEmpty && keys.isEmpty && sites.isEmpty && tags.isEmpty
    }
}

extension PolicyBundle {
    /// The allowlist that holds a device: the first whose match fits, else the baseline's `unknown`, which holds devices that
    /// are not trusted too.
    public func allowlist(for device: DeviceFacts) -> Allowlist {
        guard !device.isDistrusted else { return baseline.unknown }
        for allowlist in allowlists where allowlist.match.matches(device, tags: tags) { return allowlist }
        return baseline.unknown
    }

    /// The tags that a device has, by its key, in order.
    public func tags(of device: ByteString) -> [ByteString] {
        tags.filter { $0.holds(device) }.map { $0.name }
    }

    /// The blocklists that its allowlists name, each once, in order.
    public var blocklists: [ByteString] {
        var names: [ByteString] = []
        for allowlist in allowlists + [baseline.unknown] {
            for name in allowlist.dns.blocklists where !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Whether the device that `allowlist` holds may reach an address, blocked prefixes considered.
    public func permission(
        of allowlist: Allowlist,
        to address: IPAddress,
        port: UInt16,
        transport: TransportProtocol
    ) -> Permission {
        if baseline.blockedPrefixes.contains(where: { $0.contains(address) }) { return .blocked }
        return allowlist.permission(to: address, port: port, transport: transport)
    }
}
