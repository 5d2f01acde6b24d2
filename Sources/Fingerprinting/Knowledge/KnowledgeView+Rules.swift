internal import NetworkTypes

extension KnowledgeView {
    /// Adds what the rules for `selector` make of `value`, which stands in `signal`. What matches no rule allocates
    /// nothing.
    func collect(
        _ selector: SignalSelector,
        value: borrowing Span<UInt8>,
        of signal: Signal,
        into found: inout [Evidence]
    ) {
        var captures = GlobCaptures()
        for form in MatcherForm.allCases {
            // Only the patterns of the exact ones can be searched for; of the others all are tried.
            var index = firstMatcher(selector, form, key: value.extracting(first: form == .exact ? value.count : 0))
            while index < layout[.matchers].count {
                let offset = recordOffset(.matchers, index)
                guard bytes[offset] == selector.rawValue, bytes[offset + 1] == form.rawValue else { break }
                index += 1
                guard let range = stringRange(at: offset + 4) else { continue }
                let pattern = bytes.extracting(range)
                guard form.matches(pattern: pattern, value: value, captures: &captures) else {
                    if form == .exact { break }
                    continue
                }
                if let evidence = evidence(ofRule: uint16(at: offset + 2), signal, value, captures) {
                    found.append(evidence)
                }
                captures.removeAll()
            }
        }
    }

    /// The first matcher of `selector` and `form` whose pattern is not before `key`.
    private func firstMatcher(_ selector: SignalSelector, _ form: MatcherForm, key: borrowing Span<UInt8>) -> Int {
        var low = 0
        var high = layout[.matchers].count
        while low < high {
            let middle = low + (high - low) / 2
            let offset = recordOffset(.matchers, middle)
            let isBefore: Bool
            if bytes[offset] != selector.rawValue {
                isBefore = bytes[offset] < selector.rawValue
            } else if bytes[offset + 1] != form.rawValue {
                isBefore = bytes[offset + 1] < form.rawValue
            } else {
                isBefore = isString(at: offset + 4, before: key)
            }
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What rule number `index` says, with its captures filled in; nil if it then says nothing.
    ///
    /// Record: name (string), class, 1 byte unused, weight (2 bytes, thousandths), maker (2 bytes), then four templates
    /// (strings): vendor as the device spells it, model, firmware, operating system.
    func evidence(
        ofRule index: Int,
        _ signal: Signal,
        _ value: borrowing Span<UInt8>,
        _ captures: GlobCaptures
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

    private func text(at offset: Int, _ value: borrowing Span<UInt8>, _ captures: GlobCaptures) -> ByteString? {
        guard let template = string(at: offset) else { return nil }
        return CaptureTemplate.fill(template, value, captures)
    }
}
