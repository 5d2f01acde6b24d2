public import NetworkTypes

extension CollectorMessage: MessageCoding {
    /// Key 1: the kind; key 2: the body.
    public func encodeFields(_ map: inout CBORMapWriter) {
        switch self {
        case .welcome(let welcome):
            map.unsigned(1, 1)
            map.map(2) { welcome.encodeFields(&$0) }
        case .acknowledge(let acknowledgement):
            map.unsigned(1, 2)
            map.map(2) { acknowledgement.encodeFields(&$0) }
        case .policy(let push):
            map.unsigned(1, 3)
            map.map(2) { push.encodeFields(&$0) }
        case .release(let release):
            map.unsigned(1, 4)
            map.map(2) { release.encodeFields(&$0) }
        case .certificate(let answer):
            map.unsigned(1, 5)
            map.map(2) { answer.encodeFields(&$0) }
        case .offerFile(let offer):
            map.unsigned(1, 6)
            map.map(2) { offer.encodeFields(&$0) }
        case .fileChunk(let chunk):
            map.unsigned(1, 7)
            map.map(2) { chunk.encodeFields(&$0) }
        }
    }

    /// Key 1: the kind; key 2: the body. A kind that this version does not know is `.unsupported`.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        var kind: UInt64 = 0
        var message: CollectorMessage?
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch (key, kind) {
            case (1, _): kind = try reader.readCBORUnsigned()
            case (2, 1): message = .welcome(try Welcome(parsing: &reader))
            case (2, 2): message = .acknowledge(try Acknowledgement(parsing: &reader))
            case (2, 3): message = .policy(try PolicyPush(parsing: &reader))
            case (2, 4): message = .release(try DeviceRelease(parsing: &reader))
            case (2, 5): message = .certificate(try RenewalAnswer(parsing: &reader))
            case (2, 6): message = .offerFile(try FileOffer(parsing: &reader))
            case (2, 7): message = .fileChunk(try FileChunk(parsing: &reader))
            case (2, _): throw reader.error(.unsupported)
            default: try reader.skipCBORItem()
            }
        }
        guard let message else { throw DecodeError(.malformed, at: start) }
        self = message
    }
}
