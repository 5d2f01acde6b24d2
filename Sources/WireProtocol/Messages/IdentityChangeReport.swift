public import NetworkTypes

/// A device was held to be something else before: when that changed, and the evidence that decided.
///
/// An agent writes these once and then keeps and sends them as the bytes they are (`DeviceReport.history`); only the
/// collector reads them.
public struct IdentityChangeReport: Hashable, Sendable {
    /// Most bytes of one.
    public static let maximumBytes = 8 << 10

    /// Milliseconds since 1970.
    public var timeMilliseconds: UInt64 = 0
    /// What it was held to be.
    public var before = IdentityNames()
    /// What it was held to be from then on.
    public var after = IdentityNames()
    /// What decided. Its signal is `knowledge` where the rules are others, and its value then names the file.
    public var evidence = EvidenceReport()

    /// All fields at their zero.
    public init() {}
}

/// What a device is called.
public struct IdentityNames: Hashable, Sendable {
    /// `ip-camera`; `unknown`.
    public var deviceClass: ByteString = "unknown"
    /// Empty where not known, as the model.
    public var vendor: ByteString = ""
    /// Product name.
    public var model: ByteString = ""

    /// Nothing known.
    public init() {}
}

extension IdentityChangeReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, timeMilliseconds)
        map.map(2) { before.encodeFields(&$0) }
        map.map(3) { after.encodeFields(&$0) }
        map.map(4) { evidence.encodeFields(&$0) }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: timeMilliseconds = try reader.readCBORUnsigned()
            case 2: before = try IdentityNames(parsing: &reader)
            case 3: after = try IdentityNames(parsing: &reader)
            case 4: evidence = try EvidenceReport(parsing: &reader)
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension IdentityNames: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.messageText(1, deviceClass)
        map.messageText(2, vendor)
        map.messageText(3, model)
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: deviceClass = try reader.readMessageText()
            case 2: vendor = try reader.readMessageText()
            case 3: model = try reader.readMessageText()
            default: try reader.skipCBORItem()
            }
        }
    }
}
