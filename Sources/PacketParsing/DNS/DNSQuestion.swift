import NetworkTypes

/// What is asked for (RFC 1035 §4.1.2).
public struct DNSQuestion: Hashable, Sendable {
    /// The name.
    public var name: DNSName
    /// Which records of it.
    public var type: DNSRecordType
    /// In which class; its highest bit has a meaning in multicast DNS.
    public var recordClass: DNSClass

    /// A question.
    public init(name: DNSName, type: DNSRecordType, recordClass: DNSClass = .internet) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
    }

    init(parsing reader: inout ByteReader, messageStart: Int) throws(DecodeError) {
        name = try DNSName(parsing: &reader, messageStart: messageStart)
        type = DNSRecordType(rawValue: try reader.readUInt16())
        recordClass = DNSClass(rawValue: try reader.readUInt16())
    }
}
