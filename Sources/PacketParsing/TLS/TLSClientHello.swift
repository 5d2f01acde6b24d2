public import NetworkTypes

/// A TLS ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), as far as it tells of the client.
public struct TLSClientHello: Hashable, Sendable {
    /// Longest handshake message that is put together; post-quantum key shares make about 2 KB.
    public static let maximumLength = 16_384
    /// Most cipher suites, extensions, signature algorithms and versions, each.
    public static let maximumListCount = 512

    /// `client_version`, which TLS 1.3 froze.
    public let legacyVersion: UInt16
    /// In the order of preference, GREASE included.
    public let cipherSuites: [UInt16]
    /// Types in the order they were sent, GREASE included.
    public private(set) var extensions: [UInt16] = []
    /// Host name of server_name (RFC 6066 §3).
    public private(set) var serverName: ByteString?
    /// Protocols of ALPN (RFC 7301), in order.
    public private(set) var applicationProtocols: [ByteString] = []
    /// signature_algorithms, in order, GREASE included.
    public private(set) var signatureAlgorithms: [UInt16] = []
    /// supported_versions, in order, GREASE included.
    public private(set) var supportedVersions: [UInt16] = []

    /// What a client sends first: one or more handshake records (RFC 8446 §5.1) that hold the whole message.
    ///
    /// - Throws: `truncated` where more of it is still to come.
    public init(parsingRecords reader: inout ByteReader) throws(DecodeError) {
        var first = try TLSClientHello.record(&reader)
        if let length = TLSClientHello.messageLength(first), length <= first.remaining {
            var message = try first.slice(length)
            try self.init(parsing: &message)
            return
        }
        var joined: [UInt8] = []
        TLSClientHello.append(first, to: &joined)
        while true {
            var held = ByteReader(joined.span)
            guard let type = held.peek(), type == 1 else { throw reader.error(.unsupported) }
            if let length = TLSClientHello.messageLength(held) {
                guard length <= TLSClientHello.maximumLength else { throw reader.error(.limitExceeded) }
                if length <= held.remaining {
                    var message = try held.slice(length)
                    try self.init(parsing: &message)
                    return
                }
            }
            let next = try TLSClientHello.record(&reader)
            TLSClientHello.append(next, to: &joined)
        }
    }

    /// False where a client's handshake record goes on beyond these bytes, so that nothing new can be read yet: a hello in
    /// hundreds of segments is then not tried hundreds of times. A server's is read as far as it is there.
    public static func endsRecords(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 5, bytes[5] == 1 else { return true }
        var next = 0
        while next + 5 <= bytes.count, bytes[next] == 22 {
            next += 5 + (Int(bytes[next + 3]) << 8 | Int(bytes[next + 4]))
        }
        return next <= bytes.count
    }

    /// A handshake message, its type and length included.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        guard try reader.readUInt8() == 1 else { throw reader.error(.unsupported) }
        let length = Int(try reader.readUInt24())
        var body = try reader.slice(length)
        legacyVersion = try body.readUInt16()
        try body.skip(32)
        try body.skip(Int(try body.readUInt8()))
        let suitesLength = Int(try body.readUInt16())
        var suites = try body.slice(suitesLength)
        cipherSuites = try TLSClientHello.list(&suites)
        try body.skip(Int(try body.readUInt8()))
        guard !body.isAtEnd else { return }
        let extensionsLength = Int(try body.readUInt16())
        var all = try body.slice(extensionsLength)
        while !all.isAtEnd {
            guard extensions.count < TLSClientHello.maximumListCount else { throw all.error(.limitExceeded) }
            let type = try all.readUInt16()
            extensions.append(type)
            let contentLength = Int(try all.readUInt16())
            var content = try all.slice(contentLength)
            try readExtension(type, &content)
        }
    }

    private mutating func readExtension(_ type: UInt16, _ content: inout ByteReader) throws(DecodeError) {
        switch type {
        case 0:
            guard !content.isAtEnd else { return }
            try content.skip(2)
            while !content.isAtEnd {
                let kind = try content.readUInt8()
                let length = Int(try content.readUInt16())
                let name = try content.readBytes(length)
                if kind == 0, serverName == nil { serverName = ByteString(name) }
            }
        case 13:
            let length = Int(try content.readUInt16())
            var algorithms = try content.slice(length)
            signatureAlgorithms = try TLSClientHello.list(&algorithms)
        case 16:
            try content.skip(2)
            while !content.isAtEnd {
                guard applicationProtocols.count < TLSClientHello.maximumListCount else {
                    throw content.error(.limitExceeded)
                }
                let length = Int(try content.readUInt8())
                applicationProtocols.append(ByteString(try content.readBytes(length)))
            }
        case 43:
            let length = Int(try content.readUInt8())
            var versions = try content.slice(length)
            supportedVersions = try TLSClientHello.list(&versions)
        default: break
        }
    }

    /// The content of a handshake record.
    @_lifetime(copy reader)
    private static func record(_ reader: inout ByteReader) throws(DecodeError) -> ByteReader {
        guard try reader.readUInt8() == 22 else { throw reader.error(.unsupported) }
        guard try reader.readUInt8() == 3 else { throw reader.error(.unsupported) }
        try reader.skip(1)
        let length = Int(try reader.readUInt16())
        // RFC 8446 §5.1: no empty handshake fragments, none beyond 2^14.
        guard length > 0, length <= 16_384 else { throw reader.error(.malformed) }
        return try reader.slice(length)
    }

    /// Length of the handshake message at the start, its header included; nil where that is not there yet.
    private static func messageLength(_ reader: borrowing ByteReader) -> Int? {
        guard reader.remaining >= 4 else { return nil }
        var length = 0
        for distance in 1...3 { length = length << 8 | Int(reader.bytes[reader.position + distance]) }
        return length + 4
    }

    private static func append(_ reader: borrowing ByteReader, to bytes: inout [UInt8]) {
        for index in reader.position..<reader.end { bytes.append(reader.bytes[index]) }
    }

    private static func list(_ reader: inout ByteReader) throws(DecodeError) -> [UInt16] {
        guard reader.remaining / 2 <= maximumListCount else { throw reader.error(.limitExceeded) }
        var values: [UInt16] = []
        values.reserveCapacity(reader.remaining / 2)
        while !reader.isAtEnd { values.append(try reader.readUInt16()) }
        return values
    }
}
