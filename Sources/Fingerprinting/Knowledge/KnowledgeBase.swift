public import NetworkTypes

/// An opened knowledge file: turns signals into evidence. It holds no copy of the file, only where its tables lie.
///
/// Opening reads every byte once, for the checksum. Whoever maps the file can then give its pages back
/// (`madvise(MADV_DONTNEED)`): a look-up touches a few of them.
public struct KnowledgeBase: Sendable {
    let store: any ByteStore
    let layout: KnowledgeLayout
    /// The SHA-256 of the file's contents: names this knowledge in reports.
    public let digest: ByteString

    /// Opens a compiled file; refuses one that is cut short, altered, or of another version.
    public init(opening store: any ByteStore) throws(KnowledgeError) {
        var outcome: Result<KnowledgeLayout, KnowledgeError> = .failure(.notAKnowledgeFile)
        var digest: [UInt8] = []
        store.withBytes { bytes in
            do throws(KnowledgeError) {
                outcome = .success(try KnowledgeLayout(bytes))
                let place = KnowledgeFormat.digestOffset..<KnowledgeFormat.contentsOffset
                for index in place { digest.append(bytes[index]) }
            } catch {
                outcome = .failure(error)
            }
        }
        layout = try outcome.get()
        self.store = store
        self.digest = ByteString(digest)
    }

    /// What the knowledge makes of a signal; empty where it knows nothing of it. In a fixed order, without repeats.
    public func lookup(_ signal: Signal) -> [Evidence] {
        var found: [Evidence] = []
        let layout = layout
        store.withBytes { bytes in
            let view = KnowledgeView(bytes, layout)
            found = view.registered(signal)
            let value = signal.value.bytes.span
            view.collect(SignalSelector(signal.kind), value: value, of: signal, into: &found)
            if let group = SignalSelector.group(of: signal.kind) {
                let part = value.extracting(first: group.comparedLength(of: signal))
                view.collect(group, value: part, of: signal, into: &found)
            }
        }
        guard found.count > 1 else { return found }
        var unique: [Evidence] = []
        for evidence in found where !unique.contains(evidence) { unique.append(evidence) }
        return unique
    }

    /// The signal that a hardware address is: its assigned block. Nil where it was not assigned by a manufacturer
    /// (randomised, virtual, multicast) or the register does not have it.
    public func blockSignal(of address: MACAddress) -> Signal? {
        guard !address.isLocallyAdministered, !address.isMulticast, !address.isZero else { return nil }
        var digits = ByteString()
        digits.append(hexadecimal: address.rawValue >> 12, digits: 9)
        var signal: Signal?
        let layout = layout
        store.withBytes { bytes in
            if let block = KnowledgeView(bytes, layout).block(digits) { signal = Signal(.macBlock, block.digits) }
        }
        return signal
    }

    /// The vendor that a device's own spelling of a name stands for (`AXIS` → `Axis`), or nil.
    public func vendor(spelled name: ByteString) -> ByteString? {
        var vendor: ByteString?
        let layout = layout
        store.withBytes { bytes in vendor = KnowledgeView(bytes, layout).vendor(spelled: name) }
        return vendor
    }

    /// How many records a section has.
    public func count(of section: KnowledgeFormat.Section) -> Int { layout[section].count }
}

extension SignalSelector {
    /// How much of a signal's value a group compares: of a host name its first label.
    func comparedLength(of signal: Signal) -> Int {
        guard self == .hostname else { return signal.value.count }
        return signal.value.bytes.firstIndex(of: 0x2E) ?? signal.value.count
    }
}

extension KnowledgeView {
    /// What the registers of numbers say.
    func registered(_ signal: Signal) -> [Evidence] {
        switch signal.kind {
        case .macBlock: return evidence(ofBlock: signal)
        case .usbID: return evidence(ofUSB: signal)
        default: return []
        }
    }

    /// What an address block says: the vendor, and the class where the vendor makes little else; or, of a maker of
    /// network modules, nothing (weight 0).
    func evidence(ofBlock signal: Signal) -> [Evidence] {
        let digits = signal.value.lowercasedASCII
        // The second digit holds the bits "group" and "locally administered" (IEEE 802 §8.2).
        guard digits.count >= 6, let second = Hexadecimal.value(digits.bytes[1]), second & 3 == 0,
            let block = block(digits), let maker = maker(block.maker)
        else { return [] }
        let signal = Signal(.macBlock, block.digits)
        if maker.flags & KnowledgeFormat.MakerFlags.isModuleMaker != 0 { return [Evidence(signal: signal, weight: 0)] }
        guard maker.flags & KnowledgeFormat.MakerFlags.isVendor != 0 else {
            return [Evidence(signal: signal, vendor: maker.name, weight: KnowledgeFormat.organisationBlockWeight)]
        }
        var evidence = [Evidence(signal: signal, vendor: maker.name, weight: KnowledgeFormat.vendorBlockWeight)]
        if let deviceClass = maker.deviceClass {
            evidence.append(
                Evidence(signal: signal, deviceClass: deviceClass, weight: KnowledgeFormat.vendorClassWeight)
            )
        }
        return evidence
    }

    /// What the register of USB has of `vendor:product`. A maker of modules is one here too: the stick is what it made.
    func evidence(ofUSB signal: Signal) -> [Evidence] {
        let parts = signal.value.split(0x3A).compactMap { Hexadecimal.decode($0) }
        guard signal.value.count == 9, parts.count == 2, parts[0].count == 2, parts[1].count == 2 else { return [] }
        var found: [Evidence] = []
        let vendor = UInt64(parts[0][0]) << 8 | UInt64(parts[0][1])
        if let offset = record(.usbVendors, vendor, bytes: 2), let maker = maker(uint16(at: offset + 2)) {
            let isKnown = maker.flags & KnowledgeFormat.MakerFlags.isVendor != 0
            let weight = isKnown ? KnowledgeFormat.vendorBlockWeight : KnowledgeFormat.organisationBlockWeight
            found.append(Evidence(signal: signal, vendor: maker.name, weight: weight))
        }
        let product = vendor << 16 | UInt64(parts[1][0]) << 8 | UInt64(parts[1][1])
        if let offset = record(.usbProducts, product, bytes: 4), let name = string(at: offset + 4) {
            found.append(Evidence(signal: signal, model: name, weight: KnowledgeFormat.usbProductWeight))
        }
        return found
    }
}
