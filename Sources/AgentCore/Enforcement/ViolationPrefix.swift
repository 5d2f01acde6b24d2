public import NetworkTypes

/// What the kernel writes in front of a logged packet: `gh1|drop|not-allowed|cameras`.
///
/// The kernel takes at most 127 bytes (`NF_LOG_PREFIXLEN` is 128 with its final zero, include/net/netfilter/nf_log.h);
/// the longest of these has 93.
public struct ViolationPrefix: Hashable, Sendable {
    /// Begins every prefix; the digit counts the versions of the form.
    public static let magic: ByteString = "gh1"

    /// False in monitor mode.
    public let wasDropped: Bool
    /// Why.
    public let reason: VerdictReason
    /// The policy that held the device; `-` where the reason comes before any policy.
    public let policy: ByteString

    /// The policy of reasons that come before any policy.
    public static let noPolicy: ByteString = "-"

    /// A prefix.
    public init(wasDropped: Bool, reason: VerdictReason, policy: ByteString = ViolationPrefix.noPolicy) {
        self.wasDropped = wasDropped
        self.reason = reason
        self.policy = policy
    }

    /// What a prefix says; nil where another program wrote it. A final zero byte, as netlink sends it, is passed over.
    public init?(_ text: ByteString) {
        var text = text
        if text.bytes.last == 0 { text.bytes.removeLast() }
        let parts = text.split(0x7C)
        guard parts.count == 4, parts[0] == ViolationPrefix.magic, !parts[3].isEmpty,
            let reason = VerdictReason(name: parts[2])
        else { return nil }
        switch parts[1] {
        case "drop": wasDropped = true
        case "pass": wasDropped = false
        default: return nil
        }
        self.reason = reason
        self.policy = parts[3]
    }

    /// The text.
    public var byteString: ByteString {
        var text = ViolationPrefix.magic
        text.append(wasDropped ? "|drop|" : "|pass|")
        text.append(reason.name)
        text.append(byte: 0x7C)
        text.append(policy)
        return text
    }
}
