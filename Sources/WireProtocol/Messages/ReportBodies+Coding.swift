public import NetworkTypes

extension ViolationReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, device)
        map.item(2) { $0.bytes(destination.octets) }
        map.messageText(3, destinationName)
        map.unsigned(4, transport)
        map.unsigned(5, port)
        map.messageText(6, policy)
        map.messageText(7, reason)
        map.boolean(8, wasDropped)
        map.unsigned(9, count)
        map.unsigned(10, firstMilliseconds)
        map.unsigned(11, lastMilliseconds)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: device = try reader.readMessageText()
            case 2: destination = try reader.readMessageAddress()
            case 3: destinationName = try reader.readMessageText()
            case 4: transport = try reader.readCBORUnsigned(limit: 0xFF)
            case 5: port = try reader.readCBORUnsigned(limit: 0xFFFF)
            case 6: policy = try reader.readMessageText()
            case 7: reason = try reader.readMessageText()
            case 8: wasDropped = try reader.readCBORBoolean()
            case 9: count = try reader.readCBORUnsigned()
            case 10: firstMilliseconds = try reader.readCBORUnsigned()
            case 11: lastMilliseconds = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension QuarantineReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, device)
        map.boolean(2, isQuarantined)
        map.messageText(3, reason)
        map.unsigned(4, durationSeconds)
        map.messageText(5, detail)
        map.messageText(6, evidenceName)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: device = try reader.readMessageText()
            case 2: isQuarantined = try reader.readCBORBoolean()
            case 3: reason = try reader.readMessageText()
            case 4: durationSeconds = try reader.readCBORUnsigned()
            case 5: detail = try reader.readMessageText()
            case 6: evidenceName = try reader.readMessageText()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension IncidentReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, kind)
        map.messageText(2, device)
        map.messageLongText(3, summary)
        map.unsigned(4, count)
        map.evidence(5, evidence, limit: IncidentReport.maximumEvidenceCount)
        map.evidence(6, contradictions, limit: IncidentReport.maximumEvidenceCount)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: kind = try reader.readMessageText()
            case 2: device = try reader.readMessageText()
            case 3: summary = try reader.readMessageLongText()
            case 4: count = try reader.readCBORUnsigned()
            case 5: evidence = try reader.readEvidence(limit: IncidentReport.maximumEvidenceCount)
            case 6: contradictions = try reader.readEvidence(limit: IncidentReport.maximumEvidenceCount)
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension ProofReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, generation)
        map.bytes(2, policyHash)
        map.bytes(3, desiredHash)
        map.bytes(4, appliedHash)
        map.bytes(5, kernelHash)
        map.boolean(6, isProved)
        map.messageLongText(7, difference)
        map.unsigned(8, pushToProofMilliseconds)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: generation = try reader.readCBORUnsigned()
            case 2: policyHash = try reader.readMessageHash()
            case 3: desiredHash = try reader.readMessageHash()
            case 4: appliedHash = try reader.readMessageHash()
            case 5: kernelHash = try reader.readMessageHash()
            case 6: isProved = try reader.readCBORBoolean()
            case 7: difference = try reader.readMessageLongText()
            case 8: pushToProofMilliseconds = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension PolicyRefusalReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.bytes(1, policyHash)
        map.messageText(2, reason)
        map.messageLongText(3, detail)
        map.unsigned(4, generationInForce)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: policyHash = try reader.readMessageHash()
            case 2: reason = try reader.readMessageText()
            case 3: detail = try reader.readMessageLongText()
            case 4: generationInForce = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension HealthReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, uptimeSeconds)
        map.unsigned(2, residentKiB)
        map.array(3, counters, limit: MessageLimits.counterCount) { counter, encoder in
            encoder.map { counter.encodeFields(&$0) }
        }
        map.unsigned(4, knowledgeVersion)
        map.bytes(5, knowledgeHash)
        map.unsigned(6, blocklistVersion)
        map.bytes(7, blocklistHash)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: uptimeSeconds = try reader.readCBORUnsigned()
            case 2: residentKiB = try reader.readCBORUnsigned()
            case 3:
                for _ in 0..<(try reader.readCBORArray(limit: MessageLimits.counterCount)) {
                    counters.append(try Counter(parsing: &reader))
                }
            case 4: knowledgeVersion = try reader.readCBORUnsigned()
            case 5: knowledgeHash = try reader.readMessageHash()
            case 6: blocklistVersion = try reader.readCBORUnsigned()
            case 7: blocklistHash = try reader.readMessageHash()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension GapReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, count)
        map.unsigned(2, UInt64(severity.rawValue))
        map.unsigned(3, firstMilliseconds)
        map.unsigned(4, lastMilliseconds)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: count = try reader.readCBORUnsigned()
            case 2: severity = try Report.Severity(parsing: &reader)
            case 3: firstMilliseconds = try reader.readCBORUnsigned()
            case 4: lastMilliseconds = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension HealthReport.Counter: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, name)
        map.unsigned(2, value)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init(name: "", value: 0)
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: name = try reader.readMessageText()
            case 2: value = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension Report.Severity {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        guard let severity = Report.Severity(rawValue: UInt8(try reader.readCBORUnsigned(limit: 0xFF))) else {
            throw DecodeError(.unsupported, at: start)
        }
        self = severity
    }
}
