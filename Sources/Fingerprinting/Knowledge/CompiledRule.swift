public import NetworkTypes

/// A rule as a compiled knowledge file holds it, for people who look into one.
public struct CompiledRule: Hashable, Sendable {
    /// One pattern of it, in lower case.
    public struct Matcher: Hashable, Sendable {
        /// Which signals it looks at.
        public let selector: SignalSelector
        /// How it compares.
        public let form: MatcherForm
        /// What it compares with.
        public let pattern: ByteString
    }

    /// Its name, unique in the file.
    public let name: ByteString
    /// Its patterns, of which one has to match.
    public internal(set) var matchers: [Matcher]
    /// The class it says.
    public let deviceClass: DeviceClass?
    /// The vendor it says, or a template.
    public let vendor: ByteString?
    /// The model it says, a template.
    public let model: ByteString?
    /// The firmware it says, a template.
    public let firmware: ByteString?
    /// The operating system it says, a template.
    public let operatingSystem: ByteString?
    /// How much it weighs.
    public let weight: ConfidencePerMille
}

extension KnowledgeBase {
    /// All rules of the file, by name.
    public func compiledRules() -> [CompiledRule] {
        var rules: [CompiledRule] = []
        let layout = layout
        store.withBytes { bytes in
            let view = KnowledgeView(bytes, layout)
            for index in 0..<layout[.rules].count { rules.append(view.compiledRule(index)) }
            for index in 0..<layout[.matchers].count {
                let offset = view.recordOffset(.matchers, index)
                let rule = view.uint16(at: offset + 2)
                guard rule < rules.count, let form = MatcherForm(rawValue: bytes[offset + 1]) else { continue }
                let matcher = CompiledRule.Matcher(
                    selector: SignalSelector(rawValue: bytes[offset]),
                    form: form,
                    pattern: view.string(at: offset + 4) ?? ByteString()
                )
                rules[rule].matchers.append(matcher)
            }
        }
        return rules
    }

    /// What `lookup` finds, each with the rule that says it; nil where it is a register.
    public func explain(_ signal: Signal) -> [(rule: ByteString?, evidence: Evidence)] {
        var found: [(rule: ByteString?, evidence: Evidence)] = []
        let layout = layout
        store.withBytes { bytes in
            let view = KnowledgeView(bytes, layout)
            for evidence in view.registered(signal) { found.append((nil, evidence)) }
            view.explain(SignalSelector(signal.kind), signal.value.count, signal, &found)
            if let group = SignalSelector.group(of: signal.kind) {
                view.explain(group, group.comparedLength(of: signal), signal, &found)
            }
        }
        return found
    }
}

extension KnowledgeView {
    func compiledRule(_ index: Int) -> CompiledRule {
        let offset = recordOffset(.rules, index)
        return CompiledRule(
            name: string(at: offset) ?? ByteString(),
            matchers: [],
            deviceClass: DeviceClass(rawValue: bytes[offset + 6]).flatMap { $0 == .unknown ? nil : $0 },
            vendor: maker(uint16(at: offset + 10))?.name ?? string(at: offset + 12),
            model: string(at: offset + 18),
            firmware: string(at: offset + 24),
            operatingSystem: string(at: offset + 30),
            weight: ConfidencePerMille(uint16(at: offset + 8))
        )
    }

    /// Tries every matcher of `selector` on the first `length` bytes of the signal's value; each rule counts once.
    fileprivate func explain(
        _ selector: SignalSelector,
        _ length: Int,
        _ signal: Signal,
        _ found: inout [(rule: ByteString?, evidence: Evidence)]
    ) {
        let value = signal.value.bytes.span.extracting(first: length)
        for index in 0..<layout[.matchers].count {
            let offset = recordOffset(.matchers, index)
            guard bytes[offset] == selector.rawValue, let form = MatcherForm(rawValue: bytes[offset + 1]),
                let range = stringRange(at: offset + 4)
            else { continue }
            var captures = GlobCaptures()
            let rule = uint16(at: offset + 2)
            guard form.matches(pattern: bytes.extracting(range), value: value, captures: &captures),
                let evidence = evidence(ofRule: rule, signal, value, captures)
            else { continue }
            let name = compiledRule(rule).name
            if !found.contains(where: { $0.rule == name && $0.evidence == evidence }) { found.append((name, evidence)) }
        }
    }
}
