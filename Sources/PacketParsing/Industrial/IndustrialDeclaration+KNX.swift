internal import NetworkTypes

/// KNXnet/IP (ISO 22510; KNX standard 03.08.02 "Core" §7).
///
/// ```
/// 6 | 0x10 | service (2) | length (2) | [control endpoint (8) of a search response] | blocks ...
/// block   length (1) | type (1) | value
/// device  54 | 1 | medium (1) | status (1) | address (2) | project (2) | serial number (6) | multicast address (4)
///         | MAC address (6) | name (30)
/// ```
extension IndustrialDeclaration {
    mutating func readKNX(_ reader: inout ByteReader, _ source: IPAddress?) throws(DecodeError) {
        guard reader.remaining >= 6 else { throw reader.error(.truncated) }
        guard try reader.readUInt16() == 0x0610 else { throw reader.error(.unsupported) }
        let service = try reader.readUInt16()
        let length = Int(try reader.readUInt16())
        guard length >= 6 else { throw reader.error(.malformed) }
        var packet = try body(&reader, count: length - 6)
        switch service {
        case 0x0202, 0x020C:
            guard try packet.readUInt8() == 8 else { throw packet.error(.malformed) }
            try packet.skip(1)
            // The endpoint is the device's own; of none where translation of addresses is expected.
            let endpoint = UInt64(try packet.readUInt32())
            if let source, endpoint != 0, source.family == .v4, source.low & 0xFFFF_FFFF != endpoint {
                isRelayed = true
                return
            }
            try packet.skip(2)
        case 0x0204: break
        // Responses of a server to connect, connection state, disconnect; of features; to a secure session.
        case 0x0206, 0x0208, 0x020A, 0x0423, 0x0425, 0x0952:
            add(.type, "server")
            return
        default: return
        }
        add(.type, "server")
        while packet.remaining >= 2 {
            let blockLength = Int(try packet.readUInt8())
            guard blockLength >= 2 else { throw packet.error(.malformed) }
            var block = try packet.slice(blockLength - 1)
            guard try block.readUInt8() == 1, blockLength == 54 else { continue }
            try block.skip(6)
            // The first two bytes of a serial number are the manufacturer's.
            add(.vendorID, UInt32(try block.readUInt16()))
            try block.skip(14)
            try addText(.name, &block, count: 30)
        }
    }
}
