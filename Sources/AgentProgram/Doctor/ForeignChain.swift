import NetworkTypes

/// A base chain of another program, as `nft list chains` has it.
struct ForeignChain: Hashable {
    /// `ip filter`
    var table: ByteString
    var name: ByteString
    /// `filter`, `nat`, `route`
    var type: ByteString
    var hook: ByteString
    /// As a number: the lower comes first.
    var priority: Int
    /// Whether it drops what none of its rules lets pass.
    var dropsTheRest: Bool

    /// The base chains of tables that are not Gatehouse's.
    static func all(in listing: ByteString) -> [ForeignChain] {
        var chains: [ForeignChain] = []
        var table = ByteString()
        var name = ByteString()
        for raw in listing.split(0x0A) {
            let words = raw.trimmed.split(0x20)
            if words.count == 4, words[0] == "table" { table = "\(words[1]) \(words[2])" }
            if words.count >= 2, words[0] == "chain" { name = words[1] }
            guard words.count >= 6, words[0] == "type", words[2] == "hook", !table.hasSuffix(" gatehouse"),
                let index = words.firstIndex(of: "priority")
            else { continue }
            chains.append(
                ForeignChain(
                    table: table,
                    name: name,
                    type: words[1],
                    hook: words[3],
                    priority: priority(Array(words[(index + 1)...])),
                    dropsTheRest: words.last == "drop;"
                )
            )
        }
        return chains
    }

    /// `filter`, `filter - 5;`, `-150;`: the names of nft(8) for the families ip, ip6 and inet.
    private static func priority(_ words: [ByteString]) -> Int {
        var sum = 0
        var sign = 1
        for word in words {
            let isLast = word.bytes.last == 0x3B
            let text = isLast ? ByteString(Array(word.bytes.dropLast())) : word
            if text == "-" {
                sign = -1
            } else if text != "+" {
                sum += sign * value(text)
                sign = 1
            }
            if isLast { break }
        }
        return sum
    }

    private static func value(_ text: ByteString) -> Int {
        switch text {
        case "raw": return -300
        case "mangle": return -150
        case "dstnat": return -100
        case "filter": return 0
        case "security": return 50
        case "srcnat": return 100
        default:
            let isNegative = text.hasPrefix("-")
            let digits = isNegative ? ByteString(Array(text.bytes.dropFirst())) : text
            let number = Int(Decimal.parse(digits, limit: 1_000_000) ?? 0)
            return isNegative ? -number : number
        }
    }

    /// Why its being there matters to what Gatehouse enforces; nil where it does not.
    var concern: ByteString? {
        switch hook {
        case "prerouting" where type == "nat" && priority <= -100:
            return "is asked before or beside Gatehouse: what it redirects does not reach the agent's DNS"
        case "forward", "input":
            if dropsTheRest { return "drops what its own rules do not let pass, also where a policy allows it" }
            return priority <= -5 ? "comes before Gatehouse: what it drops is not counted" : nil
        default: return nil
        }
    }
}
