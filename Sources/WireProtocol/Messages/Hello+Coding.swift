public import NetworkTypes

extension Hello: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, protocolVersion)
        map.messageText(2, agentVersion)
        map.messageText(3, architecture)
        map.messageText(4, kernelRelease)
        map.messageText(5, hostname)
        map.unsigned(6, bootEpoch)
        map.bytes(7, instance)
        map.unsigned(8, generation)
        map.bytes(9, policyHash)
        map.unsigned(10, timeMilliseconds)
        map.unsigned(11, knowledgeVersion)
        map.bytes(12, knowledgeHash)
        if let blocklistVersion { map.item(13) { $0.unsigned(blocklistVersion) } }
        map.bytes(14, blocklistHash)
        if reportsFlows { map.boolean(15, true) }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: protocolVersion = try reader.readCBORUnsigned()
            case 2: agentVersion = try reader.readMessageText()
            case 3: architecture = try reader.readMessageText()
            case 4: kernelRelease = try reader.readMessageText()
            case 5: hostname = try reader.readMessageText()
            case 6: bootEpoch = try reader.readCBORUnsigned()
            case 7: instance = try reader.readMessageHash()
            case 8: generation = try reader.readCBORUnsigned()
            case 9: policyHash = try reader.readMessageHash()
            case 10: timeMilliseconds = try reader.readCBORUnsigned()
            case 11: knowledgeVersion = try reader.readCBORUnsigned()
            case 12: knowledgeHash = try reader.readMessageHash()
            case 13: blocklistVersion = try reader.readCBORUnsigned()
            case 14: blocklistHash = try reader.readMessageHash()
            case 15: reportsFlows = try reader.readCBORBoolean()
            default: try reader.skipCBORItem()
            }
        }
    }
}
