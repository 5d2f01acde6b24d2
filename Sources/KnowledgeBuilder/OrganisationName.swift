internal import NetworkTypes

/// The name of an organisation in the IEEE register without its legal form: `ASSMANN Electronic` of
/// `ASSMANN Electronic GmbH`.
enum OrganisationName {
    /// Most bytes that are kept.
    static let maximumLength = 48

    private static let legalForms: Set<ByteString> = [
        "ab", "ag", "aps", "as", "asa", "bhd", "bv", "co", "coltd", "company", "corp", "corporation", "gmbh", "inc",
        "incorporated", "kg", "kft", "kk", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv", "oy", "oyj",
        "plc", "private", "pte", "pty", "pvt", "sa", "sarl", "sas", "sdn", "spa", "spzoo", "srl", "sro", "und", "and",
        "zoo", "sp", "cokg", "gmbhcokg", "limitedcompany", "coinc",
    ]

    /// The name without trailing legal forms and punctuation; the whole name where nothing else would be left.
    static func cleaned(_ organisation: ByteString) -> ByteString {
        var words: [ByteString] = [ByteString()]
        for byte in organisation.bytes {
            if byte == 0x20 || byte == 0x2C || byte == 0x09 {
                if let last = words.last, !last.isEmpty { words.append(ByteString()) }
            } else {
                words[words.count - 1].append(byte: byte)
            }
        }
        words.removeAll { $0.isEmpty }
        var kept = words
        while let last = kept.last {
            let letters = ByteString(
                last.lowercasedASCII.bytes.filter {
                    ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 > 0x7F
                }
            )
            guard letters.isEmpty || legalForms.contains(letters) else { break }
            kept.removeLast()
        }
        if kept.isEmpty { kept = words }
        var name = ByteString()
        for word in kept {
            if !name.isEmpty { name.append(byte: 0x20) }
            name.append(word)
        }
        return shortened(name, to: maximumLength)
    }

    /// At most `length` bytes of a name, whole characters.
    static func shortened(_ name: ByteString, to length: Int) -> ByteString {
        guard name.count > length else { return name }
        var cut = Array(name.bytes.prefix(length))
        // No half of a UTF-8 sequence at the end.
        while let last = cut.last, last & 0xC0 == 0x80 { cut.removeLast() }
        if let last = cut.last, last & 0xC0 == 0xC0 { cut.removeLast() }
        return ByteString(cut).trimmed
    }
}
