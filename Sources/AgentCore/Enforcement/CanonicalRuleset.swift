public import NetworkTypes

/// A table reduced to what was asked for, so that what was rendered and what the kernel lists can be compared.
///
/// White space, handles and figures go; elements are sorted; what devices and time put into timed and metered sets is
/// left out. Everything else stays: each chain, hook, priority, rule in its order, comment, set and permanent element.
///
/// A listing may be that of tables without elements, followed by those of the sets that `permanentSets` names: the same comes
/// out as of a whole listing.
public struct CanonicalRuleset: Hashable, Sendable {
    /// One statement a line, objects in order of their declaration.
    public let lines: [ByteString]

    /// Reads a declaration, rendered or listed.
    public init(_ text: ByteString) {
        var lines: [ByteString] = []
        var isTimed = false
        var elements: ByteString?
        for raw in text.split(0x0A) {
            let line = CanonicalRuleset.collapsed(raw)
            if line.isEmpty { continue }
            if var held = elements {
                held.append(byte: 0x20)
                held.append(line)
                elements = held
            } else if line.hasPrefix("elements = {") {
                elements = line
            } else {
                if line.hasSuffix(" {") { isTimed = false }
                if CanonicalRuleset.isTimed(line) { isTimed = true }
                // A counter's figures are not what was asked for.
                if line.hasPrefix("packets ") { continue }
                lines.append(CanonicalRuleset.withoutHandle(line))
            }
            if let held = elements, held.hasSuffix("}") {
                if !isTimed { lines += CanonicalRuleset.sortedElements(held) }
                elements = nil
            }
        }
        self.lines = CanonicalRuleset.ordered(lines)
    }

    /// The sets and maps of a table, listed without elements, whose elements are asked for; those of others come and go.
    public static func permanentSets(_ listing: ByteString) -> [(name: ByteString, isMap: Bool)] {
        var sets: [(name: ByteString, isMap: Bool)] = []
        for raw in listing.split(0x0A) {
            let line = raw.trimmed
            if line.hasPrefix("set ") || line.hasPrefix("map ") {
                let words = line.split(0x20)
                if words.count > 1 { sets.append((words[1], words[0] == "map")) }
            } else if isTimed(line) {
                _ = sets.popLast()
            }
        }
        return sets
    }

    /// Whether the line says that devices and time fill the set it is in.
    private static func isTimed(_ line: ByteString) -> Bool {
        line.hasPrefix("flags ") && (line.firstIndex(of: "timeout") != nil || line.firstIndex(of: "dynamic") != nil)
    }

    /// All lines, each with a line feed.
    public var byteString: ByteString {
        var text = ByteString()
        for line in lines {
            text.append(line)
            text.append(byte: 0x0A)
        }
        return text
    }

    /// SHA-256 of `byteString`.
    public var hash: ByteString {
        var digest = SHA256()
        digest.update(byteString.bytes)
        return ByteString(digest.finish())
    }

    /// The first lines that differ, each with the chain or set it is of, `-` for what was asked and `+` for what the kernel
    /// has; empty where none does: `- chain from_device: goto policy_unknown`.
    public static func difference(
        asked: CanonicalRuleset,
        found: CanonicalRuleset,
        maximumLines: Int = 8
    ) -> ByteString {
        guard asked != found else { return "" }
        // The same rule may stand in several chains.
        let (askedLines, foundLines) = (asked.placedLines, found.placedLines)
        let askedSet = HashSet(askedLines)
        let foundSet = HashSet(foundLines)
        var text = ByteString()
        var count = 0
        func note(_ sign: ByteString, _ line: ByteString) {
            guard count < maximumLines else { return }
            if count > 0 { text.append("; ") }
            text.append(sign)
            text.append(line)
            count += 1
        }
        for line in askedLines where !foundSet.contains(line) { note("- ", line) }
        for line in foundLines where !askedSet.contains(line) { note("+ ", line) }
        if count == 0 { text.append("the same lines in another order or number") }
        return text
    }

    /// The lines, each after the head of the object that it is in.
    private var placedLines: [ByteString] {
        var head = ByteString()
        return lines.map { (line: ByteString) -> ByteString in
            guard !line.hasSuffix(" {") else {
                head = ByteString(Array(line.bytes.dropLast(2)))
                return head
            }
            return head.isEmpty ? line : "\(head): \(line)"
        }
    }

    private static func collapsed(_ line: ByteString) -> ByteString {
        var text = ByteString()
        var isPending = false
        for byte in line.bytes {
            if byte == 0x20 || byte == 0x09 || byte == 0x0D {
                isPending = !text.isEmpty
                continue
            }
            if isPending { text.append(byte: 0x20) }
            isPending = false
            text.append(byte: byte)
        }
        return text
    }

    private static func withoutHandle(_ line: ByteString) -> ByteString {
        guard let index = line.firstIndex(of: " # handle ") else { return line }
        return ByteString(Array(line.bytes.prefix(index)))
    }

    private static func sortedElements(_ text: ByteString) -> [ByteString] {
        let inner = ByteString(Array(text.bytes.dropFirst(12).dropLast(1)))
        return inner.split(0x2C).map { "element \($0.trimmed)" }.filter { $0.count > 8 }.ordered()
    }

    /// The kernel lists counters first, then sets, then chains; within each in order of creation. The order among
    /// objects means nothing, so they are sorted by their first line; the lines within one keep their order.
    private static func ordered(_ lines: [ByteString]) -> [ByteString] {
        var objects: [[ByteString]] = []
        var current: [ByteString] = []
        var outside: [ByteString] = []
        for line in lines {
            if line.hasPrefix("table ") { continue }
            if line.hasSuffix(" {") {
                current = [line]
            } else if line == "}" {
                if !current.isEmpty { objects.append(current) }
                current = []
            } else if current.isEmpty {
                outside.append(line)
            } else {
                current.append(line)
            }
        }
        objects = objects.ordered { ($0.first ?? "") < ($1.first ?? "") }
        // Of a set that was listed twice, without elements and with them, what is more.
        var kept: [[ByteString]] = []
        for object in objects {
            guard let last = kept.last, last.first == object.first else {
                kept.append(object)
                continue
            }
            if object.count > last.count { kept[kept.count - 1] = object }
        }
        return outside + kept.flatMap { $0 }
    }
}
