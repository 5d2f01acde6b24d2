public import NetworkTypes

/// What a device declares of itself in a discovery protocol, brought into one form.
///
/// An initializer a protocol, `init(parsing…:)`; each throws `unsupported` for a message that only asks, so that who
/// searches is never taken for what it searches for.
public struct DeviceAnnouncement: Hashable, Sendable {
    /// Most statements of one message.
    public static let maximumStatements = 16

    /// What a statement is about.
    public enum Subject: UInt8, Hashable, Sendable {
        /// The name somebody gave the device.
        case name
        /// A text for people.
        case description
        /// What it does, as words joined by `,`.
        case capabilities
        /// Which device it is, where that is a text.
        case chassis
        /// Who made it.
        case vendor
        /// What its maker calls it.
        case model
        /// Which firmware runs in it.
        case firmware
        /// Where its usage description is (RFC 8520).
        case mudURL
        /// Which kind of device, in the maker's terms.
        case type
        /// Whose or which product, as a number or key of the maker.
        case product
        /// Which version of the protocol it speaks.
        case version

        /// The word for it in signals: `model`.
        public var word: ByteString {
            switch self {
            case .name: return "name"
            case .description: return "description"
            case .capabilities: return "capabilities"
            case .chassis: return "chassis"
            case .vendor: return "vendor"
            case .model: return "model"
            case .firmware: return "firmware"
            case .mudURL: return "mudURL"
            case .type: return "type"
            case .product: return "product"
            case .version: return "version"
            }
        }
    }

    /// One thing that the device says.
    public struct Statement: Hashable, Sendable {
        /// Of what.
        public let subject: Subject
        /// What; never empty.
        public let value: ByteString
    }

    /// All of them, in the order of the message.
    public internal(set) var statements: [Statement] = []

    /// The first value for a subject, or nil.
    public subscript(subject: Subject) -> ByteString? { statements.first { $0.subject == subject }?.value }

    mutating func add(_ subject: Subject, _ value: ByteString?) {
        guard let value, !value.isEmpty, statements.count < DeviceAnnouncement.maximumStatements else { return }
        statements.append(Statement(subject: subject, value: value))
    }

    /// The names of the bits that are set, from the lowest, joined by `,`; `names` has one for each bit, blanks between.
    static func names(of bits: UInt32, in names: ByteString) -> ByteString {
        var text = ByteString()
        var bit: UInt32 = 1
        for name in names.split(0x20) {
            if bits & bit != 0 {
                if !text.isEmpty { text.append(byte: 0x2C) }
                text.append(name)
            }
            bit <<= 1
        }
        return text
    }
}
