import NetworkTypes

/// Puts together text in nft's own style: what is written here is what `nft -s list table` prints again.
enum RulesetText {
    /// Bytes in the unit that nft lists them in: the largest that leaves no rest (get_rate in its src/datatype.c).
    static func byteCount(_ bytes: UInt32) -> ByteString {
        var count = bytes
        var unit = 0
        while unit < 2, count % 1024 == 0 {
            count /= 1024
            unit += 1
        }
        return "\(UInt64(count)) \(unit == 0 ? "bytes" : unit == 1 ? "kbytes" : "mbytes" as ByteString)"
    }

    /// The table, as commands name it.
    static let table: ByteString = "inet gatehouse"

    /// A mark as nft prints it: `0x003fff00`.
    static func mark(_ value: UInt32) -> ByteString {
        var text: ByteString = "0x"
        text.append(hexadecimal: value, digits: 8)
        return text
    }

    /// `ip` or `ip6`.
    static func family(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "ip" : "ip6" }

    /// `{ a, b }`
    static func braces(_ elements: [ByteString]) -> ByteString {
        var text: ByteString = "{ "
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(", ") }
            text.append(element)
        }
        text.append(" }")
        return text
    }

    /// The ports of one protocol as nft prints them: `443`, `5000-5010`, `{ 80, 443 }`.
    static func ports(_ ranges: [PortRangeText]) -> ByteString {
        // The kernel refuses a set whose intervals overlap.
        var joined: [PortRangeText] = []
        for range in ranges.ordered(by: { ($0.first, $0.last) < ($1.first, $1.last) }) {
            if let last = joined.last, Int(range.first) <= Int(last.last) + 1 {
                joined[joined.count - 1].last = Swift.max(last.last, range.last)
            } else {
                joined.append(range)
            }
        }
        if joined.count == 1 { return joined[0].byteString }
        return braces(joined.map { $0.byteString })
    }

    /// First and last port.
    struct PortRangeText {
        var first: UInt16
        var last: UInt16

        var byteString: ByteString {
            first == last ? "\(first)" : "\(first)-\(last)"
        }
    }
}

/// A chain's name and its rules, in order.
struct RulesetChain {
    var name: ByteString
    var rules: [ByteString]

    init(_ name: ByteString, _ rules: [ByteString]) {
        self.name = name
        self.rules = rules
    }
}

/// Names of kernel objects.
enum RulesetNames {
    /// Learned addresses of a name rule with many ports.
    static func wideSet(policy: ByteString, number: Int, _ family: IPAddress.Family) -> ByteString {
        "wide_\(policy)_\(number)_\(family == .v4 ? "4" : "6")"
    }

    /// Addresses bound to devices.
    static func bound(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "bound4" : "bound6" }

    /// Addresses of devices in monitor mode.
    static func watched(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "watched4" : "watched6" }

    /// Learned addresses, one port each.
    static func names(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "names4" : "names6" }

    /// Begins the names of the sets of flows that were cut for the server name they asked for.
    static let cutPrefix: ByteString = "cut"

    /// Flows that were cut for the server name they asked for.
    static func cut(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "cut4" : "cut6" }

    /// The devices' meters of a flood.
    static func flood(_ reason: VerdictReason) -> ByteString { "meter_\(reason.name)" }

    /// Prefixes nobody may reach.
    static func blocked(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "blocked4" : "blocked6" }

    /// Prefixes that the gateway itself reaches, whatever is blocked.
    static func protected(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "protected4" : "protected6" }

    /// Prefixes from which the gateway is reached.
    static func breakGlass(_ family: IPAddress.Family) -> ByteString { family == .v4 ? "breakglass4" : "breakglass6" }

    /// What devices of an allowlist may reach beyond the gateway.
    static func policyChain(_ policy: ByteString) -> ByteString { "policy_\(policy)" }

    /// What they may reach on the gateway.
    static func gatewayChain(_ policy: ByteString) -> ByteString { "gateway_\(policy)" }

    /// Counts the packets of devices of an allowlist.
    static func meterChain(_ policy: ByteString) -> ByteString { "meter_\(policy)" }

    /// What happens to packets that are refused for a reason, under a policy.
    static func refusal(_ reason: VerdictReason, _ policy: ByteString) -> ByteString {
        "refuse_\(reason.name)_\(policy)"
    }

    /// Counts them.
    static func counter(_ reason: VerdictReason, _ policy: ByteString) -> ByteString {
        "count_\(reason.name)_\(policy)"
    }

    /// What devices of an allowlist may send to others on their bridge.
    static func bridgeChain(_ policy: ByteString) -> ByteString { "bridge_policy_\(policy)" }

    /// What happens to what they may not, where connections are tracked.
    static func bridgeRefusal(_ policy: ByteString) -> ByteString { "bridge_refuse_\(policy)" }

    /// What others may answer them, where connections are not tracked.
    static func bridgeAnswers(_ policy: ByteString) -> ByteString { "bridge_answers_\(policy)" }

    /// Counts what was refused between devices.
    static func bridgeCounter(_ policy: ByteString) -> ByteString { "bridge_count_\(policy)" }

    /// Meters of a policy.
    static func meter(_ kind: ByteString, _ policy: ByteString) -> ByteString {
        "meter_\(kind)_\(policy)"
    }
}
