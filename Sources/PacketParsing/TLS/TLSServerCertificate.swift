public import NetworkTypes

/// Whom a TLS server's certificate names (RFC 5280 §4.1), as far as TLS 1.2 and older send it in the clear
/// (RFC 5246 §7.4.2). Nothing is verified: who forges a certificate says so of itself.
///
/// The names stand near the certificate's start, so the rest of it need not be there.
public struct TLSServerCertificate: Hashable, Sendable {
    /// Most bytes of the handshake that are put together, up to the end of the subject.
    public static let maximumLength = 4096
    /// Most names of one side.
    public static let maximumNames = 8

    /// What a name is.
    public enum Attribute: UInt8, Hashable, Sendable {
        /// CN of the subject: `AXIS-ACCC8E010203`.
        case subjectName
        /// O of the subject.
        case subjectOrganization
        /// OU of the subject.
        case subjectUnit
        /// O of the issuer.
        case issuerOrganization
    }

    /// One of them.
    public struct Name: Hashable, Sendable {
        /// Which.
        public let attribute: Attribute
        /// As it stands in the certificate.
        public let value: ByteString
    }

    /// In the order of the certificate: the issuer before the subject.
    public private(set) var names: [Name] = []

    /// What a server sends first: handshake records with ServerHello and Certificate.
    ///
    /// - Throws: `truncated` where more is to come, `unsupported` where the handshake goes on encrypted (TLS 1.3), or
    ///   without a certificate.
    public init(parsingRecords reader: inout ByteReader) throws(DecodeError) {
        var joined: [UInt8] = []
        while joined.count < TLSServerCertificate.maximumLength, !reader.isAtEnd {
            guard try reader.readUInt16() == 0x1603 else { throw reader.error(.unsupported) }
            try reader.skip(1)
            let length = Int(try reader.readUInt16())
            // A record that goes on in the next segment is read as far as it is there.
            let part = try reader.slice(Swift.min(length, reader.remaining))
            joined.append(contentsOf: ByteString(part).bytes)
        }
        var messages = ByteReader(joined.span)
        while true {
            let type = try messages.readUInt8()
            let length = Int(try messages.readUInt24())
            guard type == 2 || type == 11 else { throw messages.error(.unsupported) }
            if type == 11 { break }
            try messages.skip(length)
        }
        // Length of the list, length of the first certificate.
        try messages.skip(6)
        try readCertificate(&messages)
    }

    /// A certificate alone, in DER.
    public init(parsingCertificate reader: inout ByteReader) throws(DecodeError) { try readCertificate(&reader) }

    /// ```
    /// Certificate { TBSCertificate { [0] version, serial, algorithm, issuer, validity, subject, … } … }
    /// ```
    private mutating func readCertificate(_ reader: inout ByteReader) throws(DecodeError) {
        for _ in 0..<2 { _ = try TLSServerCertificate.header(&reader, tag: 0x30) }
        if reader.peek() == 0xA0 { try TLSServerCertificate.skip(&reader, tag: 0xA0) }
        try TLSServerCertificate.skip(&reader, tag: 0x02)
        try TLSServerCertificate.skip(&reader, tag: 0x30)
        try readName(&reader, isSubject: false)
        try TLSServerCertificate.skip(&reader, tag: 0x30)
        try readName(&reader, isSubject: true)
    }

    /// SEQUENCE of SET of SEQUENCE { OBJECT IDENTIFIER, text }: containers are entered, values belong to the last
    /// identifier.
    private mutating func readName(_ reader: inout ByteReader, isSubject: Bool) throws(DecodeError) {
        let nameLength = try TLSServerCertificate.header(&reader, tag: 0x30)
        var name = try reader.slice(nameLength)
        var identifier: UInt32 = 0
        var count = 0
        while let tag = name.peek(), count < TLSServerCertificate.maximumNames {
            let length = try TLSServerCertificate.header(&name, tag: tag)
            if tag == 0x30 || tag == 0x31 { continue }
            var value = try name.slice(length)
            if tag == 0x06 {
                identifier = length == 3 ? try value.readUInt24() : 0
                continue
            }
            count += 1
            let attribute: Attribute
            // id-at: 2.5.4.3 commonName, .10 organizationName, .11 organizationalUnitName.
            switch identifier {
            case 0x55_0403 where isSubject: attribute = .subjectName
            case 0x55_040A: attribute = isSubject ? .subjectOrganization : .issuerOrganization
            case 0x55_040B where isSubject: attribute = .subjectUnit
            default: continue
            }
            names.append(Name(attribute: attribute, value: ByteString(value)))
        }
    }

    private static func skip(_ reader: inout ByteReader, tag: UInt8) throws(DecodeError) {
        try reader.skip(try header(&reader, tag: tag))
    }

    /// Tag and length of DER (X.690 §8.1); the length.
    @inline(never)
    private static func header(_ reader: inout ByteReader, tag: UInt8) throws(DecodeError) -> Int {
        guard try reader.readUInt8() == tag else { throw reader.error(.malformed) }
        let first = try reader.readUInt8()
        switch first {
        case 0..<0x80: return Int(first)
        case 0x81: return Int(try reader.readUInt8())
        case 0x82: return Int(try reader.readUInt16())
        default: throw reader.error(.malformed)
        }
    }
}
