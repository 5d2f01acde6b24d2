public import NetworkTypes

extension PortRange {
    /// Whether a port (for ICMP: a type) is meant. ICMP stands for ICMPv6 too.
    public func contains(port: UInt16, transport: TransportProtocol) -> Bool {
        let asked = transport == .icmpv6 ? .icmp : transport
        guard asked == self.transport else { return false }
        return asked == .icmp || (port >= first && port <= last)
    }
}

extension AllowRule {
    /// Whether a port (for ICMP: a type) is meant; without ports all of TCP, UDP and ICMP.
    public func allows(port: UInt16, transport: TransportProtocol) -> Bool {
        if ports.isEmpty { return [.tcp, .udp, .icmp, .icmpv6].contains(transport) }
        return ports.contains { $0.contains(port: port, transport: transport) }
    }
}

extension Allowlist {
    /// Whether a rule names `name`. This is what opens addresses for it.
    public func permits(name: DomainName) -> Bool {
        allow.contains { rule in
            guard case .name(let pattern) = rule.to else { return false }
            return pattern.matches(name)
        }
    }

    /// Whether a question for `name` is answered at all.
    public func answers(name: DomainName) -> Bool { !dns.answersOnlyAllowed || permits(name: name) }

    /// Whether a rule has the very name, without a wildcard.
    public func names(_ name: DomainName) -> Bool {
        allow.contains { rule in
            guard case .name(let pattern) = rule.to else { return false }
            return !pattern.isWildcard && pattern.name == name
        }
    }

    /// The rules whose name fits `name`, in order, with their indices.
    public func rules(forName name: DomainName) -> [(index: Int, rule: AllowRule)] {
        allow.enumerated().compactMap { index, rule in
            guard case .name(let pattern) = rule.to, pattern.matches(name) else { return nil }
            return (index, rule)
        }
    }

    /// Whether a rule allows an address by prefix.
    public func permission(to address: IPAddress, port: UInt16, transport: TransportProtocol) -> Permission {
        for (index, rule) in allow.enumerated() {
            guard case .prefix(let prefix) = rule.to, prefix.contains(address) else { continue }
            if rule.allows(port: port, transport: transport) { return .allowed(rule: index) }
        }
        return .notAllowed
    }

    /// Whether a rule allows the address that the device got for `name`.
    public func permission(toName name: DomainName, port: UInt16, transport: TransportProtocol) -> Permission {
        for (index, rule) in rules(forName: name) where rule.allows(port: port, transport: transport) {
            return .allowed(rule: index)
        }
        return .notAllowed
    }

    /// Whether port 80 of the gateway is the page that says why a name was refused: where a rule allows that port, it is
    /// the gateway's own.
    public var showsNotice: Bool {
        dns.noticesBlocked && permissionToGateway(port: 80, transport: .tcp) == .notAllowed
    }

    /// Whether a rule allows the gateway itself. DHCP and DNS always are, by the enforcement.
    public func permissionToGateway(port: UInt16, transport: TransportProtocol) -> Permission {
        for (index, rule) in allow.enumerated() where rule.to == .gateway {
            if rule.allows(port: port, transport: transport) { return .allowed(rule: index) }
        }
        return .notAllowed
    }
}
