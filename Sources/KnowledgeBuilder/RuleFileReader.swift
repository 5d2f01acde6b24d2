internal import ConfigurationFiles
internal import Fingerprinting
internal import NetworkTypes

/// Reads rule files and vendor tables. It goes on after a mistake, so that one run shows them all.
struct RuleFileReader {
    var rules: [KnowledgeRule] = []
    var vendors = VendorTable()
    var problems: [ConfigurationError] = []

    /// Reads one file: a list is rules, a mapping a vendor table.
    mutating func read(_ bytes: [UInt8], file: ByteString) {
        do throws(ConfigurationError) {
            let root = try YAMLParser.document(of: bytes, file: file)
            switch root.content {
            case .sequence(let items):
                for item in items { add(ruleFrom: item, file) }
            case .mapping(let pairs):
                for pair in pairs {
                    switch pair.key {
                    case "vendors": vendorList(pair.value, file, makesModules: false)
                    case "modules": vendorList(pair.value, file, makesModules: true)
                    default:
                        report(file, pair.line, "unknown key \"\(pair.key)\"; a vendor table has vendors and modules")
                    }
                }
            case .scalar: report(file, root.line, "expected a list of rules, or a mapping with vendors and modules")
            }
        } catch {
            problems.append(error)
        }
    }

    mutating func report(_ file: ByteString, _ line: UInt32, _ message: String) {
        problems.append(ConfigurationError(file: file, line: line, message: ByteString(utf8: message)))
    }

    private mutating func add(ruleFrom node: YAMLNode, _ file: ByteString) {
        do throws(ConfigurationError) {
            rules.append(try rule(node, file))
        } catch {
            problems.append(error)
        }
    }

    // MARK: Vendors

    private mutating func vendorList(_ node: YAMLNode, _ file: ByteString, makesModules: Bool) {
        guard case .sequence(let items) = node.content else {
            report(file, node.line, "expected a list, found \(node.kindName)")
            return
        }
        for item in items {
            do throws(ConfigurationError) {
                let fields = try Fields(item, file, allowed: ["name", "aliases", "register", "class"])
                let register = try fields.texts("register")
                let deviceClass = try deviceClass(fields)
                vendors.entries.append(
                    VendorTable.Entry(
                        name: try fields.text("name"),
                        aliases: try fields.texts("aliases"),
                        register: register.map(\.lowercasedASCII),
                        deviceClass: deviceClass,
                        makesModules: makesModules,
                        file: file,
                        line: item.line
                    )
                )
            } catch {
                problems.append(error)
            }
        }
    }

    // MARK: Rules

    private func rule(_ node: YAMLNode, _ file: ByteString) throws(ConfigurationError) -> KnowledgeRule {
        let fields = try Fields(
            node,
            file,
            allowed: ["rule", "when", "says", "weight", "source", "examples", "counterexamples"]
        )
        let name = try fields.text("rule")
        let (selector, matchers) = try condition(try fields.required("when"), file)
        let says = try Fields(
            try fields.required("says"),
            file,
            allowed: ["class", "vendor", "model", "firmware", "os"]
        )
        let rule = KnowledgeRule(
            name: name,
            file: file,
            line: node.line,
            selector: selector,
            matchers: matchers,
            deviceClass: try deviceClass(says),
            vendor: try says.optionalText("vendor"),
            model: try says.optionalText("model"),
            firmware: try says.optionalText("firmware"),
            operatingSystem: try says.optionalText("os"),
            weight: try weight(fields),
            source: try fields.text("source"),
            examples: try examples(fields, "examples"),
            counterexamples: try examples(fields, "counterexamples")
        )
        guard rule.source.hasPrefix("https://") || rule.source.hasPrefix("http://") else {
            throw fields.error("rule \"\(name)\": source must be the web address where the fact is published")
        }
        guard !rule.examples.isEmpty, !rule.counterexamples.isEmpty else {
            throw fields.error("rule \"\(name)\" needs at least one example and one counterexample")
        }
        return rule
    }

    private func deviceClass(_ fields: Fields) throws(ConfigurationError) -> DeviceClass? {
        guard let text = try fields.optionalText("class") else { return nil }
        guard let known = DeviceClass(name: text), known != .unknown else {
            throw fields.error("unknown class \"\(text)\"")
        }
        return known
    }

    private func weight(_ fields: Fields) throws(ConfigurationError) -> ConfidencePerMille {
        let text = try fields.text("weight")
        let parts = text.split(0x2E)
        if parts.count == 2, parts[0] == "0", (1...3).contains(parts[1].count) {
            var digits = parts[1]
            while digits.count < 3 { digits.append(byte: 0x30) }
            if let value = Decimal.parse(digits, limit: 999), value > 0 { return ConfidencePerMille(value) }
        }
        throw fields.error("weight \"\(text)\" is not a decimal between 0.001 and 0.999")
    }

    private func condition(
        _ node: YAMLNode,
        _ file: ByteString
    ) throws(ConfigurationError) -> (SignalSelector, [KnowledgeRule.Matcher]) {
        guard case .mapping(let pairs) = node.content, let pair = pairs.first, pairs.count == 1 else {
            throw ConfigurationError(file: file, line: node.line, message: "when takes exactly one signal")
        }
        guard let selector = SignalSelector(name: pair.key) else {
            throw ConfigurationError(
                file: file,
                line: pair.line,
                message: ByteString(utf8: "unknown signal \"\(pair.key)\"")
            )
        }
        var alternatives = [pair.value]
        if case .sequence(let items) = pair.value.content { alternatives = items }
        var matchers: [KnowledgeRule.Matcher] = []
        for alternative in alternatives { matchers.append(try matcher(alternative, file)) }
        guard !matchers.isEmpty else {
            throw ConfigurationError(file: file, line: pair.line, message: "when has no pattern")
        }
        return (selector, matchers)
    }

    private func matcher(_ node: YAMLNode, _ file: ByteString) throws(ConfigurationError) -> KnowledgeRule.Matcher {
        var form = MatcherForm.exact
        var text: ByteString?
        switch node.content {
        case .scalar(let value, _): text = value
        case .mapping(let pairs) where pairs.count == 1:
            guard let known = MatcherForm(name: pairs[0].key) else {
                throw ConfigurationError(
                    file: file,
                    line: node.line,
                    message: ByteString(
                        utf8: "unknown comparison \"\(pairs[0].key)\": exact, prefix, suffix, contains, glob or domain"
                    )
                )
            }
            form = known
            if case .scalar(let value, _) = pairs[0].value.content { text = value }
        default: break
        }
        guard let text, !text.isEmpty, text.count <= Signal.maximumValueLength else {
            throw ConfigurationError(
                file: file,
                line: node.line,
                message: "expected a text of 1 to 256 bytes, or a mapping like {prefix: text}"
            )
        }
        if form == .glob, GlobPattern.captureCount(of: text.bytes) == nil {
            throw ConfigurationError(
                file: file,
                line: node.line,
                message: "a set in the glob is not closed, its last byte is an escape, or it has more than nine *"
            )
        }
        return KnowledgeRule.Matcher(form: form, pattern: text.lowercasedASCII)
    }

    private func examples(_ fields: Fields, _ key: ByteString) throws(ConfigurationError) -> [KnowledgeRule.Example] {
        var examples: [KnowledgeRule.Example] = []
        for node in try fields.nodes(key) {
            if case .scalar(let value, _) = node.content {
                examples.append(KnowledgeRule.Example(value: value, line: node.line))
                continue
            }
            let own = try Fields(node, fields.file, allowed: ["value", "vendor", "model", "firmware", "os"])
            examples.append(
                KnowledgeRule.Example(
                    value: try own.text("value"),
                    vendor: try own.optionalText("vendor"),
                    model: try own.optionalText("model"),
                    firmware: try own.optionalText("firmware"),
                    operatingSystem: try own.optionalText("os"),
                    line: node.line
                )
            )
        }
        return examples
    }
}
