internal import NetworkTypes

/// The protocols that are lists of type, length and value.
///
/// ```
/// LLDP      chassis (1) | port (2) | time to live (3) | optional elements ... | end (0)
/// CDP       version (1) | time to live (1) | checksum (2) | elements ...
/// MikroTik  0 (2) | sequence (2) | elements ...
/// Ubiquiti  version (1) | command (1) | length (2) | elements ...
/// ```
extension DeviceAnnouncement {
    /// LLC and SNAP of a CDP frame: Cisco's identifier and protocol 0x2000.
    public static let cdpPrefix: [UInt8] = [0xAA, 0xAA, 0x03, 0x00, 0x00, 0x0C, 0x20, 0x00]
    /// IEEE 802.1AB §8.5.8.1, bit 1 first.
    private static let lldpCapabilities: ByteString =
        "other repeater bridge wlan-ap router telephone docsis station c-vlan s-vlan relay"
    /// Bit 0 first.
    private static let cdpCapabilities: ByteString = "router bridge source-bridge switch host igmp repeater phone"

    /// What a text is about: by form in the high, type in the low byte.
    private static func subject(_ form: Form, _ type: UInt16) -> Subject? {
        guard type < 0x100 else { return nil }
        switch UInt16(form.rawValue) << 8 | type {
        case 0x0005, 0x0101, 0x0205, 0x030B: return .name
        case 0x0006, 0x0105: return .description
        case 0x0106, 0x020C, 0x0314: return .model
        case 0x0207, 0x0303, 0x0316: return .firmware
        case 0x0208: return .vendor
        // The short name of a model.
        case 0x030C, 0x0315: return .product
        default: return nil
        }
    }

    /// Subtypes of ANSI/TIA-1057 §10.2.6 under its identifier, and of RFC 8520 §12 under IANA's.
    private static func inventory(_ organizationAndSubtype: UInt32) -> Subject? {
        switch organizationAndSubtype {
        case 0x0012_BB06, 0x0012_BB07: return .firmware
        case 0x0012_BB09: return .vendor
        case 0x0012_BB0A: return .model
        case 0x0000_5E01: return .mudURL
        default: return nil
        }
    }

    mutating func readElements(
        _ reader: inout ByteReader,
        _ form: Form,
        _ layout: TypeLengthValue.Layout
    ) throws(DecodeError) {
        if form != .lldp {
            let head = try reader.readUInt32()
            switch form {
            case .mikrotik: guard head >> 16 == 0 else { throw reader.error(.unsupported) }
            default: guard head >> 24 == 1 || head >> 24 == 2 else { throw reader.error(.unsupported) }
            }
            // A time to live of zero takes leave.
            if form == .cdp, head >> 16 & 0xFF == 0 { return }
        }
        var count: UInt16 = 0
        // Frames of the least length have padding behind the message.
        while reader.remaining >= layout.headerLength {
            let element = try TypeLengthValue(parsing: &reader, layout: layout)
            guard count < TypeLengthValue.maximumCount else { throw reader.error(.limitExceeded) }
            count += 1
            if form == .lldp {
                // The three that every unit has come first, in this order.
                guard count > 3 || element.type == count else { throw reader.error(.malformed) }
                if element.type == 0 { return }
                if element.type == 3, element.integer(at: 0, count: 2, in: reader) == 0 {
                    statements = []
                    return
                }
                if element.type == 1 {
                    // Addresses (4 and 5) tell no more than the frame's own; the others are text.
                    let isAddress = element.integer(at: 0, count: 1, in: reader) & 0xFE == 4
                    if !isAddress { add(.chassis, element.text(in: reader, from: 1)) }
                } else if element.type == 127 {
                    let organization = element.integer(at: 0, count: 4, in: reader)
                    if let subject = DeviceAnnouncement.inventory(organization) {
                        add(subject, element.text(in: reader, from: 4))
                    }
                }
            }
            if element.type == 7 && form == .lldp || element.type == 4 && form == .cdp {
                // Four bytes; of LLDP the last two say what is enabled, of CDP what is in use.
                addCapabilities(element.integer(at: 2, count: 2, in: reader), isLLDP: form == .lldp)
            } else if let subject = DeviceAnnouncement.subject(form, element.type) {
                add(subject, element.text(in: reader))
            }
        }
        guard form != .lldp || count >= 3 else { throw reader.error(.truncated) }
    }

    /// The names of the bits that are set, from the lowest.
    private mutating func addCapabilities(_ bits: UInt32, isLLDP: Bool) {
        var text = ByteString()
        var bit: UInt32 = 1
        let names = isLLDP ? DeviceAnnouncement.lldpCapabilities : DeviceAnnouncement.cdpCapabilities
        for name in names.split(0x20) {
            if bits & bit != 0 {
                if !text.isEmpty { text.append(byte: 0x2C) }
                text.append(name)
            }
            bit <<= 1
        }
        add(.capabilities, text)
    }
}
