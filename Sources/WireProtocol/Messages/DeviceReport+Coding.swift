public import NetworkTypes

extension DeviceReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, key)
        map.array(2, addresses, limit: DeviceReport.maximumAddressCount) { $1.bytes($0.octets) }
        map.messageText(3, deviceClass)
        map.messageText(4, vendor)
        map.messageText(5, model)
        map.messageText(6, firmware)
        map.messageText(7, operatingSystem)
        map.messageText(8, hostname)
        map.unsigned(9, Swift.min(classConfidence, 1000))
        map.unsigned(10, Swift.min(vendorConfidence, 1000))
        map.unsigned(11, Swift.min(modelConfidence, 1000))
        map.evidence(12, evidence, limit: DeviceReport.maximumEvidenceCount)
        map.evidence(13, contradictions, limit: DeviceReport.maximumEvidenceCount)
        map.messageText(14, policy)
        map.messageText(15, interface)
        map.unsigned(16, firstSeenMilliseconds)
        map.unsigned(17, lastSeenMilliseconds)
        map.boolean(18, isQuarantined)
        map.array(19, history, limit: DeviceReport.maximumHistoryCount) { $1.append(encoded: $0.bytes) }
        map.unsigned(20, quarantineCount)
        map.unsigned(21, quarantinedAtMilliseconds)
        map.unsigned(22, quarantineMilliseconds)
        if isDistrusted { map.boolean(23, true) }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: self.key = try reader.readMessageText()
            case 2:
                for _ in 0..<(try reader.readCBORArray(limit: DeviceReport.maximumAddressCount)) {
                    addresses.append(try reader.readMessageAddress())
                }
            case 3: deviceClass = try reader.readMessageText()
            case 4: vendor = try reader.readMessageText()
            case 5: model = try reader.readMessageText()
            case 6: firmware = try reader.readMessageText()
            case 7: operatingSystem = try reader.readMessageText()
            case 8: hostname = try reader.readMessageText()
            case 9: classConfidence = try reader.readCBORUnsigned(limit: 1000)
            case 10: vendorConfidence = try reader.readCBORUnsigned(limit: 1000)
            case 11: modelConfidence = try reader.readCBORUnsigned(limit: 1000)
            case 12: evidence = try reader.readEvidence(limit: DeviceReport.maximumEvidenceCount)
            case 13: contradictions = try reader.readEvidence(limit: DeviceReport.maximumEvidenceCount)
            case 14: policy = try reader.readMessageText()
            case 15: interface = try reader.readMessageText()
            case 16: firstSeenMilliseconds = try reader.readCBORUnsigned()
            case 17: lastSeenMilliseconds = try reader.readCBORUnsigned()
            case 18: isQuarantined = try reader.readCBORBoolean()
            case 19:
                for _ in 0..<(try reader.readCBORArray(limit: DeviceReport.maximumHistoryCount)) {
                    history.append(try reader.readEncodedItem(limit: IdentityChangeReport.maximumBytes))
                }
            case 20: quarantineCount = try reader.readCBORUnsigned()
            case 21: quarantinedAtMilliseconds = try reader.readCBORUnsigned()
            case 22: quarantineMilliseconds = try reader.readCBORUnsigned()
            case 23: isDistrusted = try reader.readCBORBoolean()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension EvidenceReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, signal)
        map.messageText(2, value)
        map.messageText(3, says)
        map.unsigned(4, Swift.min(weight, 1000))
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: signal = try reader.readMessageText()
            case 2: value = try reader.readMessageText()
            case 3: says = try reader.readMessageText()
            case 4: weight = try reader.readCBORUnsigned(limit: 1000)
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension CBORMapWriter {
    /// Pieces of evidence, left out if empty.
    mutating func evidence(_ key: UInt64, _ list: [EvidenceReport], limit: Int) {
        array(key, list, limit: limit) { evidence, encoder in encoder.map { evidence.encodeFields(&$0) } }
    }
}

extension ByteReader {
    /// The bytes of any one item.
    mutating func readEncodedItem(limit: Int) throws(DecodeError) -> ByteString {
        let start = position
        try skipCBORItem()
        guard position - start <= limit else { throw DecodeError(.limitExceeded, at: start) }
        var item = ByteString()
        for index in start..<position { item.append(byte: bytes[index]) }
        return item
    }

    /// Pieces of evidence.
    mutating func readEvidence(limit: Int) throws(DecodeError) -> [EvidenceReport] {
        var list: [EvidenceReport] = []
        for _ in 0..<(try readCBORArray(limit: limit)) { list.append(try EvidenceReport(parsing: &self)) }
        return list
    }
}
