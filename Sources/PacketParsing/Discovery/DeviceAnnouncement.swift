public import NetworkTypes

/// What a device declares of itself in a discovery protocol, brought into one form.
///
/// A message that only asks makes no statement, so that who searches is never taken for what it searches for.
public struct DeviceAnnouncement: Hashable, Sendable {
    /// Most statements of one message.
    public static let maximumStatements = 16

    /// Which protocol.
    public enum Form: UInt8, Hashable, Sendable {
        /// IEEE 802.1AB §8.2, with the inventory of ANSI/TIA-1057 (LLDP-MED) and the URL of RFC 8520 §12.
        case lldp
        /// Cisco Discovery Protocol, versions 1 and 2 (Cisco, "Configuring CDP").
        case cdp
        /// MikroTik Neighbor Discovery, UDP port 5678 (help.mikrotik.com, "Neighbor discovery").
        case mikrotik
        /// Ubiquiti discovery, UDP port 10001 (nmap, ubiquiti-discovery.nse).
        case ubiquiti
        /// JSON or XML among other things: Dahua DHDiscover, UDP port 37810; Hikvision SADP, UDP port 37020; TP-Link Tapo,
        /// UDP port 20002; Tuya, UDP port 6666.
        case text
        /// TP-Link Kasa, UDP port 9999: JSON of which each byte is combined with the one before (python-kasa).
        case scrambledText
        /// Tuya, UDP port 6667: JSON that is encrypted, in a frame that is not.
        case tuya
        /// LIFX, UDP port 56700 (lan.developer.lifx.com).
        case lifx
    }

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
        /// Who made it, as the number that the protocol's own register gives.
        case vendorID
        /// A resource that it offers.
        case link
        /// Which one of all devices of its maker.
        case identifier

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
            case .vendorID: return "vendorID"
            case .link: return "link"
            case .identifier: return "id"
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

    /// A whole message, without the headers of the layers below it.
    public init(parsing reader: inout ByteReader, form: Form) throws(DecodeError) {
        switch form {
        case .lldp: try readElements(&reader, form, .sevenNine)
        case .cdp: try readElements(&reader, form, .wholeWords)
        case .mikrotik: try readElements(&reader, form, .words)
        case .ubiquiti: try readElements(&reader, form, .byteAndWord)
        case .text: readText(reader)
        case .scrambledText: readScrambledText(reader)
        case .tuya: readTuya(reader)
        case .lifx: try readLIFX(&reader)
        }
    }

    @inline(never)
    mutating func add(_ subject: Subject, _ value: ByteString?) {
        guard let value, !value.isEmpty, statements.count < DeviceAnnouncement.maximumStatements else { return }
        statements.append(Statement(subject: subject, value: value))
    }
}
