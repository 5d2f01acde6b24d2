public import NetworkTypes

/// Something in a policy that is wrong, or hardly meant.
public struct PolicyProblem: Hashable, Sendable {
    /// How bad it is.
    public let severity: Severity
    /// Of what sort.
    public let kind: Kind
    /// The allowlist it is in (`unknown` for the baseline's); nil for the bundle or the baseline as a whole.
    public let allowlist: ByteString?
    /// The rule of the allowlist, or without an allowlist the entry of the baseline's `block`, counted from 0; nil where
    /// it is not about one.
    public let rule: Int?
    /// What is wrong.
    public let message: ByteString
    /// What to do.
    public let advice: ByteString

    /// How bad a problem is.
    public enum Severity: UInt8, Hashable, Sendable {
        /// The policy is refused.
        case error
        /// The policy is taken, but somebody should look.
        case warning
    }

    /// What sort of problem.
    public enum Kind: UInt8, Hashable, Sendable {
        /// A value is out of bounds or contradicts another.
        case invalid
        /// The gateway would be cut off from what it needs.
        case cutsOff
        /// Allowed, but hardly meant.
        case suspicious
    }

    /// `allowlist cameras, rule 2: ports end before they begin; write the lower port first`. Rules count from 1 here.
    public var byteString: ByteString {
        var text = ByteString()
        if let allowlist {
            text.append("allowlist ")
            text.append(allowlist)
            if let rule {
                text.append(", rule ")
                text.append(decimal: rule + 1)
            }
            text.append(": ")
        }
        text.append(message)
        if !advice.isEmpty {
            text.append("; ")
            text.append(advice)
        }
        return text
    }
}

extension PolicyProblem: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
