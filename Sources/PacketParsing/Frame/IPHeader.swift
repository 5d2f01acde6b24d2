public import NetworkTypes

/// An IPv4 header (RFC 791 §3.1) or an IPv6 header with its extension headers (RFC 8200), as far as is of use here.
public struct IPHeader: Hashable, Sendable {
    /// Most IPv6 extension headers; hosts send one or two.
    public static let maximumExtensionHeaders = 8

    /// From where.
    public let source: IPAddress
    /// To where.
    public let destination: IPAddress
    /// What the payload is.
    public let transport: TransportProtocol
    /// TTL or hop limit as seen here.
    public let timeToLive: UInt8
    /// TOS or traffic class: DSCP and ECN.
    public let trafficClass: UInt8
    /// Bytes of IPv4 options or IPv6 extension headers.
    public let optionsLength: Int
    /// Bytes after all of that, as the header says; nil where it does not (segmentation left to the card, jumbograms).
    public let payloadLength: Int?
    /// IPv4 identification; 0 for IPv6.
    public let identification: UInt16
    /// IPv4: don't fragment.
    public let isFragmentationForbidden: Bool
    /// IPv4: the flag that must be zero is not.
    public let hasReservedFlag: Bool
    /// IPv6 flow label; 0 for IPv4.
    public let flowLabel: UInt32
    /// Where the payload belongs in the whole, in bytes: other than 0 in all fragments but the first.
    public let fragmentOffset: Int
    /// More fragments follow.
    public let hasMoreFragments: Bool
    /// What the fragments of one packet have in common: the identification of IPv4, or that of IPv6's fragment header.
    public let fragmentIdentification: UInt32

    /// A header of either version; the reader is left at the payload.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        guard let first = reader.peek() else { throw reader.error(.truncated) }
        switch first >> 4 {
        case 4: try self.init(parsingV4: &reader)
        case 6: try self.init(parsingV6: &reader)
        default: throw reader.error(.unsupported)
        }
    }

    /// ```
    /// version, length (1) | TOS (1) | total length (2) | identification (2) | flags, fragment offset (2)
    /// TTL (1) | protocol (1) | checksum (2) | source (4) | destination (4) | options
    /// ```
    private init(parsingV4 reader: inout ByteReader) throws(DecodeError) {
        let headerLength = Int(try reader.readUInt8() & 0xF) * 4
        guard headerLength >= 20 else { throw reader.error(.malformed) }
        trafficClass = try reader.readUInt8()
        let totalLength = Int(try reader.readUInt16())
        guard totalLength == 0 || totalLength >= headerLength else { throw reader.error(.malformed) }
        identification = try reader.readUInt16()
        fragmentIdentification = UInt32(identification)
        let fragment = try reader.readUInt16()
        hasReservedFlag = fragment & 0x8000 != 0
        isFragmentationForbidden = fragment & 0x4000 != 0
        hasMoreFragments = fragment & 0x2000 != 0
        fragmentOffset = Int(fragment & 0x1FFF) * 8
        timeToLive = try reader.readUInt8()
        transport = TransportProtocol(rawValue: try reader.readUInt8())
        try reader.skip(2)
        source = try IPAddress(parsingV4: &reader)
        destination = try IPAddress(parsingV4: &reader)
        optionsLength = headerLength - 20
        try reader.skip(optionsLength)
        payloadLength = totalLength == 0 ? nil : totalLength - headerLength
        flowLabel = 0
    }

    /// ```
    /// version, traffic class, flow label (4) | payload length (2) | next header (1) | hop limit (1)
    /// source (16) | destination (16)
    /// ```
    private init(parsingV6 reader: inout ByteReader) throws(DecodeError) {
        let word = try reader.readUInt32()
        trafficClass = UInt8(truncatingIfNeeded: word >> 20)
        flowLabel = word & 0xF_FFFF
        let length = Int(try reader.readUInt16())
        var next = try reader.readUInt8()
        timeToLive = try reader.readUInt8()
        source = try IPAddress(parsingV6: &reader)
        destination = try IPAddress(parsingV6: &reader)
        let payloadStart = reader.position
        var offset = 0
        var isMore = false
        var shared: UInt32 = 0
        var count = 0
        while offset == 0, let unit = IPHeader.extensionUnit(next) {
            guard count < IPHeader.maximumExtensionHeaders else { throw reader.error(.limitExceeded) }
            count += 1
            let current = next
            next = try reader.readUInt8()
            let lengthField = Int(try reader.readUInt8())
            if current == 44 {
                let fragment = try reader.readUInt16()
                offset = Int(fragment & 0xFFF8)
                isMore = fragment & 1 != 0
                shared = try reader.readUInt32()
            } else {
                try reader.skip(unit == 4 ? (lengthField + 2) * 4 - 2 : lengthField * 8 + 6)
            }
        }
        transport = TransportProtocol(rawValue: next)
        optionsLength = reader.position - payloadStart
        guard length == 0 || length >= optionsLength else { throw reader.error(.malformed) }
        payloadLength = length == 0 ? nil : length - optionsLength
        fragmentOffset = offset
        hasMoreFragments = isMore
        fragmentIdentification = shared
        identification = 0
        isFragmentationForbidden = false
        hasReservedFlag = false
    }

    /// In how many bytes an IPv6 extension header counts its length; nil for what is none (IANA "IPv6 Extension Header
    /// Types"; ESP hides what follows and counts as none).
    private static func extensionUnit(_ type: UInt8) -> Int? {
        switch type {
        case 0, 43, 44, 60, 135, 139, 140: return 8
        case 51: return 4
        default: return nil
        }
    }

    /// Whether this is a part of a packet.
    public var isFragment: Bool { hasMoreFragments || fragmentOffset != 0 }

    /// Whether the payload begins with a transport header: the whole, or its first fragment.
    public var isFirstFragment: Bool { fragmentOffset == 0 }
}
