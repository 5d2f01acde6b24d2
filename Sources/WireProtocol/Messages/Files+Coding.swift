public import NetworkTypes

extension FileOffer: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) { map.bytes(1, envelope) }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: envelope = try reader.readCBORBytes(limit: FileOffer.maximumEnvelopeBytes)
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension FileRequest: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.bytes(1, file)
        map.unsigned(2, offset)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: file = try reader.readMessageHash()
            case 2: offset = try reader.readCBORUnsigned()
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension FileChunk: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.bytes(1, file)
        map.unsigned(2, offset)
        map.bytes(3, bytes)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: file = try reader.readMessageHash()
            case 2: offset = try reader.readCBORUnsigned()
            case 3: bytes = try reader.readCBORBytes(limit: FileChunk.maximumBytes)
            default: try reader.skipCBORItem()
            }
        }
    }
}
