internal import NetworkTypes

/// Siemens S7 communication over ISO on TCP (RFC 1006; the protocol itself after Wireshark's packet-s7comm.c and the lists
/// after Siemens, "System Software for S7-300/400, System and Standard Functions", chapter 33).
///
/// ```
/// TPKT  3 | 0 | length (2)
/// COTP  length (1) | 0xF0 | number and end (1)
/// S7    0x32 | 7 | 0 (2) | reference (2) | parameter length (2) | data length (2)
///       0x000112 | 8 | 0x12 (a response) | 0x84 (response, CPU functions) | 1 (read list) | sequence (1)
///       | unit (1) | last unit (1) | error (2)
///       0xFF | 9 | length (2) | list (2) | index (2) | length of an element (2) | elements (2) | elements ...
/// ```
extension IndustrialDeclaration {
    mutating func readS7(_ reader: inout ByteReader) throws(DecodeError) {
        guard reader.remaining >= 4 else { throw reader.error(.truncated) }
        guard try reader.readUInt16() == 0x0300 else { throw reader.error(.unsupported) }
        let length = Int(try reader.readUInt16())
        guard length >= 7, length <= 4096 else { throw reader.error(.malformed) }
        var packet = try body(&reader, count: length - 4)
        let transport = try packet.readUInt8()
        guard try packet.readUInt8() == 0xF0, transport >= 2 else { return }
        try packet.skip(Int(transport) - 1)
        if packet.peek() == 0x72 { readSession(packet) }
        guard packet.starts(with: [0x32, 7]) else { return }
        try packet.skip(10)
        guard packet.starts(with: [0x00, 0x01, 0x12, 0x08, 0x12, 0x84, 0x01]) else { return }
        try packet.skip(12)
        guard try packet.readUInt16() == 0xFF09 else { return }
        // A list that does not fit goes on in further units, which have no head; the elements that are whole are read.
        try packet.skip(2)
        let list = try packet.readUInt16() & 0xFF
        try packet.skip(2)
        let elementLength = try packet.readUInt16()
        try packet.skip(2)
        guard list == 0x11 && elementLength == 28 || list == 0x1C && elementLength == 34 else { return }
        while packet.remaining >= Int(elementLength) {
            var element = try packet.slice(Int(elementLength))
            let index = try element.readUInt16()
            if list == 0x11 {
                try readModule(&element, index)
            } else if index & 0xFF == 1 {
                try addText(.name, &element, count: 32)
            } else if index & 0xFF == 7 {
                try addText(.model, &element, count: 32)
            }
        }
    }

    /// S7comm-plus, protocol 0x72 (Wireshark's packet-s7comm_plus.c): when a session is created, S7-1200 and S7-1500 tell
    /// order number and firmware in one text, `1;6ES7 215-1AG40-0XB0 ;V4.2`, among values of other kinds.
    private mutating func readSession(_ packet: borrowing ByteReader) {
        for index in packet.position..<packet.end where packet.bytes[index] == 0x31 {
            guard ByteReader(packet.bytes, from: index, to: packet.end).starts(with: "1;6ES7 ") else { continue }
            var last = index
            while last < packet.end, packet.bytes[last] >= 0x20, packet.bytes[last] < 0x7F { last += 1 }
            let parts = ByteString(ByteReader(packet.bytes, from: index, to: last)).split(0x3B)
            guard parts.count == 3, parts[1].count <= 24, parts[2].count <= 16, parts[2].hasPrefix("V") else { return }
            add(.product, parts[1].trimmed)
            add(.firmware, ByteString(Array(parts[2].bytes.dropFirst())))
            return
        }
    }

    /// Order number (20), type (2), version (4). Index 1 is the module, 7 the firmware, with `V` and three numbers.
    private mutating func readModule(_ element: inout ByteReader, _ index: UInt16) throws(DecodeError) {
        if index == 1 { try addText(.product, &element, count: 20) }
        guard index == 7 else { return }
        try element.skip(22)
        guard try element.readUInt8() == 0x56 else { return }
        add(
            .firmware,
            UInt32(try element.readUInt8()),
            UInt32(try element.readUInt8()),
            UInt32(try element.readUInt8()),
            separator: 0x2E
        )
    }
}
