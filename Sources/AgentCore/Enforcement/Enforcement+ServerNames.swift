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
    /// What is to be done about server names.
    public struct ServerNameJudgement: Sendable {
        /// Commands for the kernel.
        public internal(set) var commands = ByteString()
        /// What was refused, or in monitor mode would have been, each to be counted as a violation.
        public internal(set) var refused: [DroppedPacket] = []
    }

    /// A flow that was cut.
    struct Cut: Hashable, Sendable {
        /// What it asked for; empty where it asked for no name, or it could not be read.
        var name: ByteString
        /// Monotonic milliseconds.
        var expiresMilliseconds: UInt64
    }

    /// Judges what devices asked for, all that was read at a time.
    public mutating func judge(
        _ sightings: [ServerNameSighting],
        nowMilliseconds: UInt64
    ) -> ServerNameJudgement {
        var judgement = ServerNameJudgement()
        var isCut = false
        for sighting in sightings {
            let flow = ServerNameFlow(
                device: sighting.device,
                server: sighting.server,
                transport: sighting.transport,
                clientPort: sighting.clientPort,
                serverPort: sighting.serverPort
            )
            // From another address the kernel let nothing pass, and what is not learned has another reason.
            guard bundle != nil, let device = devices[flow.device], device.addresses.contains(sighting.client),
                let policy = policy(of: flow.device), policy.dns.serverNames != .unchecked, isLearned(flow, policy)
            else { continue }
            guard let name = refusedName(sighting.name, flow, policy) else {
                judgement.commands.append(uncut(flow))
                continue
            }
            serverNames.refused += 1
            let isEnforced = policy.mode == .enforce
            judgement.refused.append(
                DroppedPacket(
                    device: flow.device,
                    destination: flow.server,
                    destinationName: name,
                    transport: flow.transport,
                    port: flow.serverPort,
                    prefix: ViolationPrefix(wasDropped: isEnforced, reason: .serverName, policy: policy.name)
                )
            )
            guard isEnforced else { continue }
            judgement.commands.append(cut(flow, name, nowMilliseconds))
            isCut = true
        }
        guard isCut else { return judgement }
        if nowMilliseconds >= cutTurnMilliseconds {
            judgement.commands.append(turnForCuts(nowMilliseconds))
        } else {
            isCutTurnDue = true
            serverNames.deferredTurns += 1
        }
        return judgement
    }

    /// The name that a flow is refused for; nil where it is not.
    private mutating func refusedName(
        _ name: ServerNameSighting.Name,
        _ flow: ServerNameFlow,
        _ policy: Allowlist
    ) -> ByteString? {
        var asked = ByteString()
        switch name {
        // RFC 6066 §3 forbids an address here. Some put the one they connect to, which says nothing.
        case .named(let text) where IPAddress(text) != flow.server: asked = text
        case .unread: serverNames.unread += 1
        default: serverNames.absent += 1
        }
        if Enforcement.isRefused(flow, asked, policy) { return asked }
        if !asked.isEmpty { serverNames.allowed += 1 }
        return nil
    }

    /// Whether a policy refuses a flow that asks for a name, or for none, and that it allows by a name alone.
    private static func isRefused(_ flow: ServerNameFlow, _ asked: ByteString, _ policy: Allowlist) -> Bool {
        if asked.isEmpty { return policy.dns.serverNames == .required }
        guard policy.dns.serverNames != .unchecked else { return false }
        guard let name = DomainName(asked) else { return true }
        return !policy.permission(toName: name, port: flow.serverPort, transport: flow.transport).isAllowed
    }

    /// Whether a learned address opens the flow, and nothing else does.
    private func isLearned(_ flow: ServerNameFlow, _ policy: Allowlist) -> Bool {
        let (port, transport) = (flow.serverPort, flow.transport)
        guard !policy.permission(to: flow.server, port: port, transport: transport).isAllowed else { return false }
        for (index, rule) in policy.allow.enumerated()
        where rule.isName && rule.allows(port: port, transport: transport) {
            let target: LearnedAddress.Target =
                rule.needsWideSet ? .rule(policy: policy.name, number: index + 1) : .service(transport, port)
            let entry = LearnedAddress(device: flow.device, address: flow.server, target: target)
            if learned[entry] != nil || foreign.contains(entry) { return true }
        }
        return false
    }

    /// The commands that put a flow into its set.
    private mutating func cut(_ flow: ServerNameFlow, _ name: ByteString, _ nowMilliseconds: UInt64) -> ByteString {
        if let known = cuts[flow], known.expiresMilliseconds > nowMilliseconds { return "" }
        let count = cutCounts[flow.device, default: 0]
        let isKnown = cuts[flow] != nil
        guard isKnown || count < EnforcementLimits.cutsPerDevice && cuts.count < EnforcementLimits.cuts else {
            return close(flow)
        }
        if !isKnown { cutCounts[flow.device] = count + 1 }
        cuts[flow] = Cut(
            name: name,
            expiresMilliseconds: nowMilliseconds + EnforcementLimits.cutSeconds * 1000
        )
        return cutCommand("add", flow)
    }

    /// Where single flows are too many to be cut, the device loses the address, until it asks for it again.
    private mutating func close(_ flow: ServerNameFlow) -> ByteString {
        serverNames.closedAddresses += 1
        var commands = foreign.withdraw(flow.device)
        for (entry, _) in learned where entry.device == flow.device && entry.address == flow.server {
            commands.append(deleteCommand(entry))
            forget(entry)
        }
        return commands
    }

    /// A flow of the same addresses and ports asks for what is allowed.
    private mutating func uncut(_ flow: ServerNameFlow) -> ByteString {
        guard cuts[flow] != nil else { return "" }
        forget(flow)
        // Added first: it may have timed out, and then to delete it would fail.
        return "\(cutCommand("add", flow))\(cutCommand("delete", flow))"
    }

    private func cutCommand(_ verb: ByteString, _ flow: ServerNameFlow) -> ByteString {
        let timeout: ByteString = verb == "add" ? Ruleset.cutTimeout : ""
        return "\(verb) element inet gatehouse \(flow.setName) { \(flow.elementKey)\(timeout) }\n"
    }

    mutating func forget(_ flow: ServerNameFlow) {
        guard cuts.removeValue(forKey: flow) != nil else { return }
        let left = cutCounts[flow.device, default: 1] - 1
        cutCounts[flow.device] = left == 0 ? nil : left
    }

    /// The commands that let flows go on that the policy of a device, another one now, does not refuse.
    mutating func rejudgeCuts(of device: MACAddress?) -> ByteString {
        var commands = ByteString()
        for (flow, cut) in cuts where device == nil || flow.device == device {
            if let policy = policy(of: flow.device), policy.mode == .enforce,
                Enforcement.isRefused(flow, cut.name, policy)
            {
                continue
            }
            commands.append(uncut(flow))
        }
        return commands
    }

    private mutating func turnForCuts(_ nowMilliseconds: UInt64) -> ByteString {
        isCutTurnDue = false
        cutTurnMilliseconds = nowMilliseconds + EnforcementLimits.cutTurnMilliseconds
        return turnEpoch()
    }

    /// Time passed: a turn that was put off is made, and cuts that timed out are forgotten.
    mutating func tickCuts(_ nowMilliseconds: UInt64) -> ByteString {
        for (flow, cut) in cuts where cut.expiresMilliseconds <= nowMilliseconds { forget(flow) }
        return isCutTurnDue ? turnForCuts(nowMilliseconds) : ""
    }

    /// What a flow that was cut had asked for; empty where that is not known.
    public func cutName(_ flow: ServerNameFlow) -> ByteString { cuts[flow]?.name ?? "" }
}
