internal import NetworkTypes

extension KnowledgeView {
    /// Adds what the rules for `selector` make of `value`, which stands in `signal`.
    func collect(_ selector: SignalSelector, value: ByteString, of signal: Signal, into found: inout [Evidence]) {
        let lower = value.lowercasedASCII.bytes
        var captures: [Range<Int>] = []
        for form in MatcherForm.allCases {
            let first = firstMatcher(selector, form, key: form == .exact ? lower : [])
            var index = first
            while index < layout[.matchers].count {
                let offset = recordOffset(.matchers, index)
                guard bytes[offset] == selector.rawValue, bytes[offset + 1] == form.rawValue else { break }
                index += 1
                guard let range = stringRange(at: offset + 4) else { continue }
                let pattern = bytes.extracting(range)
                guard form.matches(pattern: pattern, value: lower, captures: &captures) else {
                    if form == .exact { break }
                    continue
                }
                if let evidence = evidence(ofRule: uint16(at: offset + 2), signal, value, captures) {
                    found.append(evidence)
                }
                captures.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The first matcher of `selector` and `form` whose pattern is not before `key`.
    private func firstMatcher(_ selector: SignalSelector, _ form: MatcherForm, key: [UInt8]) -> Int {
        lowerBound(0, layout[.matchers].count) { index in
            let offset = recordOffset(.matchers, index)
            if bytes[offset] != selector.rawValue { return bytes[offset] < selector.rawValue }
            if bytes[offset + 1] != form.rawValue { return bytes[offset + 1] < form.rawValue }
            return isString(at: offset + 4, before: key)
        }
    }

    /// What rule number `index` says, with its captures filled in; nil if it then says nothing.
    ///
    /// Record: name (string), class, 1 byte unused, weight (2 bytes, thousandths), maker (2 bytes), then four templates
    /// (strings): vendor as the device spells it, model, firmware, operating system.
    private func evidence(
        ofRule index: Int,
        _ signal: Signal,
        _ value: ByteString,
        _ captures: [Range<Int>]
    ) -> Evidence? {
        guard index < layout[.rules].count else { return nil }
        let offset = recordOffset(.rules, index)
        var vendor = maker(uint16(at: offset + 10))?.name
        if vendor == nil, let spelled = text(at: offset + 12, value, captures) {
            vendor = self.vendor(spelled: spelled)
        }
        let evidence = Evidence(
            signal: signal,
            deviceClass: DeviceClass(rawValue: bytes[offset + 6]).flatMap { $0 == .unknown ? nil : $0 },
            vendor: vendor,
            model: text(at: offset + 18, value, captures),
            firmware: text(at: offset + 24, value, captures),
            operatingSystem: text(at: offset + 30, value, captures),
            weight: ConfidencePerMille(Swift.min(uint16(at: offset + 8), 1000))
        )
        return evidence.saysNothing ? nil : evidence
    }

    private func text(at offset: Int, _ value: ByteString, _ captures: [Range<Int>]) -> ByteString? {
        guard let template = string(at: offset) else { return nil }
        return CaptureTemplate.fill(template, value, captures)
    }
}
