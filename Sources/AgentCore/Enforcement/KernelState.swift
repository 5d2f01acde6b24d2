public import NetworkTypes

/// What an earlier run of the agent left in the kernel and a new one must not lose.
public struct KernelState: Sendable {
    /// The epoch that connections carry; 0 where there is no table.
    public private(set) var epoch: UInt32 = 0
    /// The generation of the policy that made the table; nil where there is no table.
    public private(set) var generation: UInt64?
    /// Devices in quarantine, and the seconds each has left.
    public private(set) var quarantined: [(device: MACAddress, seconds: UInt64)] = []
    /// Learned addresses, and flows that were cut: the set, the element's key as `LearnedAddress` or `ServerNameFlow` spells it, and the seconds it has left.
    public private(set) var learned: [(set: ByteString, key: ByteString, seconds: UInt64)] = []
    /// Set and key of elements of these sets that never time out: the agent puts none of that kind there.
    public private(set) var permanent: [(set: ByteString, key: ByteString)] = []

    /// Reads what `nft list table inet gatehouse` prints.
    public init(listing: ByteString) {
        var set = ByteString()
        for raw in listing.split(0x0A) {
            let line = raw.trimmed
            if line.hasPrefix("set ") || line.hasPrefix("chain ") || line.hasPrefix("map ") { set = line }
            if generation == nil, line.hasPrefix("comment \"policy generation ") {
                generation = Decimal.parse(ByteString(Array(line.bytes.dropFirst(27).dropLast())))
            }
            if set.hasPrefix("chain accept_flow"), line.hasPrefix("ct mark set ") {
                epoch = KernelState.lastMark(line) >> 8 & 0x3FFF
            }
            let isQuarantine = set.hasPrefix("set quarantined ")
            if isQuarantine || set.hasPrefix("set names") || set.hasPrefix("set wide_") || set.hasPrefix("set cut") {
                readElements(set, line, isQuarantine: isQuarantine)
            }
        }
    }

    /// `ac:cc:8e:01:02:03 . 192.0.2.7 . tcp . 443 timeout 5m expires 4m58s`, after `elements = {` or a comma.
    private mutating func readElements(_ head: ByteString, _ line: ByteString, isQuarantine: Bool) {
        guard line.firstIndex(of: ":") != nil else { return }
        let heads = head.split(0x20)
        guard heads.count > 1 else { return }
        for element in line.split(0x2C) {
            let words = element.split(0x20).map { $0.trimmed }.filter { !$0.isEmpty && $0 != "}" }
            guard let first = words.firstIndex(where: { MACAddress($0) != nil }),
                let device = MACAddress(words[first])
            else { continue }
            let end = words.firstIndex { $0 == "timeout" || $0 == "expires" || $0 == "comment" } ?? words.count
            guard first < end else { continue }
            var key = ByteString()
            for word in words[first..<end] {
                if !key.isEmpty { key.append(byte: 0x20) }
                key.append(word)
            }
            guard let expires = words.firstIndex(of: "expires"), expires + 1 < words.count else {
                permanent.append((heads[1], key))
                continue
            }
            let seconds = KernelState.seconds(words[expires + 1])
            if isQuarantine {
                quarantined.append((device, seconds))
            } else {
                learned.append((heads[1], key, seconds))
            }
        }
    }

    /// The last hexadecimal number of a line: `… | 0x00000100`.
    private static func lastMark(_ line: ByteString) -> UInt32 {
        guard let word = line.split(0x20).last, word.hasPrefix("0x") else { return 0 }
        var value: UInt32 = 0
        for digit in word.bytes.dropFirst(2) {
            guard let nibble = Hexadecimal.value(digit) else { return 0 }
            value = value << 4 | UInt32(nibble)
        }
        return value
    }

    /// nft's durations: `1d2h3m4s500ms`. Parts of a second are rounded up.
    static func seconds(_ text: ByteString) -> UInt64 {
        var total: UInt64 = 0
        var number: UInt64 = 0
        var index = 0
        while index < text.count {
            let byte = text.bytes[index]
            if byte >= 0x30, byte <= 0x39 {
                number = number &* 10 &+ UInt64(byte - 0x30)
                index += 1
                continue
            }
            let isMilliseconds = byte == 0x6D && index + 1 < text.count && text.bytes[index + 1] == 0x73
            switch byte {
            case 0x64: total &+= number &* 86_400
            case 0x68: total &+= number &* 3600
            case 0x6D: total &+= isMilliseconds ? (number > 0 ? 1 : 0) : number &* 60
            case 0x73: total &+= number
            default: break
            }
            index += isMilliseconds ? 2 : 1
            number = 0
        }
        return total
    }
}
