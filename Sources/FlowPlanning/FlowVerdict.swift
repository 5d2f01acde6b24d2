public import NetworkTypes

/// What a policy does with a flow that was seen.
public struct FlowVerdict: Hashable, Sendable {
    /// The allowlist that holds the device; `unknown` is the baseline's.
    public var allowlist: ByteString
    /// What becomes of the flow.
    public var outcome: Outcome

    /// What becomes of a flow.
    public enum Outcome: Hashable, Sendable {
        /// A rule allows it: its number in the allowlist, from 1.
        case allowed(rule: Int)
        /// The enforcement allows it to every device, or answers it itself: DNS, DHCP, discovery.
        case always
        /// It would be refused, but the allowlist only watches.
        case watched(Reason)
        /// It would be refused.
        case lost(Reason)
    }

    /// Why a flow is refused.
    public enum Reason: String, Hashable, Sendable {
        /// No rule names it.
        case notAllowed = "not-allowed"
        /// The baseline blocks the address for everybody.
        case blocked
        /// DNS over TLS, or the name of a resolver that is asked over HTTPS.
        case encryptedDNS = "encrypted-dns"
        /// An address would be allowed, but the name that leads there is not answered.
        case nameNotAnswered = "name-not-answered"
        /// The name is allowed, but it leads to an address that is not public, and no rule names that.
        case notPublic = "not-public"
        /// A protocol that policies cannot allow.
        case otherProtocol = "protocol"
    }

    /// Why the device would lose it; nil where it would not.
    public var loss: Reason? {
        guard case .lost(let reason) = outcome else { return nil }
        return reason
    }
}
