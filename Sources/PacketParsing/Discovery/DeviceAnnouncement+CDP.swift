public import NetworkTypes

extension DeviceAnnouncement {
    /// LLC and SNAP of a CDP frame: Cisco's identifier and protocol 0x2000.
    public static let cdpPrefix: [UInt8] = [0xAA, 0xAA, 0x03, 0x00, 0x00, 0x0C, 0x20, 0x00]
    /// Bit 0 first.
    private static let cdpCapabilityNames: ByteString = "router bridge source-bridge switch host igmp repeater phone"

    /// A packet of the Cisco Discovery Protocol, versions 1 and 2 (Cisco, "Frame Formats", of "Configuring CDP").
    ///
    /// ```
    /// version (1) | time to live (1) | checksum (2) | elements: type (2) | length (2) | value
    /// ```
    public init(parsingCDP reader: inout ByteReader) throws(DecodeError) {
        let version = try reader.readUInt8()
        guard version == 1 || version == 2 else { throw reader.error(.unsupported) }
        let isLeaving = try reader.readUInt8() == 0
        try reader.skip(2)
        var count = 0
        // Frames of the least length have padding behind the packet.
        while reader.remaining >= 4, !isLeaving {
            guard count < TypeLengthValue.maximumCount else { throw reader.error(.limitExceeded) }
            count += 1
            let element = try TypeLengthValue(parsing: &reader, layout: .wholeWords)
            switch element.type {
            case 1: add(.name, element.text(in: reader))
            case 4:
                var value = element.value(in: reader)
                let bits = try value.readUInt32()
                add(.capabilities, DeviceAnnouncement.names(of: bits, in: DeviceAnnouncement.cdpCapabilityNames))
            case 5: add(.description, element.text(in: reader))
            case 6: add(.model, element.text(in: reader))
            default: continue
            }
        }
    }
}
