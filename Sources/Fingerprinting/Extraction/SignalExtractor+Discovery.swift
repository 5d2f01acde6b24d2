import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// LLDP and CDP, which no bridge passes on: who sends is the neighbour itself.
    mutating func readLinkDiscovery(
        _ reader: inout ByteReader,
        isLLDP: Bool,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        var key = RepetitionKey(draft.device)
        key.combine(reader, from: reader.position, to: reader.end)
        guard recent.note(key: key.value, draft.timeNanoseconds) else { return }
        let announcement = try DeviceAnnouncement(parsing: &reader, form: isLLDP ? .lldp : .cdp)
        for statement in announcement.statements {
            guard let kind = SignalExtractor.kind(statement.subject, isLLDP: isLLDP) else { continue }
            draft.add(kind, statement.value)
        }
    }

    /// What devices of one vendor tell whoever uses them: each statement with what it is about, `model=…`.
    mutating func readAnnouncement(
        _ reader: inout ByteReader,
        _ form: DeviceAnnouncement.Form,
        _ kind: SignalKind,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        SignalExtractor.add(try DeviceAnnouncement(parsing: &reader, form: form).statements, kind, &draft)
    }

    /// Tuya's broadcasts, and its answers to apps that search (port 7000). What an app sends there looks alike until it is
    /// decrypted, and names no product.
    mutating func readTuya(
        _ reader: inout ByteReader,
        isAnswer: Bool,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let frame = try DeviceAnnouncement(parsing: &reader, form: .tuya)
        guard !frame.statements.isEmpty else { return }
        if !isAnswer { SignalExtractor.add(frame.statements, .tuyaDiscovery, &draft) }
        guard budget.take(draft.device, draft.timeNanoseconds) else {
            counters.undecrypted += 1
            return
        }
        guard let plain = TuyaBroadcast.open(reader, ciphers) else {
            counters.undecryptable += 1
            return
        }
        var text = ByteReader(plain.span)
        let announcement = try DeviceAnnouncement(parsing: &text, form: .text)
        guard !isAnswer || announcement[.product] != nil else { return }
        SignalExtractor.add(announcement.statements, .tuyaDiscovery, &draft)
    }

    static func add(_ statements: [DeviceAnnouncement.Statement], _ kind: SignalKind, _ draft: inout SightingDraft) {
        for statement in statements {
            draft.add(kind, "\(statement.subject.word)=\(statement.value)")
        }
    }

    private static func kind(_ subject: DeviceAnnouncement.Subject, isLLDP: Bool) -> SignalKind? {
        switch subject {
        case .name: return isLLDP ? .lldpSystemName : .cdpDeviceID
        case .description: return isLLDP ? .lldpSystemDescription : .cdpSoftware
        case .capabilities: return isLLDP ? .lldpCapabilities : .cdpCapabilities
        case .chassis: return .lldpChassis
        case .vendor: return .lldpManufacturer
        case .model: return isLLDP ? .lldpModel : .cdpPlatform
        case .firmware: return .lldpFirmware
        case .mudURL: return .lldpMUDURL
        case .type, .product, .version, .vendorID, .link, .identifier: return nil
        }
    }
}
