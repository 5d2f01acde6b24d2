internal import ConfigurationFiles
internal import Fingerprinting
internal import NetworkTypes

/// Tries rules on their examples, each rule alone, through the same file and look-up that the agent uses.
struct RuleChecker {
    let rules: [KnowledgeRule]
    let vendors: VendorTable
    private(set) var problems: [ConfigurationError] = []
    /// Examples and counterexamples tried.
    private(set) var tried = 0

    init(rules: [KnowledgeRule], vendors: VendorTable) {
        self.rules = rules
        self.vendors = vendors
    }

    mutating func check() {
        checkVendors()
        var names: [ByteString: KnowledgeRule] = [:]
        for rule in rules {
            if let other = names[rule.name] {
                report(rule, "rule \"\(rule.name)\" stands already in \(other.file):\(other.line)")
            }
            names[rule.name] = rule
            if checkStatement(rule) { checkExamples(rule) }
        }
        if problems.isEmpty { checkTogether() }
    }

    /// Whether other rules talk a rule down on its own example: what the rule says, and says surely enough to be named,
    /// must come out where all rules look at that one value.
    private mutating func checkTogether() {
        let compiled = KnowledgeCompiler.compile(rules: rules, vendors: vendors, blocks: [], usb: USBRegister())
        guard let compiled, let knowledge = try? KnowledgeBase(opening: ArrayByteStore(compiled)) else { return }
        for rule in rules {
            guard let kind = rule.selector.representativeKind else { continue }
            for example in rule.examples {
                let identity = Identity(weighing: knowledge.lookup(Signal(kind, example.value)))
                if let own = rule.deviceClass, rule.weight >= Identity.classThreshold, identity.deviceClass != own {
                    report(rule, example, "class", "\(own.name)", "\(identity.deviceClass.name)")
                }
                if let own = rule.vendor, vendors.vendor(named: own) != nil, rule.weight >= Identity.vendorThreshold,
                    identity.vendor != own
                {
                    report(rule, example, "vendor", "\(own)", identity.vendor?.text ?? "unknown")
                }
            }
        }
    }

    private mutating func checkVendors() {
        var spelled: [ByteString: VendorTable.Entry] = [:]
        for entry in vendors.entries {
            for name in [entry.name] + entry.aliases {
                if let other = spelled[name.lowercasedASCII], other.name != entry.name {
                    report(entry.file, entry.line, "\"\(name)\" is already a spelling of \"\(other.name)\"")
                }
                spelled[name.lowercasedASCII] = entry
            }
            for pattern in entry.register where GlobPattern.captureCount(of: pattern.bytes) == nil {
                report(entry.file, entry.line, "the pattern \"\(pattern)\" is not well-formed")
            }
        }
    }

    /// Whether the rule says something, and something that its pattern and the vendor table allow.
    private mutating func checkStatement(_ rule: KnowledgeRule) -> Bool {
        let before = problems.count
        let templates = [rule.vendor, rule.model, rule.firmware, rule.operatingSystem].compactMap { $0 }
        if rule.deviceClass == nil && templates.isEmpty { report(rule, "rule \"\(rule.name)\" says nothing") }
        let stars = rule.matchers.map { $0.form == .glob ? GlobPattern.captureCount(of: $0.pattern.bytes) ?? 0 : 0 }
        var captures = false
        for template in templates {
            guard let highest = CaptureTemplate.highestCapture(in: template) else {
                report(rule, "rule \"\(rule.name)\": \"\(template)\" has a $ that is followed by neither 1-9 nor $")
                continue
            }
            captures = captures || !CaptureTemplate.isLiteral(template)
            if highest > (stars.min() ?? 0) {
                report(rule, "rule \"\(rule.name)\": a pattern has fewer * than \"\(template)\" names")
            }
        }
        if let vendor = rule.vendor, CaptureTemplate.isLiteral(vendor), vendors.vendor(named: vendor) == nil {
            report(rule, "rule \"\(rule.name)\": vendor \"\(vendor)\" is not in the vendor table")
        }
        if captures && !rule.examples.contains(where: \.statesOutcome) {
            report(rule, "rule \"\(rule.name)\" captures; one example must state what comes out: {value: …, model: …}")
        }
        return problems.count == before
    }

    private mutating func checkExamples(_ rule: KnowledgeRule) {
        // A vendor that is captured may be any; of a vendor that is named the others need not be compiled each time.
        var table = vendors
        if let vendor = rule.vendor.flatMap({ vendors.vendor(named: $0) }) {
            table.entries = [vendors.entries[vendor]]
        } else if rule.vendor == nil {
            table.entries = []
        }
        let compiled = KnowledgeCompiler.compile(rules: [rule], vendors: table, blocks: [], usb: USBRegister())
        guard let compiled, let kind = rule.selector.representativeKind,
            let knowledge = try? KnowledgeBase(opening: ArrayByteStore(compiled))
        else {
            report(rule, "rule \"\(rule.name)\" does not compile")
            return
        }
        for example in rule.examples {
            tried += 1
            guard let evidence = knowledge.lookup(Signal(kind, example.value)).first else {
                report(rule.file, example.line, "rule \"\(rule.name)\" does not match its example \"\(example.value)\"")
                continue
            }
            let outcomes: [(String, ByteString?, ByteString?)] = [
                ("vendor", example.vendor, evidence.vendor), ("model", example.model, evidence.model),
                ("firmware", example.firmware, evidence.firmware),
                ("os", example.operatingSystem, evidence.operatingSystem),
            ]
            for (name, expected, found) in outcomes {
                if let expected, expected != found {
                    report(
                        rule.file,
                        example.line,
                        "rule \"\(rule.name)\": \(name) of \"\(example.value)\" is \"\(found?.text ?? "nothing")\","
                            + " not \"\(expected)\""
                    )
                }
            }
        }
        for example in rule.counterexamples {
            tried += 1
            if !knowledge.lookup(Signal(kind, example.value)).isEmpty {
                report(rule.file, example.line, "rule \"\(rule.name)\" matches its counterexample \"\(example.value)\"")
            }
        }
    }

    private mutating func report(
        _ rule: KnowledgeRule,
        _ example: KnowledgeRule.Example,
        _ attribute: String,
        _ own: String,
        _ found: String
    ) {
        let message =
            "rule \"\(rule.name)\" says \(attribute) \(own) of \"\(example.value)\", all rules together \(found)"
        report(rule.file, example.line, message)
    }

    private mutating func report(_ rule: KnowledgeRule, _ message: String) { report(rule.file, rule.line, message) }

    private mutating func report(_ file: ByteString, _ line: UInt32, _ message: String) {
        problems.append(ConfigurationError(file: file, line: line, message: ByteString(utf8: message)))
    }
}

extension KnowledgeRule.Example {
    fileprivate var statesOutcome: Bool {
        vendor != nil || model != nil || firmware != nil || operatingSystem != nil
    }
}
