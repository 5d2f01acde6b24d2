internal import NetworkTypes

/// PROFINET DCP (IEC 61158-6-10 §4.3; Wireshark's packet-pn-dcp.c).
///
/// ```
/// frame (2) | service (1) | type (1) | transaction (4) | reserved (2) | length (2)
/// { option (1) | suboption (1) | length (2) | block information (2) | value | [padding to an even length] }
/// ```
extension IndustrialDeclaration {
    mutating func readProfinet(_ reader: inout ByteReader) throws(DecodeError) {
        let frame = try reader.readUInt16()
        // Hello, Get and Set, answers to Identify. Everything below is cyclic data.
        guard frame == 0xFEFC || frame == 0xFEFD || frame == 0xFEFF else { return }
        let service = try reader.readUInt8()
        let type = try reader.readUInt8()
        let announces = frame == 0xFEFC && service == 6 && type == 0
        let answers = (service == 3 || service == 5) && type == 1
        guard announces || answers else { return }
        try reader.skip(6)
        var blocks = try reader.slice(Int(try reader.readUInt16()))
        while blocks.remaining >= 4 {
            let option = try blocks.readUInt16()
            let length = Int(try blocks.readUInt16())
            var block = try blocks.slice(length)
            if length & 1 != 0, !blocks.isAtEnd { try blocks.skip(1) }
            guard length > 2 else { continue }
            try block.skip(2)
            try readDeviceProperty(&block, option)
        }
    }

    private mutating func readDeviceProperty(_ block: inout ByteReader, _ option: UInt16) throws(DecodeError) {
        switch option {
        case 0x0201: try addText(.model, &block, count: block.remaining)
        case 0x0202: try addText(.name, &block, count: block.remaining)
        case 0x0203:
            let vendor = UInt32(try block.readUInt16())
            add(.vendorID, vendor)
            add(.product, vendor, UInt32(try block.readUInt16()))
        case 0x0204:
            let roles = try block.readUInt8()
            if roles & 0x02 != 0 { add(.type, "controller") }
            if roles & 0x01 != 0 { add(.type, "device") }
            if roles & 0x08 != 0 { add(.type, "supervisor") }
        default: break
        }
    }
}
