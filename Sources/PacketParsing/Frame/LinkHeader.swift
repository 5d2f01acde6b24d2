public import NetworkTypes

/// The link header of a frame, VLAN tags passed over.
///
/// ```
/// Ethernet        destination (6) | source (6) | [tag (4)]... | EtherType (2)
/// cooked, SLL     packet type (2) | ARPHRD (2) | address length (2) | address (8) | protocol (2)
/// cooked, SLL2    protocol (2) | 0 (2) | interface (4) | ARPHRD (2) | packet type (1) | address length (1) | address (8)
/// ```
/// For 802.11 see `WirelessHeader`.
public struct LinkHeader: Hashable, Sendable {
    /// Most VLAN tags in a row: two for QinQ, and one to spare.
    public static let maximumTags = 3
    /// EtherTypes begin here; lower values are lengths (IEEE 802.3 §3.2.6).
    private static let minimumEtherType: UInt16 = 0x0600

    /// Who sent the frame on this link; nil where the capture does not say.
    public let source: MACAddress?
    /// For whom; nil where the capture does not say.
    public let destination: MACAddress?
    /// What follows.
    public let etherType: EtherType
    /// The outermost VLAN, 0 without a tag.
    public let vlan: UInt16

    /// The header at the start of a frame; the reader is left at what follows.
    public init(parsing reader: inout ByteReader, linkType: LinkType) throws(DecodeError) {
        var type: UInt16
        switch linkType {
        case .ethernet:
            destination = try MACAddress(parsing: &reader)
            source = try MACAddress(parsing: &reader)
            type = try reader.readUInt16()
        case .linuxCooked:
            try reader.skip(4)
            let length = try reader.readUInt16()
            source = try LinkHeader.cookedAddress(&reader, length: Int(length))
            destination = nil
            type = try reader.readUInt16()
        case .linuxCookedV2:
            type = try reader.readUInt16()
            try reader.skip(9)
            let length = try reader.readUInt8()
            source = try LinkHeader.cookedAddress(&reader, length: Int(length))
            destination = nil
        case .wireless, .wirelessRadiotap:
            let header = try WirelessHeader(parsing: &reader, hasRadiotap: linkType == .wirelessRadiotap)
            source = header.source
            destination = header.destination
            // What follows is LLC, as after a length of 802.3.
            type = 0
        default:
            guard linkType.isSupported else { throw reader.error(.unsupported) }
            guard let first = reader.peek() else { throw reader.error(.truncated) }
            source = nil
            destination = nil
            vlan = 0
            switch first >> 4 {
            case 4: etherType = .ipv4
            case 6: etherType = .ipv6
            default: throw reader.error(.unsupported)
            }
            return
        }
        var outerVLAN: UInt16 = 0
        var tags = 0
        while EtherType(rawValue: type).isVLANTag {
            guard tags < LinkHeader.maximumTags else { throw reader.error(.limitExceeded) }
            let tag = try reader.readUInt16()
            if tags == 0 { outerVLAN = tag & 0x0FFF }
            tags += 1
            type = try reader.readUInt16()
        }
        vlan = outerVLAN
        if type < LinkHeader.minimumEtherType {
            // LLC with SNAP carries an EtherType under the OUI 00:00:00 (RFC 1042).
            if reader.starts(with: LinkHeader.snapPrefix) {
                try reader.skip(LinkHeader.snapPrefix.count)
                type = try reader.readUInt16()
            } else {
                type = 0
            }
        }
        etherType = EtherType(rawValue: type)
    }

    private static let snapPrefix: [UInt8] = [0xAA, 0xAA, 0x03, 0, 0, 0]

    private static func cookedAddress(_ reader: inout ByteReader, length: Int) throws(DecodeError) -> MACAddress? {
        var field = try reader.slice(8)
        return length == 6 ? try MACAddress(parsing: &field) : nil
    }
}
