import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// What comes from a port, by the register of IANA and, where they are in none, by their makers. What goes to these
    /// ports asks, and is not looked at.
    static func industrialForm(_ port: UInt16) -> IndustrialDeclaration.Form? {
        switch port {
        case 102: return .s7
        case 161: return .snmp
        case 502: return .modbus
        case 3671: return .knx
        case 5006, 5007: return .melsec
        case 5094: return .hart
        case 5683: return .coap
        case 9600: return .fins
        case 44818: return .etherNetIP
        case 47808: return .bacnet
        case 48899: return .ads
        default: return nil
        }
    }

    /// Whether something is listening there that takes orders rather than questions.
    public static func isIndustrial(port: UInt16) -> Bool {
        // 1911 and 4911 are Niagara Fox's, 20000 is DNP3's, 2404 IEC 104's.
        industrialForm(port) != nil || [1911, 2404, 4911, 20_000].contains(port)
    }

    /// Whoever polls a controller gets the same answers over and over, with other numbers around them: those are passed over.
    mutating func readIndustrial(
        _ reader: inout ByteReader,
        _ form: IndustrialDeclaration.Form,
        _ source: IPAddress?,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let declaration = try IndustrialDeclaration(parsing: &reader, form: form, source: source)
        if declaration.isRelayed { counters.relayedAnswers += 1 }
        guard !declaration.statements.isEmpty else { return }
        var key = RepetitionKey(draft.device)
        for statement in declaration.statements {
            key.combine(UInt64(form.rawValue) << 8 | UInt64(statement.subject.rawValue))
            let value = ByteReader(statement.value.bytes.span)
            key.combine(value, from: 0, to: value.end)
        }
        guard recent.note(key: key.value, draft.timeNanoseconds) else { return }
        if form == .snmp {
            for statement in declaration.statements {
                switch statement.subject {
                case .description: draft.add(.snmpDescription, statement.value)
                case .product: draft.add(.snmpObjectID, statement.value)
                default: draft.add(.snmpName, statement.value)
                }
            }
        } else {
            SignalExtractor.add(declaration.statements, SignalExtractor.kind(form), &draft)
        }
    }

    private static func kind(_ form: IndustrialDeclaration.Form) -> SignalKind {
        switch form {
        case .etherNetIP: return .etherNetIPIdentity
        case .bacnet: return .bacnetDevice
        case .modbus: return .modbusIdentification
        case .s7: return .s7Module
        case .profinet: return .profinetDevice
        case .knx: return .knxDevice
        case .snmp: return .snmpDescription
        case .coap: return .coapResource
        case .fins: return .finsController
        case .melsec: return .melsecController
        case .hart: return .hartDevice
        case .ads: return .adsDevice
        }
    }
}
