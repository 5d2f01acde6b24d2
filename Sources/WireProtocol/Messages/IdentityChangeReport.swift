public import NetworkTypes

/// A device was held to be something else before: when that changed, and the evidence that decided.
public struct IdentityChangeReport: Hashable, Sendable {
    /// Milliseconds since 1970.
    public var timeMilliseconds: UInt64 = 0
    /// What it was held to be.
    public var before = Names()
    /// What it was held to be from then on.
    public var after = Names()
    /// What decided. Its signal is `knowledge` where the rules are others, and its value then names the file.
    public var evidence = EvidenceReport()

    /// What a device is called.
    public struct Names: Hashable, Sendable {
        /// `ip-camera`; `unknown`.
        public var deviceClass: ByteString = "unknown"
        /// Empty where not known, as the model.
        public var vendor: ByteString = ""
        /// Product name.
        public var model: ByteString = ""

        /// Nothing known.
        public init() {}
    }

    /// All fields at their zero.
    public init() {}
}

extension IdentityChangeReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, timeMilliseconds)
        map.messageText(2, before.deviceClass)
        map.messageText(3, before.vendor)
        map.messageText(4, before.model)
        map.messageText(5, after.deviceClass)
        map.messageText(6, after.vendor)
        map.messageText(7, after.model)
        map.map(8) { evidence.encodeFields(&$0) }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: timeMilliseconds = try reader.readCBORUnsigned()
            case 2: before.deviceClass = try reader.readMessageText()
            case 3: before.vendor = try reader.readMessageText()
            case 4: before.model = try reader.readMessageText()
            case 5: after.deviceClass = try reader.readMessageText()
            case 6: after.vendor = try reader.readMessageText()
            case 7: after.model = try reader.readMessageText()
            case 8: evidence = try EvidenceReport(parsing: &reader)
            default: try reader.skipCBORItem()
            }
        }
    }
}
