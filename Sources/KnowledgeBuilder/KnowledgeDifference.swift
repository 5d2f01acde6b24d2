public import Fingerprinting
internal import NetworkTypes

/// What is another in one knowledge file than in an older one.
public struct KnowledgeDifference: Sendable {
    /// Rules of the newer file that the older has not, by name.
    public let added: [CompiledRule]
    /// Rules of the older file that the newer has not, by name.
    public let removed: [CompiledRule]
    /// Rules of both that are not the same, by name.
    public let changed: [(old: CompiledRule, new: CompiledRule)]
    /// Sections of which the count is another: spellings of vendors, address blocks.
    public let counts: [(section: KnowledgeFormat.Section, old: Int, new: Int)]
    /// Whether the two are the same file, byte for byte.
    public let isSameFile: Bool

    /// Compares two files.
    public init(from old: KnowledgeBase, to new: KnowledgeBase) {
        var before: [ByteString: CompiledRule] = [:]
        for rule in old.compiledRules() { before[rule.name] = rule }
        var added: [CompiledRule] = []
        var changed: [(old: CompiledRule, new: CompiledRule)] = []
        for rule in new.compiledRules() {
            if let other = before.removeValue(forKey: rule.name) {
                if other != rule { changed.append((other, rule)) }
            } else {
                added.append(rule)
            }
        }
        self.added = added
        self.changed = changed
        removed = before.values.sorted { $0.name < $1.name }
        let sections: [KnowledgeFormat.Section] = [.makers, .aliases, .blocks24, .blocks28, .blocks36]
        counts = sections.compactMap { section in
            let (before, after) = (old.count(of: section), new.count(of: section))
            return before == after ? nil : (section, before, after)
        }
        isSameFile = old.digest == new.digest
    }
}

extension CompiledRule {
    /// What it says and how surely, in one line: `class ip-camera, vendor Axis, weight 0.850`.
    public var statement: String {
        var parts: [String] = []
        if let deviceClass { parts.append("class \(deviceClass.name)") }
        if let vendor { parts.append("vendor \(vendor)") }
        if let model { parts.append("model \(model)") }
        if let firmware { parts.append("firmware \(firmware)") }
        if let operatingSystem { parts.append("os \(operatingSystem)") }
        let digits = String(weight)
        parts.append("weight 0." + String(repeating: "0", count: max(0, 3 - digits.count)) + digits)
        return parts.joined(separator: ", ")
    }

    /// Its patterns in one line: `mdns.service exact _hue._tcp; …`.
    public var condition: String {
        matchers.map { "\($0.selector.name) \($0.form.name) \($0.pattern)" }.joined(separator: "; ")
    }
}
