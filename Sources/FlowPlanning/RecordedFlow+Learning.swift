import AgentCore
import NetworkTypes
import Policy

extension RecordedFlow {
    /// Whether every device may do it, whatever its policy says: then no rule is needed.
    var needsNoRule: Bool { isPlainDNS || direction == .gateway && isAlwaysAllowedToGateway }

    /// Why no rule can allow it; nil where one can.
    var reasonNotToAllow: String? {
        if !isExpressible { return "policies cannot allow this protocol" }
        guard direction != .gateway else { return nil }
        if port == 853, transport == .tcp || transport == .udp { return "DNS over TLS is never allowed" }
        guard let name else { return nil }
        if EncryptedResolverNames.contains(name) { return "the name of an encrypted resolver is never answered" }
        return RecordedFlow.isWritable(name) ? nil : "a policy cannot write this name"
    }

    /// What has to be named for it. A name that leads to an address that is not public needs the address as well: else
    /// the agent takes it out of the answer.
    var targets: [Target] {
        switch direction {
        case .gateway: return [.gateway]
        case .device: return [.address(address)]
        case .internet:
            guard let name else { return [.address(address)] }
            return address.isFitForPublicName ? [.name(name)] : [.name(name), .address(address)]
        }
    }

    /// Whether policy files take the name for one.
    private static func isWritable(_ name: DomainName) -> Bool {
        let text = name.byteString
        guard text != "gateway", !text.bytes.contains(0x2F), !text.bytes.contains(0x3A),
            let last = text.split(0x2E).last
        else { return false }
        return Decimal.parse(last) == nil
    }
}
