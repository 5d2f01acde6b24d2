public import NetworkTypes

extension Report: MessageCoding {
    /// Keys as in PROTOCOL.md. The same bytes are a record of the spool and an element of a batch.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, bootEpoch)
        map.unsigned(2, sequence)
        map.unsigned(3, UInt64(severity.rawValue))
        map.unsigned(4, timeMilliseconds)
        map.unsigned(5, body.kind)
        map.map(6) { body.encodeFields(&$0) }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over. A kind of body that this version does not know is
    /// `.unsupported`.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        var (bootEpoch, sequence, timeMilliseconds, kind) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        var severity = Severity.informational
        var body: Body?
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: bootEpoch = try reader.readCBORUnsigned()
            case 2: sequence = try reader.readCBORUnsigned()
            case 3: severity = try Severity(parsing: &reader)
            case 4: timeMilliseconds = try reader.readCBORUnsigned()
            case 5: kind = try reader.readCBORUnsigned()
            case 6: body = try Body(kind: kind, parsing: &reader)
            default: try reader.skipCBORItem()
            }
        }
        guard let body else { throw DecodeError(.malformed, at: start) }
        self.init(
            bootEpoch: bootEpoch,
            sequence: sequence,
            severity: severity,
            timeMilliseconds: timeMilliseconds,
            body: body
        )
    }
}

extension Report {
    /// Whether an encoded report is of kind `flows`, which not every collector takes.
    public static func isOfFlows(_ bytes: [UInt8]) -> Bool {
        var reader = ByteReader(bytes.span)
        do throws(DecodeError) {
            var map = try CBORMapReader(parsing: &reader)
            while let key = try map.nextKey(&reader) {
                if key == 5 { return try reader.readCBORUnsigned() == 9 }
                try reader.skipCBORItem()
            }
        } catch {
            // What does not decode is for the collector to refuse.
        }
        return false
    }
}

extension Report.Body {
    /// The number that stands for the case on the wire and in the spool.
    public var kind: UInt64 {
        switch self {
        case .device: return 1
        case .violation: return 2
        case .quarantine: return 3
        case .incident: return 4
        case .proof: return 5
        case .policyRefused: return 6
        case .health: return 7
        case .gap: return 8
        case .flows: return 9
        }
    }

    func encodeFields(_ map: inout CBORMapWriter) {
        switch self {
        case .device(let body): body.encodeFields(&map)
        case .violation(let body): body.encodeFields(&map)
        case .quarantine(let body): body.encodeFields(&map)
        case .incident(let body): body.encodeFields(&map)
        case .proof(let body): body.encodeFields(&map)
        case .policyRefused(let body): body.encodeFields(&map)
        case .health(let body): body.encodeFields(&map)
        case .gap(let body): body.encodeFields(&map)
        case .flows(let body): body.encodeFields(&map)
        }
    }

    init(kind: UInt64, parsing reader: inout ByteReader) throws(DecodeError) {
        switch kind {
        case 1: self = .device(try DeviceReport(parsing: &reader))
        case 2: self = .violation(try ViolationReport(parsing: &reader))
        case 3: self = .quarantine(try QuarantineReport(parsing: &reader))
        case 4: self = .incident(try IncidentReport(parsing: &reader))
        case 5: self = .proof(try ProofReport(parsing: &reader))
        case 6: self = .policyRefused(try PolicyRefusalReport(parsing: &reader))
        case 7: self = .health(try HealthReport(parsing: &reader))
        case 8: self = .gap(try GapReport(parsing: &reader))
        case 9: self = .flows(try FlowReport(parsing: &reader))
        default: throw reader.error(.unsupported)
        }
    }
}
