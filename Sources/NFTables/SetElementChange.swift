internal import NetworkTypes

/// One element that a command adds to a set or takes out of it, as the kernel wants it.
struct SetElementChange {
    /// Added rather than deleted.
    var isAdded: Bool
    /// The table, of family inet.
    var table: ByteString
    /// The set.
    var set: ByteString
    /// The fields of the key one after the other, each padded with zeros to a multiple of four bytes
    /// (net/netfilter/nf_tables_api.c, nft_set_desc_concat).
    var key: [UInt8]
    /// Until it goes by itself; nil for never, or for the set's own time.
    var timeoutMilliseconds: UInt64?

    /// The most elements one batch has: what does not fit goes the long way.
    static let limit = 256

    /// The elements of commands of exactly this form, one a line, or nil where there is anything else in them:
    ///
    /// ```
    /// add element inet TABLE SET { MAC [. ADDRESS [. PROTOCOL . PORT]] [timeout SECONDSs], … }
    /// delete element inet TABLE SET { … }
    /// ```
    ///
    /// Keys begin with a hardware address: no set of intervals has such keys, so no element can be half of one.
    static func parse(_ commands: ByteString) -> [SetElementChange]? {
        var changes: [SetElementChange] = []
        for line in commands.split(0x0A) where !line.isEmpty {
            let words = line.split(0x20)
            guard words.count >= 8, words[1] == "element", words[2] == "inet", words[5] == "{", words.last == "}" else {
                return nil
            }
            guard words[0] == "add" || words[0] == "delete" else { return nil }
            var elements: [[ByteString]] = [[]]
            for word in words[6..<(words.count - 1)] {
                guard word.bytes.last == 0x2C else {
                    elements[elements.count - 1].append(word)
                    continue
                }
                if word.count > 1 { elements[elements.count - 1].append(ByteString(Array(word.bytes.dropLast()))) }
                elements.append([])
            }
            for element in elements {
                guard changes.count < limit, let (key, timeout) = parse(element: element) else { return nil }
                changes.append(
                    SetElementChange(
                        isAdded: words[0] == "add",
                        table: words[3],
                        set: words[4],
                        key: key,
                        timeoutMilliseconds: timeout
                    )
                )
            }
        }
        return changes.isEmpty ? nil : changes
    }

    private static func parse(element words: [ByteString]) -> (key: [UInt8], timeout: UInt64?)? {
        var key: [UInt8] = []
        var field = 0
        var index = 0
        while index < words.count, words[index] != "timeout" {
            guard field < 4, let bytes = bytes(of: words[index], field: field) else { return nil }
            while key.count % 4 != 0 { key.append(0) }
            key.append(contentsOf: bytes)
            field += 1
            index += 1
            guard index < words.count, words[index] == "." else { break }
            index += 1
            guard index < words.count else { return nil }
        }
        // A protocol has its port. A key of one field is not padded.
        guard field > 0, field != 3 else { return nil }
        while field > 1, key.count % 4 != 0 { key.append(0) }
        guard index < words.count else { return (key, nil) }
        guard words[index] == "timeout", index + 2 == words.count, words[index + 1].bytes.last == 0x73,
            let seconds = Decimal.parse(ByteString(Array(words[index + 1].bytes.dropLast())), limit: 1_000_000_000)
        else { return nil }
        return (key, seconds * 1_000)
    }

    private static func bytes(of word: ByteString, field: Int) -> [UInt8]? {
        switch field {
        case 0: return MACAddress(word)?.octets
        case 1: return IPAddress(word)?.octets
        case 2:
            if word == "tcp" { return [TransportProtocol.tcp.rawValue] }
            if word == "udp" { return [TransportProtocol.udp.rawValue] }
            return Decimal.parse(word, limit: 255).map { [UInt8($0)] }
        default:
            return Decimal.parse(word, limit: 65_535).map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        }
    }
}
