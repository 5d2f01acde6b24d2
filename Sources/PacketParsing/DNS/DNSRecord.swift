public import NetworkTypes

/// A resource record (RFC 1035 §4.1.3).
///
/// ```
/// name | type (2) | class (2) | TTL (4) | length (2) | data
/// ```
public struct DNSRecord: Hashable, Sendable {
    /// Whose record.
    public var name: DNSName
    /// Which kind.
    public var type: DNSRecordType
    /// In which class; its highest bit has a meaning in multicast DNS.
    public var recordClass: DNSClass
    /// How long it may be kept, in seconds. In an OPT record these are flags (RFC 6891 §6.1.3).
    public var timeToLiveSeconds: UInt32
    /// What it says.
    public var data: DNSRecordData

    /// A record.
    public init(
        name: DNSName,
        type: DNSRecordType,
        recordClass: DNSClass = .internet,
        timeToLiveSeconds: UInt32,
        data: DNSRecordData
    ) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
        self.timeToLiveSeconds = timeToLiveSeconds
        self.data = data
    }

    /// An A or AAAA record.
    public init(name: DNSName, address: IPAddress, timeToLiveSeconds: UInt32) {
        self.init(
            name: name,
            type: address.family == .v4 ? .a : .aaaa,
            timeToLiveSeconds: timeToLiveSeconds,
            data: .address(address)
        )
    }

    /// The address of an A or AAAA record.
    public var address: IPAddress? {
        if case .address(let address) = data { return address }
        return nil
    }

    /// Where a CNAME or DNAME record leads, or what an NS or PTR record names.
    public var target: DNSName? {
        if case .name(let name) = data { return name }
        return nil
    }

    init(parsing reader: inout ByteReader, messageStart: Int) throws(DecodeError) {
        name = try DNSName(parsing: &reader, messageStart: messageStart)
        type = DNSRecordType(rawValue: try reader.readUInt16())
        recordClass = DNSClass(rawValue: try reader.readUInt16())
        timeToLiveSeconds = try reader.readUInt32()
        let length = Int(try reader.readUInt16())
        var content = try reader.slice(length)
        if length == 0, type != .a, type != .aaaa {
            // Dynamic updates and mDNS probes carry empty data (RFC 2136 §2.4).
            data = .raw([])
        } else {
            data = try DNSRecordData(parsing: &content, type: type, messageStart: messageStart)
        }
    }

    func write(to writer: inout DNSWriter) {
        writer.append(name, compressing: true)
        writer.append(type.rawValue)
        writer.append(recordClass.rawValue)
        writer.append(timeToLiveSeconds)
        writer.appendLengthPrefixed { (inner: inout DNSWriter) in data.write(to: &inner) }
    }
}
