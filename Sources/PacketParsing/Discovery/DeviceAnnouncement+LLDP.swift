public import NetworkTypes

extension DeviceAnnouncement {
    /// IEEE 802.1AB §8.5.8.1, bit 1 first.
    private static let capabilityNames: ByteString =
        "other repeater bridge wlan-ap router telephone docsis station c-vlan s-vlan relay"
    /// ANSI/TIA-1057 (LLDP-MED), and IANA's identifier, under which RFC 8520 §12 has its URL.
    private static let mediaEndpoint: UInt32 = 0x0012BB
    private static let internetAssignedNumbers: UInt32 = 0x00005E

    /// The data unit of an LLDP frame (IEEE 802.1AB §8.2). One with a time to live of zero takes leave and says nothing.
    ///
    /// ```
    /// chassis (1) | port (2) | time to live (3) | optional elements ... | end (0)
    /// ```
    public init(parsingLLDP reader: inout ByteReader) throws(DecodeError) {
        var count = 0
        while !reader.isAtEnd {
            let element = try TypeLengthValue(parsing: &reader, layout: .sevenNine)
            guard count < TypeLengthValue.maximumCount else { throw reader.error(.limitExceeded) }
            // The three that every unit has come first, in this order.
            count += 1
            guard count > 3 || Int(element.type) == count else { throw reader.error(.malformed) }
            var value = element.value(in: reader)
            switch element.type {
            case 0: return
            case 1:
                // Addresses (4 and 5) tell no more than the frame's own; the others are text.
                let subtype = try value.readUInt8()
                if subtype != 4, subtype != 5 { add(.chassis, element.text(in: reader, skipping: 1)) }
            case 3:
                guard try value.readUInt16() > 0 else {
                    statements = []
                    return
                }
            case 5: add(.name, element.text(in: reader))
            case 6: add(.description, element.text(in: reader))
            case 7:
                try value.skip(2)
                let enabled = UInt32(try value.readUInt16())
                add(.capabilities, DeviceAnnouncement.names(of: enabled, in: DeviceAnnouncement.capabilityNames))
            case 127:
                let organization = try value.readUInt24()
                let subtype = try value.readUInt8()
                let text = element.text(in: reader, skipping: 4)
                if organization == DeviceAnnouncement.internetAssignedNumbers, subtype == 1 { add(.mudURL, text) }
                guard organization == DeviceAnnouncement.mediaEndpoint else { continue }
                switch subtype {
                case 6, 7: add(.firmware, text)
                case 9: add(.vendor, text)
                case 10: add(.model, text)
                default: continue
                }
            default: continue
            }
        }
        guard count >= 3 else { throw reader.error(.truncated) }
    }
}
