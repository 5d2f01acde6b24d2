import AgentCore
import NetworkTypes
public import Policy

extension PolicyBundle {
    /// What becomes of a flow, by the code with which the agent chooses allowlists and answers names, and in the order of
    /// the chains that it makes (`Ruleset`).
    ///
    /// Limits of rate and blocklists are not replayed: how fast connections came is not recorded, and the lists are on the
    /// gateways.
    public func verdict(on flow: RecordedFlow) -> FlowVerdict {
        let allowlist = allowlist(for: flow.device)
        let outcome: FlowVerdict.Outcome
        switch flow.direction {
        case .gateway: outcome = gatewayOutcome(flow, allowlist)
        case .internet, .device: outcome = forwardOutcome(flow, allowlist)
        }
        return FlowVerdict(allowlist: allowlist.name, outcome: outcome)
    }

    private func gatewayOutcome(_ flow: RecordedFlow, _ allowlist: Allowlist) -> FlowVerdict.Outcome {
        if flow.isAlwaysAllowedToGateway { return .always }
        guard flow.isExpressible else { return allowlist.refusal(.otherProtocol) }
        switch allowlist.permissionToGateway(port: flow.port, transport: flow.transport) {
        case .allowed(let rule): return .allowed(rule: rule + 1)
        case .notAllowed, .blocked: return allowlist.refusal(.notAllowed)
        }
    }

    private func forwardOutcome(_ flow: RecordedFlow, _ allowlist: Allowlist) -> FlowVerdict.Outcome {
        // Port 53 is redirected to the agent before anything else is looked at.
        if flow.isPlainDNS { return .always }
        if baseline.blockedPrefixes.contains(where: { $0.contains(flow.address) }) { return .lost(.blocked) }
        if let name = flow.name {
            // What the resolver refuses it refuses in monitor mode too.
            if EncryptedResolverNames.contains(name) { return .lost(.encryptedDNS) }
            if !allowlist.answers(name: name) {
                let isCovered = allowlist.permission(to: flow.address, port: flow.port, transport: flow.transport)
                return .lost(isCovered.isAllowed ? .nameNotAnswered : .notAllowed)
            }
            if !flow.address.isFitForPublicName, !allowlist.coversByPrefix(flow.address) { return .lost(.notPublic) }
        }
        if [.tcp, .udp].contains(flow.transport), flow.port == 853 { return allowlist.refusal(.encryptedDNS) }
        guard flow.isExpressible else { return allowlist.refusal(.otherProtocol) }
        if let name = flow.name,
            case .allowed(let rule) = allowlist.permission(toName: name, port: flow.port, transport: flow.transport)
        {
            return .allowed(rule: rule + 1)
        }
        switch permission(of: allowlist, to: flow.address, port: flow.port, transport: flow.transport) {
        case .allowed(let rule): return .allowed(rule: rule + 1)
        case .blocked: return .lost(.blocked)
        case .notAllowed: return allowlist.refusal(.notAllowed)
        }
    }
}

extension Allowlist {
    fileprivate func refusal(_ reason: FlowVerdict.Reason) -> FlowVerdict.Outcome {
        mode == .monitor ? .watched(reason) : .lost(reason)
    }
}

extension RecordedFlow {
    /// Whether it is DNS without encryption, which the agent answers wherever it is sent.
    var isPlainDNS: Bool { [.tcp, .udp].contains(transport) && port == 53 }

    /// What `to_gateway` of the ruleset accepts before it looks at the device's policy.
    var isAlwaysAllowedToGateway: Bool {
        switch transport {
        case .icmp, .icmpv6, TransportProtocol(rawValue: 2): return true
        case .udp: return isPlainDNS || [67, 547, 137, 1900, 3702, 5353, 5355].contains(port)
        case .tcp: return isPlainDNS
        default: return false
        }
    }

    /// Whether a rule of a policy can name its protocol.
    var isExpressible: Bool {
        switch transport {
        case .tcp, .udp: return port > 0
        case .icmp, .icmpv6: return true
        default: return false
        }
    }
}
