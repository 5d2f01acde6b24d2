public import NetworkTypes

/// The names that the sender of a NetBIOS message says it bears. Questions, and what is said of others, give none.
public struct NetBIOSNames: Hashable, Sendable {
    /// Most names of one node status.
    public static let maximumNames = 32

    /// In the order of the message.
    public private(set) var names: [NetBIOSName] = []

    /// A packet of the name service, UDP port 137 (RFC 1002 §4.2), that came from `source`.
    ///
    /// ```
    /// transaction (2) | response, operation, flags (2) | counts of questions, answers, authorities, additionals (2 each)
    /// ```
    public init(parsingNameService reader: inout ByteReader, source: IPAddress) throws(DecodeError) {
        try reader.skip(2)
        let flags = try reader.readUInt16()
        let questions = try reader.readUInt16()
        let answers = try reader.readUInt16()
        try reader.skip(2)
        let additionals = try reader.readUInt16()
        if flags & 0x8000 == 0 {
            // Registration, refresh (8 and 9), multi-homed registration: the question names, the record says who.
            guard [5, 8, 9, 15].contains((flags >> 11) & 0xF), questions == 1, additionals == 1 else { return }
            let name = try NetBIOSName(parsingEncoded: &reader)
            try reader.skip(4)
            try DNSName.skip(&reader)
            try readRecord(&reader, name, source)
        } else if (flags >> 11) & 0xF == 0, flags & 0xF == 0, questions == 0, answers > 0 {
            let name = try NetBIOSName(parsingEncoded: &reader)
            try readRecord(&reader, name, source)
        }
    }

    /// Type, class, time to live and data of a resource record.
    private mutating func readRecord(
        _ reader: inout ByteReader,
        _ name: NetBIOSName,
        _ source: IPAddress
    ) throws(DecodeError) {
        let type = try reader.readUInt16()
        try reader.skip(6)
        let length = Int(try reader.readUInt16())
        var data = try reader.slice(length)
        if type == 0x20 {
            while data.remaining >= 6 {
                let flags = try data.readUInt16()
                if try IPAddress(parsingV4: &data) == source { add(name, flags) }
            }
        } else if type == 0x21 {
            for _ in 0..<(try data.readUInt8()) {
                let name = try NetBIOSName(parsing: &data)
                add(name, try data.readUInt16())
            }
        }
    }

    private mutating func add(_ name: NetBIOSName, _ flags: UInt16) {
        guard names.count < NetBIOSNames.maximumNames else { return }
        names.append(name)
        names[names.count - 1].isGroup = flags & 0x8000 != 0
    }

    /// A datagram, UDP port 138 (RFC 1002 §4.4), that came from `source`: it begins with who sends it.
    ///
    /// ```
    /// type (1) | flags (1) | identifier (2) | address (4) | port (2) | length (2) | offset (2) | source name | ...
    /// ```
    public init(parsingDatagram reader: inout ByteReader, source: IPAddress) throws(DecodeError) {
        // Direct unique, direct group, broadcast.
        guard (0x10...0x12).contains(try reader.readUInt8()) else { return }
        try reader.skip(3)
        guard try IPAddress(parsingV4: &reader) == source else { return }
        try reader.skip(6)
        names.append(try NetBIOSName(parsingEncoded: &reader))
    }
}
