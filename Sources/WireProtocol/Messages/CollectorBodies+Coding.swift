public import NetworkTypes

extension Welcome: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, protocolVersion)
        map.unsigned(2, timeMilliseconds)
        map.map(3) { highWater.encodeFields(&$0) }
        map.unsigned(4, credits)
        if takesFlows { map.boolean(5, true) }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: protocolVersion = try reader.readCBORUnsigned()
            case 2: timeMilliseconds = try reader.readCBORUnsigned()
            case 3: highWater = try HighWaterMark(parsing: &reader)
            case 4: credits = try reader.readCBORUnsigned()
            case 5: takesFlows = try reader.readCBORBoolean()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension HighWaterMark: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, bootEpoch)
        map.unsigned(2, sequence)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: bootEpoch = try reader.readCBORUnsigned()
            case 2: sequence = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension Acknowledgement: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.map(1) { highWater.encodeFields(&$0) }
        map.unsigned(2, credits)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: highWater = try HighWaterMark(parsing: &reader)
            case 2: credits = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension PolicyPush: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.bytes(1, envelope)
        map.unsigned(2, orderedMilliseconds)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: envelope = try reader.readCBORBytes(limit: MessageLimits.envelopeBytes)
            case 2: orderedMilliseconds = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension DeviceRelease: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, device)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: device = try reader.readMessageText()
            default: try reader.skipCBORItem()
            }
        }
    }
}
