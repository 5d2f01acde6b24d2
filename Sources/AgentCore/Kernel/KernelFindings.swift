public import NetworkTypes
public import Policy

/// What this kernel has of all that the agent makes use of.
public struct KernelFindings: Hashable, Sendable {
    /// The table of the questions. It never outlives its transaction.
    public static let table: ByteString = "gatehouse_probe"

    private var presences: [KernelPresence]

    /// All is there, until it is asked.
    public init() {
        presences = [KernelPresence](repeating: .present, count: KernelCapability.allCases.count)
    }

    /// Asks for all that nftables can be asked for. `run` hands commands to the kernel, and says what came of them.
    ///
    /// A kernel that has everything, as most have, is asked once.
    public init(asking run: (ByteString) -> KernelPresence) {
        self.init()
        let asked = KernelCapability.allCases.filter { $0.family != nil }
        var all = ByteString()
        for capability in asked { all.append(KernelFindings.question(capability)) }
        let answer = run(all)
        if answer == .present { return }
        for capability in asked {
            // What may not be asked as a whole may not be asked in parts.
            if case .notAsked = answer {
                self[capability] = answer
            } else {
                self[capability] = run(KernelFindings.question(capability))
            }
        }
    }

    /// The commands that ask for one capability, and leave nothing behind.
    static func question(_ capability: KernelCapability) -> ByteString {
        guard let family = capability.family else { return "" }
        let table: ByteString = "table \(family) \(KernelFindings.table)"
        // One that another program left there would be in the way.
        return "add \(table)\ndelete \(table)\n\(table) {\n\(capability.content)}\ndelete \(table)\n"
    }

    /// What the kernel has of one capability.
    public subscript(_ capability: KernelCapability) -> KernelPresence {
        get { presences[Int(capability.rawValue)] }
        set { presences[Int(capability.rawValue)] = newValue }
    }

    /// Whether it is not there, or nothing is known of it.
    public func lacks(_ capability: KernelCapability) -> Bool { self[capability] != .present }

    /// What is not there, in order.
    public var absent: [KernelCapability] {
        KernelCapability.allCases.filter { capability in
            if case .absent = self[capability] { return true }
            return false
        }
    }

    /// Why this kernel cannot hold a policy, naming the directive and what is not there; nil where it can. What could not
    /// be asked is left to the kernel.
    public func problem(of bundle: PolicyBundle, settings: EnforcementSettings) -> ByteString? {
        let absent = absent
        for capability in absent where capability.need == .everyPolicy {
            return words("every policy", capability)
        }
        for allowlist in bundle.allowlists + [bundle.baseline.unknown] {
            for capability in absent {
                guard let directive = allowlist.directive(needing: capability, settings) else { continue }
                return words("allowlist \(allowlist.name): \(directive)", capability)
            }
        }
        return nil
    }

    private func words(_ what: ByteString, _ capability: KernelCapability) -> ByteString {
        """
        \(what) needs \(capability.name) (\(capability.module)), which the kernel of this gateway does not have: \
        \(self[capability].reason); load the module or boot a kernel with it, or leave the directive out
        """
    }
}

extension Allowlist {
    /// The directive of this allowlist that needs a capability; nil where none does.
    func directive(needing capability: KernelCapability, _ settings: EnforcementSettings) -> ByteString? {
        switch capability {
        case .connectionCount: return limits.concurrentConnections > 0 ? "limits.concurrentConnections" : nil
        case .byteRates: return limits.bytesPerSecond > 0 ? "limits.bytesPerSecond" : nil
        case .localAddresses: return showsNotice ? "dns.blocked: notice" : nil
        // Without a resolver that is asked in the clear, `failMode: open` is told to nobody.
        case .destinationTranslation: return dns.failsOpen && !settings.resolvers.isEmpty ? "dns.failMode: open" : nil
        default: return nil
        }
    }
}
