public import NetworkTypes

/// What an industrial or building device declares of itself, to whoever asked it or to everybody.
///
/// Only answers and announcements make a statement: who asks a controller for its name is none. An answer that speaks for
/// another device than its sender (behind a router or gateway) says of the sender at most that it passes on.
public struct IndustrialDeclaration: Hashable, Sendable {
    /// Most statements of one message.
    public static let maximumStatements = 32
    /// Longest value; what is longer is cut.
    public static let maximumValueLength = 240
    /// Most elements of one message that are looked at.
    static let maximumElements = 128

    /// Which protocol.
    public enum Form: UInt8, Hashable, Sendable {
        /// EtherNet/IP, TCP and UDP port 44818: reply to ListIdentity (ODVA, CIP Volume 2, §2-4.2).
        case etherNetIP
        /// BACnet/IP, UDP port 47808: I-Am, ReadProperty-Ack, ReadPropertyMultiple-Ack (ANSI/ASHRAE 135).
        case bacnet
        /// Modbus/TCP, TCP port 502: Read Device Identification ("MODBUS Application Protocol" 1.1b3 §6.21), and UMAS.
        case modbus
        /// Siemens S7 communication, TCP port 102: system status lists 0x0011 and 0x001C.
        case s7
        /// PROFINET DCP, EtherType 0x8892: answers to Identify and Get, Hello (IEC 61158-6-10).
        case profinet
        /// KNXnet/IP, UDP and TCP port 3671: search and description responses (ISO 22510, KNX 03.08.02).
        case knx
        /// SNMP, UDP port 161: response with the system group (RFC 1157, RFC 3416; RFC 3418 §2).
        case snmp
        /// CoAP, UDP port 5683: responses, links among them (RFC 7252, RFC 6690).
        case coap
        /// Omron FINS, UDP and TCP port 9600: response to Controller Data Read (Omron W342 §5-3-9).
        case fins
        /// Mitsubishi MELSOFT and SLMP, UDP port 5006, TCP port 5007: the name of the CPU.
        case melsec
        /// HART-IP, UDP and TCP port 5094: response to command 0 (FieldComm Group, TS20085; HCF_SPEC-127 §6.1).
        case hart
        /// Beckhoff ADS, UDP port 48899: discovery response.
        case ads
    }

    /// All that is declared, in the order of the message.
    public internal(set) var statements: [DeviceAnnouncement.Statement] = []
    /// Whether the message was about another device than its sender.
    public internal(set) var isRelayed = false
    /// Whether all bytes of the message are there, as its own length has it.
    private var isWhole = false

    /// The first value for a subject, or nil.
    public subscript(subject: DeviceAnnouncement.Subject) -> ByteString? {
        statements.first { $0.subject == subject }?.value
    }

    /// A whole message, without the headers of the layers below it. `source` is the address it came from, if any.
    ///
    /// Throws `truncated` where a message of a stream goes on in the next segment.
    public init(parsing reader: inout ByteReader, form: Form, source: IPAddress?) throws(DecodeError) {
        do throws(DecodeError) {
            try read(&reader, form, source)
        } catch {
            // What is whole but too short inside does not get better with the next segment.
            guard isWhole, error.reason == .truncated else { throw error }
            throw DecodeError(.malformed, at: error.offset)
        }
    }

    private mutating func read(
        _ reader: inout ByteReader,
        _ form: Form,
        _ source: IPAddress?
    ) throws(DecodeError) {
        switch form {
        case .etherNetIP: try readEtherNetIP(&reader)
        case .bacnet: try readBACnet(&reader, source)
        case .modbus: try readModbus(&reader)
        case .s7: try readS7(&reader)
        case .profinet: try readProfinet(&reader)
        case .knx: try readKNX(&reader, source)
        case .snmp: try readSNMP(&reader)
        case .coap: try readCoAP(&reader)
        case .fins: try readFINS(&reader)
        case .melsec: try readMELSEC(&reader)
        case .hart: try readHART(&reader)
        case .ads: try readADS(&reader)
        }
    }

    /// The next `count` bytes, with which the message is whole.
    @_lifetime(copy reader)
    mutating func body(_ reader: inout ByteReader, count: Int) throws(DecodeError) -> ByteReader {
        let body = try reader.slice(count)
        isWhole = true
        return body
    }

    @inline(never)
    mutating func add(_ subject: DeviceAnnouncement.Subject, _ value: ByteString) {
        guard !value.isEmpty, statements.count < IndustrialDeclaration.maximumStatements else { return }
        statements.append(DeviceAnnouncement.Statement(subject: subject, value: value))
    }

    /// Numbers in decimal, with `separator` between them: `1/12/58`.
    @inline(never)
    mutating func add(
        _ subject: DeviceAnnouncement.Subject,
        _ first: UInt32,
        _ second: UInt32? = nil,
        _ third: UInt32? = nil,
        separator: UInt8 = 0x2F
    ) {
        var text = ByteString()
        text.append(decimal: first)
        for number in [second, third] {
            guard let number else { break }
            text.append(byte: separator)
            text.append(decimal: number)
        }
        add(subject, text)
    }

    /// The text of the next `count` bytes up to the first zero, without blanks around it. What has control characters in
    /// it is none.
    @inline(never)
    mutating func addText(
        _ subject: DeviceAnnouncement.Subject,
        _ reader: inout ByteReader,
        count: Int
    ) throws(DecodeError) {
        add(subject, IndustrialDeclaration.text(try reader.slice(count)))
    }

    @inline(never)
    static func text(_ reader: borrowing ByteReader) -> ByteString {
        var text = ByteString()
        for index in reader.position..<reader.end {
            let byte = reader.bytes[index]
            if byte == 0 || text.count == maximumValueLength { break }
            // Line ends and tabs stand in descriptions.
            guard byte >= 0x20 && byte != 0x7F || byte >= 0x09 && byte <= 0x0D else { return ByteString() }
            text.append(byte: byte)
        }
        return text.trimmed
    }
}
