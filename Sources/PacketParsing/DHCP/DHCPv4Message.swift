public import NetworkTypes

/// A DHCPv4 message (RFC 2131 §2).
///
/// ```
/// op (1) | htype (1) | hlen (1) | hops (1) | xid (4) | secs (2) | flags (2)
/// ciaddr (4) | yiaddr (4) | siaddr (4) | giaddr (4) | chaddr (16) | sname (64) | file (128)
/// magic cookie (4) | options
/// ```
public struct DHCPv4Message: Hashable, Sendable {
    /// Most pieces of options in one message; real ones have below 40.
    public static let maximumOptions = 255
    private static let magicCookie: UInt32 = 0x6382_5363

    /// Which of the two directions.
    public enum Operation: UInt8, Hashable, Sendable {
        /// BOOTREQUEST: from a client.
        case request = 1
        /// BOOTREPLY: from a server.
        case reply = 2
    }

    /// Direction.
    public let operation: Operation
    /// The transaction.
    public let transaction: UInt32
    /// The client's MAC address; nil where the hardware is not Ethernet.
    public let clientMAC: MACAddress?
    /// What the client holds already, or 0.0.0.0.
    public let clientAddress: IPAddress
    /// What the server gives it, or 0.0.0.0.
    public let yourAddress: IPAddress
    /// The relay between them, or 0.0.0.0.
    public let relayAddress: IPAddress
    /// All options in the order of their first pieces, without pad and end.
    public private(set) var options: [DHCPv4Option] = []

    /// A message with a magic cookie; plain BOOTP is unsupported.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        guard let operation = Operation(rawValue: try reader.readUInt8()) else { throw reader.error(.unsupported) }
        self.operation = operation
        let hardware = try reader.readUInt8()
        let hardwareLength = try reader.readUInt8()
        try reader.skip(1)
        transaction = try reader.readUInt32()
        try reader.skip(4)
        clientAddress = try IPAddress(parsingV4: &reader)
        yourAddress = try IPAddress(parsingV4: &reader)
        try reader.skip(4)
        relayAddress = try IPAddress(parsingV4: &reader)
        var hardwareAddress = try reader.slice(16)
        clientMAC = hardware == 1 && hardwareLength == 6 ? try MACAddress(parsing: &hardwareAddress) : nil
        var serverName = try reader.slice(64)
        var file = try reader.slice(128)
        guard try reader.readUInt32() == DHCPv4Message.magicCookie else { throw reader.error(.unsupported) }
        var pieces = 0
        try readOptions(&reader, &pieces)
        // RFC 3396 §5: options, then file, then sname.
        let overload = self[52]?.data.first ?? 0
        if overload & 1 != 0 { try readOptions(&file, &pieces) }
        if overload & 2 != 0 { try readOptions(&serverName, &pieces) }
    }

    private mutating func readOptions(_ reader: inout ByteReader, _ pieces: inout Int) throws(DecodeError) {
        while let code = reader.peek() {
            try reader.skip(1)
            if code == 255 { return }
            if code == 0 { continue }
            guard pieces < DHCPv4Message.maximumOptions else { throw reader.error(.limitExceeded) }
            pieces += 1
            let length = Int(try reader.readUInt8())
            let data = try reader.readBytes(length)
            if let index = options.firstIndex(where: { $0.code == code }) {
                options[index].data += data
            } else {
                options.append(DHCPv4Option(code: code, data: data))
            }
        }
    }

    /// The option with this code, if it is there.
    public subscript(code: UInt8) -> DHCPv4Option? { options.first { $0.code == code } }

    /// Option 53: 1 DISCOVER, 3 REQUEST, 4 DECLINE, 7 RELEASE, 8 INFORM; 0 without one.
    public var messageType: UInt8 { self[53]?.data.first ?? 0 }

    /// Option 50, the address the client would like.
    public var requestedAddress: IPAddress? {
        self[50].flatMap { $0.data.count == 4 ? IPAddress(octets: $0.data) : nil }
    }

    /// Option 81, the name alone, in either of its encodings (RFC 4702 §2.3).
    public var fullyQualifiedName: ByteString? {
        guard let option = self[81], option.data.count > 3 else { return nil }
        let name = Array(option.data.dropFirst(3))
        guard option.data[0] & 0x04 != 0 else { return DHCPv4Option(code: 81, data: name).text }
        return DNSName.text(ofPartial: name)
    }
}
