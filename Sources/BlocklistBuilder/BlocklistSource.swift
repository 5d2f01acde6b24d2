public import NetworkTypes

/// A blocklist as others publish it: a hosts file, names one to a line, or filter rules of the form `||name^`; also mixed.
public struct BlocklistSource: Sendable {
    /// Most bytes of a file.
    public static let maximumBytes = 256 << 20

    /// What the lines of a file are to be. A file that is another one than was expected, as a page with an error on
    /// it, then blocks little.
    public enum Format: UInt8, CaseIterable, Sendable {
        /// Each is taken for what it looks like.
        case any
        /// An address, then names.
        case hosts
        /// A name.
        case names
        /// `||name^`
        case rules
    }

    /// A line that says nothing that can be blocked by name.
    public struct Skipped: Hashable, Sendable {
        /// Its number, from 1.
        public let line: Int
        /// Why it was passed over.
        public let reason: String
    }

    /// Names that are blocked with all below them.
    public private(set) var blocked: Set<ByteString> = []
    /// Names that are not, with all below them, where a blocked one lies above.
    public private(set) var excepted: Set<ByteString> = []
    /// How many lines were passed over that were neither empty nor comments.
    public private(set) var skippedCount = 0
    /// The first of them.
    public private(set) var firstSkipped: [Skipped] = []

    private static let keptSkipped = 10
    private let format: Format

    /// Reads a file. Never fails: what is not understood is counted, and the first such lines are kept.
    public init(parsing bytes: [UInt8], format: Format = .any) {
        self.format = format
        var line = 0
        for text in ByteString(bytes).split(0x0A) {
            line += 1
            if let reason = read(text.trimmed) {
                skippedCount += 1
                if firstSkipped.count < BlocklistSource.keptSkipped {
                    firstSkipped.append(Skipped(line: line, reason: reason))
                }
            }
        }
    }

    /// Reads one line; returns why it was passed over.
    private mutating func read(_ line: ByteString) -> String? {
        guard let first = line.bytes.first else { return nil }
        // `!` begins a comment of filter lists, `[` their header, `#` a comment of the rest.
        if first == 0x21 || first == 0x5B || first == 0x23 { return nil }
        let isRule = line.hasPrefix("||") || line.hasPrefix("@@||")
        if isRule, format == .any || format == .rules {
            if line.hasPrefix("@@||") { return readRule(line, dropping: 4) { $0.excepted.insert($1) } }
            return readRule(line, dropping: 2) { $0.blocked.insert($1) }
        }
        guard !isRule, format != .rules else { return "not a line of the format that is expected" }
        var words = line.bytes.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { ByteString(Array($0)) }
        // Only at the start of a word: `name##.ad` is a rule about pages.
        if let comment = words.firstIndex(where: { $0.hasPrefix("#") }) { words.removeSubrange(comment...) }
        guard let word = words.first else { return nil }
        let isEntry = IPAddress(word) != nil
        guard format == .any || isEntry == (format == .hosts) else {
            return "not a line of the format that is expected"
        }
        if isEntry {
            guard words.count > 1 else { return "an address without a name" }
            for name in words.dropFirst() where !BlocklistSource.isLocal(name) {
                if let reason = insert(name) { return reason }
            }
            return nil
        }
        guard words.count == 1 else { return "neither a hosts entry nor a name nor a rule ||name^" }
        return insert(word.hasPrefix("*.") ? ByteString(Array(word.bytes.dropFirst(2))) : word)
    }

    /// `||name^`, perhaps with `$important` or an empty list of options behind it.
    private mutating func readRule(
        _ line: ByteString,
        dropping prefix: Int,
        _ store: (inout BlocklistSource, ByteString) -> Void
    ) -> String? {
        let body = Array(line.bytes.dropFirst(prefix))
        guard let end = body.firstIndex(of: 0x5E) else { return "a rule without ^ behind the name" }
        let rest = ByteString(Array(body[(end + 1)...]))
        guard rest.isEmpty || rest == "|" || rest == "$important" || rest == "$all" else {
            return "a rule with conditions that DNS cannot see"
        }
        guard let name = BlocklistSource.name(ByteString(Array(body[..<end]))) else { return "not a domain name" }
        store(&self, name)
        return nil
    }

    private mutating func insert(_ text: ByteString) -> String? {
        guard let name = BlocklistSource.name(text) else { return "not a domain name" }
        blocked.insert(name)
        return nil
    }

    /// A name with a dot in it, so that no slip of a list blocks a whole top-level domain, and of letters, digits, `-` and
    /// `_` only, so that no other syntax is taken for a name.
    private static func name(_ text: ByteString) -> ByteString? {
        guard let name = DomainName(text)?.byteString, name.bytes.contains(0x2E), IPAddress(name) == nil else {
            return nil
        }
        let isName = name.bytes.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
        }
        return isName ? name : nil
    }

    /// What hosts files carry along for the machine's own use.
    private static func isLocal(_ name: ByteString) -> Bool {
        let locals: Set<ByteString> = [
            "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback",
            "ip6-localnet",
            "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0",
        ]
        return locals.contains(name)
    }
}
