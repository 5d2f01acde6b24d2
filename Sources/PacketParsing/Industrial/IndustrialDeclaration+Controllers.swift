internal import NetworkTypes

/// Protocols of single makers of controllers and instruments.
extension IndustrialDeclaration {
    /// FINS (Omron W342 §3, §5-3-9; over TCP W420 §7-4).
    /// ```
    /// TCP: "FINS" | length (4) | 2 (4) | error (4) = 0, then as in UDP
    /// flags (1): 0x40 a response | ... (9) | command (2) = 0x0501 | end code (2) = 0 | model (20) | version (20) ...
    /// ```
    mutating func readFINS(_ reader: inout ByteReader) throws(DecodeError) {
        if reader.peek() == 0x46 {
            guard reader.remaining >= 8 else { throw reader.error(.truncated) }
            guard reader.starts(with: "FINS") else { throw reader.error(.unsupported) }
            try reader.skip(4)
            let length = try reader.readUInt32()
            guard length <= 4096 else { throw reader.error(.malformed) }
            var frame = try body(&reader, count: Int(length))
            guard try frame.readUInt32() == 2, try frame.readUInt32() == 0 else { return }
            try readFINSFrame(&frame)
        } else {
            try readFINSFrame(&reader)
        }
    }

    private mutating func readFINSFrame(_ reader: inout ByteReader) throws(DecodeError) {
        guard let flags = reader.peek(), flags & 0xFE == 0xC0, reader.remaining >= 54 else { return }
        try reader.skip(10)
        guard try reader.readUInt32() == 0x0501_0000 else { return }
        try addText(.model, &reader, count: 20)
        try addText(.firmware, &reader, count: 20)
    }

    /// MELSOFT, as the public script melsecq-discover.nse asks for it (0xD7: an answer, the CPU in 16 bytes at 41); and
    /// SLMP's answer to Read Type Name (Mitsubishi SH-080008 §11.1, 3E frame), which does not tell what was asked: one with
    /// just a name of the length and kind that CPUs have.
    /// ```
    /// 0xD000 | network, station (5) | length (2) = 20 | end code (2) = 0 | name (16) | code (2); little-endian
    /// ```
    mutating func readMELSEC(_ reader: inout ByteReader) throws(DecodeError) {
        if reader.peek() == 0xD7, reader.remaining >= 57 {
            try reader.skip(41)
        } else if reader.peek() == 0xD0 {
            guard reader.remaining >= 11 else { throw reader.error(.truncated) }
            var rest = reader.peek(1) ?? 0
            for distance in 8...10 { rest |= reader.peek(distance) ?? 0 }
            guard rest == 0, reader.peek(7) == 20 else { return }
            guard reader.remaining >= 29 else { throw reader.error(.truncated) }
            try reader.skip(11)
        } else {
            return
        }
        let name = IndustrialDeclaration.text(try reader.slice(16))
        guard let first = name.bytes.first else { return }
        // Q03UDE, L26, R04, FX5U: of all, letters first, then a number.
        let isName = first == 0x46 || first == 0x4C || first == 0x51 || first == 0x52
        if isName, name.count >= 4 { add(.model, name) }
    }

    /// HART-IP (FieldComm TS20085): version (1) | type (1) = 1, a response | message (1) = 3, passes HART | status (1)
    /// | sequence (2) | length (2), then HART: delimiter 0x06, an answer in a short frame, which has an address only the
    /// device asked directly has | address (1) | command (1) = 0 | count (1) | response code, status (2) | 254
    /// | device type (2) | ... (2) | device revision (1) | software revision (1) | ... (10) | manufacturer (2)
    mutating func readHART(_ reader: inout ByteReader) throws(DecodeError) {
        guard reader.peek() == 1 else { return }
        guard reader.remaining >= 8 else { throw reader.error(.truncated) }
        guard reader.starts(with: [1, 1, 3]) else { return }
        try reader.skip(6)
        let length = Int(try reader.readUInt16())
        guard length >= 8 else { throw reader.error(.malformed) }
        var message = try body(&reader, count: length - 8)
        guard try message.readUInt8() & 0x87 == 0x06, try message.readUInt8() & 0x3F == 0,
            try message.readUInt8() == 0
        else { return }
        var answer = try message.slice(Int(try message.readUInt8()))
        guard try answer.readUInt8() == 0 else { return }
        try answer.skip(1)
        guard try answer.readUInt8() == 254 else { return }
        let type = UInt32(try answer.readUInt16())
        try answer.skip(3)
        let software = UInt32(try answer.readUInt8())
        try answer.skip(Swift.min(10, answer.remaining))
        // Before HART 7 the first byte of the type is the manufacturer's.
        let vendor = answer.remaining >= 2 ? UInt32(try answer.readUInt16()) : type >> 8
        add(.vendorID, vendor)
        add(.product, vendor, type)
        add(.firmware, software)
    }

    /// ADS discovery (Apache PLC4X, ads-discovery.mspec); all little-endian.
    /// ```
    /// 0x71146603 | request (4) | 0x80000001, a response (4) | AMS NetId (6) | port (2) | count (4) | { type (2) | length (2) | value }
    /// ```
    mutating func readADS(_ reader: inout ByteReader) throws(DecodeError) {
        guard try reader.readUInt32LittleEndian() == 0x7114_6603 else { throw reader.error(.unsupported) }
        try reader.skip(4)
        guard try reader.readUInt32LittleEndian() == 0x8000_0001 else { return }
        try reader.skip(12)
        var count = 0
        while reader.remaining >= 4, count < IndustrialDeclaration.maximumElements {
            count += 1
            let type = try reader.readUInt16LittleEndian()
            var value = try reader.slice(Int(try reader.readUInt16LittleEndian()))
            if type == 5 {
                try addText(.name, &value, count: value.remaining)
            } else if type == 3, value.remaining >= 4 {
                // TwinCAT: major, minor, build.
                let major = UInt32(try value.readUInt8())
                let minor = UInt32(try value.readUInt8())
                add(.version, major, minor, UInt32(try value.readUInt16LittleEndian()), separator: 0x2E)
            }
        }
    }
}
