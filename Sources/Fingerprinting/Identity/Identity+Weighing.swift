public import NetworkTypes

extension Identity {
    /// Below this, the class is `unknown`.
    public static let classThreshold: ConfidencePerMille = 500
    /// Below this, no vendor is named.
    public static let vendorThreshold: ConfidencePerMille = 500
    /// Below this, no model is named: a wrong model sends people after the wrong vulnerabilities.
    public static let modelThreshold: ConfidencePerMille = 600
    /// Below this, neither firmware nor operating system is named.
    public static let detailThreshold: ConfidencePerMille = 300

    /// Weighs evidence into an identity. The order of the evidence does not matter, except that of two equally heavy
    /// statements about firmware or operating system the later one holds: firmware is updated.
    public init(weighing all: [Evidence], hostname: ByteString? = nil) {
        self.init()
        self.hostname = hostname
        var classes = Ballot()
        var vendors = Ballot()
        let ignoresContacts = Identity.contactsDisagree(all)
        for item in all {
            let family = SignalFamily(item.signal.kind)
            if ignoresContacts, family == .contacts { continue }
            if let deviceClass = item.deviceClass {
                classes.add(deviceClass.name, key: deviceClass.name, family, item.weight)
            }
            if let vendor = item.vendor { vendors.add(vendor, key: vendor.comparisonForm, family, item.weight) }
        }
        classes.decide()
        vendors.decide()
        if let best = classes.candidates.first, best.belief >= Identity.classThreshold,
            let deviceClass = DeviceClass(name: best.key)
        {
            self.deviceClass = deviceClass
            classConfidence = best.belief
        }
        if let best = vendors.candidates.first, best.belief >= Identity.vendorThreshold {
            vendor = best.value
            vendorConfidence = best.belief
        }
        let models = Identity.models(all, vendor: vendors.candidates.first?.key)
        if let best = models.candidates.first, vendor != nil || vendors.candidates.isEmpty {
            // Where the maker is in dispute (a relay's address block, say), so is what model of the maker's it is.
            let belief = vendors.candidates.count > 1 ? Swift.min(best.belief, vendorConfidence) : best.belief
            if belief >= Identity.modelThreshold {
                model = best.value
                modelConfidence = belief
            }
        }
        firmware = Identity.latest(all) { $0.firmware }
        operatingSystem = Identity.latest(all) { $0.operatingSystem }
        sort(
            all,
            deviceClass: classes.candidates.first?.key,
            vendor: vendors.candidates.first?.key,
            model: models.candidates.first?.key
        )
    }

    /// Whether the device contacts the clouds of more than one vendor. A telephone with the apps of a lamp and of a camera
    /// does; then whom it contacts says nothing of who made it.
    private static func contactsDisagree(_ all: [Evidence]) -> Bool {
        var first: ByteString?
        for item in all where SignalFamily(item.signal.kind) == .contacts {
            guard let vendor = item.vendor?.comparisonForm else { continue }
            if let first, first != vendor { return true }
            first = vendor
        }
        return false
    }

    /// The ballot on models. One that belongs to another vendor than the believed one takes no part.
    private static func models(_ all: [Evidence], vendor: ByteString?) -> Ballot {
        var models = Ballot()
        for item in all {
            guard let model = item.model else { continue }
            if let own = item.vendor, own.comparisonForm != vendor { continue }
            if isRegisteredName(item, all) { continue }
            models.add(model, key: model.comparisonForm, SignalFamily(item.signal.kind), item.weight)
        }
        models.mergePrefixes()
        models.decide()
        return models
    }

    /// Whether a model is the register's name for a product on USB that tells its own.
    private static func isRegisteredName(_ item: Evidence, _ all: [Evidence]) -> Bool {
        item.signal.kind == .usbID && all.contains { $0.signal.kind == .usbProduct && $0.model != nil }
    }

    private static func latest(_ all: [Evidence], _ detail: (Evidence) -> ByteString?) -> ByteString? {
        var best: ByteString?
        var weight = detailThreshold
        for item in all {
            guard let value = detail(item), item.weight >= weight else { continue }
            best = value
            weight = item.weight
        }
        return best
    }

    /// Fills `evidence` and `contradictions`: what speaks for another value than the most believed one contradicts.
    private mutating func sort(_ all: [Evidence], deviceClass: ByteString?, vendor: ByteString?, model: ByteString?) {
        for item in all {
            var contradicts = false
            if let own = item.deviceClass, own.name != deviceClass { contradicts = true }
            if let own = item.vendor, own.comparisonForm != vendor { contradicts = true }
            if let own = item.model?.comparisonForm, let model, !Identity.isRegisteredName(item, all),
                !model.hasPrefix(own), !own.hasPrefix(model)
            {
                contradicts = true
            }
            if contradicts { contradictions.append(item) } else { evidence.append(item) }
        }
        evidence = evidence.ordered(by: Evidence.isHeavier)
        contradictions = contradictions.ordered(by: Evidence.isHeavier)
    }
}

extension Evidence {
    /// Heavier first; equals in the order of their signals, then of what they say.
    static func isHeavier(_ left: Evidence, _ right: Evidence) -> Bool {
        if left.weight != right.weight { return left.weight > right.weight }
        if left.signal.kind != right.signal.kind { return left.signal.kind.rawValue < right.signal.kind.rawValue }
        if left.signal.value != right.signal.value { return left.signal.value < right.signal.value }
        return left.statement < right.statement
    }

    /// Everything it says as one byte string, for a total order.
    private var statement: ByteString {
        var text = deviceClass?.name ?? ByteString()
        for part in [vendor, model, firmware, operatingSystem] {
            text.append(byte: 0)
            if let part { text.append(part) }
        }
        return text
    }
}
