public import NetworkTypes

/// What a DNS record says. Types that may hold compressed names are taken apart, so that the record can be written
/// into another message; all others stay bytes (RFC 3597 §4).
public enum DNSRecordData: Hashable, Sendable {
    /// A, AAAA.
    case address(IPAddress)
    /// CNAME, NS, PTR, DNAME.
    case name(DNSName)
    /// SRV.
    case service(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName)
    /// MX.
    case mailExchange(preference: UInt16, host: DNSName)
    /// SOA; `numbers` are serial, refresh, retry, expire and minimum, all but the first in seconds.
    case startOfAuthority(primary: DNSName, mailbox: DNSName, numbers: [UInt32])
    /// TXT: its strings, at least one, of up to 255 bytes each.
    case text([ByteString])
    /// Everything else, as it is on the wire: OPT, SVCB, HTTPS, DNSSEC types and so on.
    case raw([UInt8])

    /// The data of a record of `type` that fill all of `reader`.
    init(parsing reader: inout ByteReader, type: DNSRecordType, messageStart: Int) throws(DecodeError) {
        switch type {
        case .a: self = .address(try IPAddress(parsingV4: &reader))
        case .aaaa: self = .address(try IPAddress(parsingV6: &reader))
        case .ns, .cname, .ptr, .dname: self = .name(try DNSName(parsing: &reader, messageStart: messageStart))
        case .srv:
            let priority = try reader.readUInt16()
            let weight = try reader.readUInt16()
            let port = try reader.readUInt16()
            let target = try DNSName(parsing: &reader, messageStart: messageStart)
            self = .service(priority: priority, weight: weight, port: port, target: target)
        case .mx:
            let preference = try reader.readUInt16()
            self = .mailExchange(
                preference: preference,
                host: try DNSName(parsing: &reader, messageStart: messageStart)
            )
        case .soa:
            let primary = try DNSName(parsing: &reader, messageStart: messageStart)
            let mailbox = try DNSName(parsing: &reader, messageStart: messageStart)
            var numbers: [UInt32] = []
            for _ in 0..<5 { numbers.append(try reader.readUInt32()) }
            self = .startOfAuthority(primary: primary, mailbox: mailbox, numbers: numbers)
        case .txt:
            var strings: [ByteString] = []
            while !reader.isAtEnd {
                let length = Int(try reader.readUInt8())
                strings.append(ByteString(try reader.readBytes(length)))
            }
            self = .text(strings)
        default: self = .raw(try reader.readBytes(reader.remaining))
        }
        guard reader.isAtEnd else { throw reader.error(.trailingBytes) }
    }

    /// Appends the data. Only names of RFC 1035's own types may be compressed (RFC 3597 §4).
    func write(to writer: inout DNSWriter) {
        switch self {
        case .address(let address): writer.append(address.octets)
        case .name(let name): writer.append(name, compressing: true)
        case .service(let priority, let weight, let port, let target):
            writer.append(priority)
            writer.append(weight)
            writer.append(port)
            writer.append(target, compressing: false)
        case .mailExchange(let preference, let host):
            writer.append(preference)
            writer.append(host, compressing: true)
        case .startOfAuthority(let primary, let mailbox, let numbers):
            writer.append(primary, compressing: true)
            writer.append(mailbox, compressing: true)
            for index in 0..<5 { writer.append(index < numbers.count ? numbers[index] : 0) }
        case .text(let strings):
            if strings.isEmpty { writer.append([0]) }
            for string in strings {
                let length = Swift.min(string.count, 255)
                writer.append([UInt8(truncatingIfNeeded: length)])
                writer.append(Array(string.bytes.prefix(length)))
            }
        case .raw(let bytes): writer.append(bytes)
        }
    }
}
