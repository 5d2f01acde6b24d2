public import NetworkTypes

/// A NetBIOS name (RFC 1001 §14, RFC 1002 §4.1): up to fifteen bytes and a number that says what bears it.
public struct NetBIOSName: Hashable, Sendable {
    /// Without the blanks at its end.
    public let text: ByteString
    /// 0x00 workstation, 0x20 file server, 0x1B and 0x1C domain controllers.
    public let suffix: UInt8
    /// Shared by many: a workgroup.
    public internal(set) var isGroup: Bool

    /// Sixteen bytes as they are, in a node status.
    @inline(never)
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        text = ByteString(try reader.slice(15)).trimmed
        suffix = try reader.readUInt8()
        isGroup = false
    }

    /// In the form of a DNS name: each half of a byte is a letter from A on; the scope's labels are passed over.
    @inline(never)
    init(parsingEncoded reader: inout ByteReader) throws(DecodeError) {
        guard try reader.readUInt8() == 32 else { throw reader.error(.unsupported) }
        var bytes: [UInt8] = []
        for _ in 0..<16 {
            let high = try reader.readUInt8() &- 0x41
            let low = try reader.readUInt8() &- 0x41
            guard high < 16, low < 16 else { throw reader.error(.malformed) }
            bytes.append(high << 4 | low)
        }
        try DNSName.skip(&reader)
        var plain = ByteReader(bytes.span)
        try self.init(parsing: &plain)
    }
}
