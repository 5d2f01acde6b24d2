public import NetworkTypes

/// Why a policy was not taken. The one in force stays in force.
public struct PolicyRefusal: Error, Hashable, Sendable {
    /// Which check refused it.
    public let reason: Reason
    /// What was wrong, and what to do, for people.
    public let detail: ByteString

    /// A refusal.
    public init(_ reason: Reason, _ detail: ByteString) {
        self.reason = reason
        self.detail = detail
    }

    /// The checks, in the order in which they are made; then what can become of a policy that passed them all.
    public enum Reason: UInt8, CaseIterable, Hashable, Sendable {
        /// Not a signed envelope, or the signature does not hold.
        case signature
        /// Signed by a key that is not trusted here.
        case unknownKey
        /// The signature holds, but the payload is no valid policy.
        case invalid
        /// Meant for other gateways.
        case target
        /// Its time is over.
        case expired
        /// Not above the highest generation seen, and without a grant.
        case generation
        /// It would cut the gateway off from what it needs.
        case cutsOff
        /// It could not be written to the gateway's disk, and was not brought into force.
        case storage
        /// It was in force, and what it must reach did not answer in time: the one before it was put back.
        case unreachable
        /// The agent ended while it was on trial: the one before it was put back.
        case interrupted
        /// The gateway's kernel lacks what it needs.
        case kernel

        /// `unknown-key`
        public var name: ByteString {
            switch self {
            case .signature: return "signature"
            case .unknownKey: return "unknown-key"
            case .invalid: return "invalid"
            case .target: return "target"
            case .expired: return "expired"
            case .generation: return "generation"
            case .cutsOff: return "cuts-off"
            case .storage: return "storage"
            case .unreachable: return "unreachable"
            case .interrupted: return "interrupted"
            case .kernel: return "kernel"
            }
        }
    }
}

extension PolicyRefusal: CustomStringConvertible {
    /// `generation: generation 3 is not above 5 …`
    public var description: String {
        var text = reason.name
        text.append(": ")
        text.append(detail)
        return text.text
    }
}
