public import Fingerprinting
public import NetworkTypes
import Policy

/// Server names on addresses that devices reach by a name (DESIGN §8.5): behind the address of a content network are
/// thousands of others.
///
/// The kernel lets the flow begin; what the device asks for is read from its first packets, and judged here. A flow that
/// asks for what no rule allows goes into `cut4` or `cut6`, and the epoch turns, so that it is judged again and refused.
/// What it sent until then has gone: some milliseconds.
extension Enforcement {
    /// Judges what a device asked for: the violation where it may not, in monitor mode as one that was not dropped.
    /// Follow with `takeCuts`, once for all that were read at a time.
    public mutating func judge(_ sighting: ServerNameSighting, nowMilliseconds: UInt64) -> DroppedPacket? {
        let flow = LearnedAddress(
            device: sighting.device,
            address: sighting.server,
            target: .cut(sighting.transport, client: sighting.clientPort, server: sighting.serverPort)
        )
        // From another address the kernel let nothing pass, and what is not learned has another reason.
        guard bundle != nil, let device = devices[flow.device], device.addresses.contains(sighting.client),
            let policy = policy(of: flow.device), policy.dns.serverNames != .unchecked, isLearned(sighting, policy)
        else { return nil }
        var asked = ByteString()
        switch sighting.name {
        // RFC 6066 §3 forbids an address here. Some put the one they connect to, which says nothing.
        case .named(let text) where IPAddress(text) != sighting.server: asked = text
        case .unread: serverNames.unread += 1
        default: serverNames.absent += 1
        }
        let name = DomainName(asked) ?? Enforcement.unreadable
        guard isRefused(flow, name) else {
            if !asked.isEmpty { serverNames.allowed += 1 }
            if cuts[flow] != nil { uncut(flow) }
            return nil
        }
        serverNames.refused += 1
        let isEnforced = policy.mode == .enforce
        if isEnforced {
            cut(flow, name, nowMilliseconds)
            isCutTurnDue = true
        }
        var packet = DroppedPacket(
            device: flow.device,
            destination: flow.address,
            destinationName: asked,
            transport: sighting.transport,
            port: sighting.serverPort,
            prefix: ViolationPrefix(wasDropped: isEnforced, reason: .serverName, policy: policy.name)
        )
        packet.sourcePort = sighting.clientPort
        return packet
    }

    /// The commands that what was judged since the last call has led to. Live flows are judged again at once, or, where
    /// they were a moment ago, with a later tick.
    public mutating func takeCuts(nowMilliseconds: UInt64) -> ByteString {
        var commands = cutCommands
        cutCommands = ByteString()
        guard isCutTurnDue else { return commands }
        guard nowMilliseconds >= cutTurnMilliseconds else {
            serverNames.deferredTurns += 1
            return commands
        }
        isCutTurnDue = false
        cutTurnMilliseconds = nowMilliseconds + EnforcementLimits.cutTurnMilliseconds
        commands.append(turnEpoch())
        return commands
    }

    /// Stands for what was asked for and is no name; no rule can have it (RFC 2606 §2).
    private static let unreadable = DomainName("invalid")

    /// Whether the policy of the device refuses a flow, which it allows by a name alone, that asks for a name, or none.
    private func isRefused(_ flow: LearnedAddress, _ name: DomainName?) -> Bool {
        guard case .cut(let transport, _, let port) = flow.target, let policy = policy(of: flow.device) else {
            return false
        }
        if name?.byteString.isEmpty != false { return policy.dns.serverNames == .required }
        guard let name, policy.dns.serverNames != .unchecked else { return false }
        for rule in policy.allow {
            guard case .name(let pattern) = rule.to, pattern.matches(name) else { continue }
            if rule.allows(port: port, transport: transport) { return false }
        }
        return true
    }

    /// Whether a learned address opens the flow, and nothing else does.
    private func isLearned(_ flow: ServerNameSighting, _ policy: Allowlist) -> Bool {
        let (port, transport) = (flow.serverPort, flow.transport)
        if policy.permission(to: flow.server, port: port, transport: transport).isAllowed { return false }
        for (index, rule) in policy.allow.enumerated()
        where rule.isName && rule.allows(port: port, transport: transport) {
            let target: LearnedAddress.Target =
                rule.needsWideSet ? .rule(policy: policy.name, number: index + 1) : .service(transport, port)
            let entry = LearnedAddress(device: flow.device, address: flow.server, target: target)
            if learned[entry] != nil || foreign.contains(entry) { return true }
        }
        return false
    }

    private mutating func cut(_ flow: LearnedAddress, _ name: DomainName?, _ nowMilliseconds: UInt64) {
        let known = cuts[flow]
        if let known, known.expiresMilliseconds > nowMilliseconds { return }
        let count = cutCounts[flow.device, default: 0]
        if known == nil {
            guard count < EnforcementLimits.cutsPerDevice, cuts.count < EnforcementLimits.cuts else {
                close(flow)
                return
            }
            cutCounts[flow.device] = count + 1
        }
        guard let name else { return }
        let expires = nowMilliseconds + EnforcementLimits.cutSeconds * 1000
        cuts[flow] = LearnedName(name: name, expiresMilliseconds: expires)
        cutCommands.append(addCommand(flow, seconds: EnforcementLimits.cutSeconds))
    }

    /// Where single flows are too many to be cut, the device loses the address, until it asks for it again.
    private mutating func close(_ flow: LearnedAddress) {
        serverNames.closedAddresses += 1
        revision += 1
        cutCommands.append(foreign.withdraw(flow.device))
        for (entry, _) in learned where entry.device == flow.device && entry.address == flow.address {
            cutCommands.append(deleteCommand(entry))
            forget(entry)
        }
    }

    /// A flow of the same addresses and ports asks for what is allowed, or the policy allows now what it had asked for.
    private mutating func uncut(_ flow: LearnedAddress) {
        forgetCut(flow)
        cutCommands.append(deleteCommand(flow))
    }

    private mutating func forgetCut(_ flow: LearnedAddress) {
        guard cuts.removeValue(forKey: flow) != nil else { return }
        let left = cutCounts[flow.device, default: 1] - 1
        cutCounts[flow.device] = left == 0 ? nil : left
    }

    /// Lets flows go on that the policies of their devices, perhaps others now, do not refuse, and forgets what timed out.
    mutating func reviewCuts(nowMilliseconds: UInt64 = 0) {
        guard !cuts.isEmpty else { return }
        for (flow, cut) in cuts {
            if cut.expiresMilliseconds <= nowMilliseconds {
                forgetCut(flow)
            } else if !isRefused(flow, cut.name) || policy(of: flow.device)?.mode == .monitor {
                uncut(flow)
            }
        }
    }

    /// What a flow that was cut had asked for; empty where that is not known.
    public func cutName(of packet: DroppedPacket) -> ByteString {
        let target = LearnedAddress.Target.cut(packet.transport, client: packet.sourcePort, server: packet.port)
        let flow = LearnedAddress(device: packet.device, address: packet.destination, target: target)
        return cuts[flow]?.name.byteString ?? ""
    }
}
