public import NetworkTypes

extension RenewalRequest: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) { map.bytes(1, request) }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: request = try reader.readCBORBytes(limit: RenewalRequest.maximumBytes)
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension RenewalAnswer: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.bytes(1, certificate)
        map.bytes(2, issuer)
        map.messageText(3, refusal)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: certificate = try reader.readCBORBytes(limit: RenewalAnswer.maximumCertificateBytes)
            case 2: issuer = try reader.readCBORBytes(limit: RenewalAnswer.maximumCertificateBytes)
            case 3: refusal = try reader.readMessageText()
            default: try reader.skipCBORItem()
            }
        }
    }
}
