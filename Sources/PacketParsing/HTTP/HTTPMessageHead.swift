public import NetworkTypes

/// The first line and the header fields of an HTTP/1 message (RFC 9112 §2), also of SSDP, RTSP (RFC 2326, RFC 7826) and
/// SIP (RFC 3261 §7), which borrow the form.
///
/// Reads what devices send, which is not always what the RFC asks for: bare line feeds, blanks before a colon,
/// lines without a colon (passed over).
public struct HTTPMessageHead: Hashable, Sendable {
    /// Longest head.
    public static let maximumLength = 8192
    /// Most fields; the rest is passed over.
    public static let maximumFields = 64

    /// One header field.
    public struct Field: Hashable, Sendable {
        /// In lower case.
        public let name: ByteString
        /// Without blanks at its ends.
        public let value: ByteString
    }

    /// Whose message, by the version in its first line.
    public enum Form: UInt8, Hashable, Sendable {
        /// `HTTP/1.1`, also SSDP
        case http
        /// `RTSP/1.0`, `RTSP/2.0`
        case rtsp
        /// `SIP/2.0`
        case sip
    }

    /// What the first line says.
    public enum Start: Hashable, Sendable {
        /// `GET /index.html HTTP/1.1`
        case request(method: ByteString, target: ByteString)
        /// `HTTP/1.1 200 OK`
        case response(status: UInt16)
    }

    /// HTTP, RTSP or SIP.
    public let form: Form
    /// First line.
    public let start: Start
    /// Fields in order.
    public let fields: [Field]

    /// A head with the empty line that ends it; the reader is left at the body.
    ///
    /// - Throws: `truncated` where the empty line is still to come, `limitExceeded` where it never came,
    ///   `unsupported` where the first line is none of theirs.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        try self.init(parsing: &reader, isWhole: false)
    }

    /// A head whose bytes are all there, as in a datagram: the empty line at its end may be missing.
    public init(parsingDatagram reader: inout ByteReader) throws(DecodeError) {
        try self.init(parsing: &reader, isWhole: true)
    }

    private init(parsing reader: inout ByteReader, isWhole: Bool) throws(DecodeError) {
        let headStart = reader.position
        var line = try HTTPMessageHead.line(&reader, isWhole: isWhole)
        (form, start) = try HTTPMessageHead.start(&line)
        var fields: [Field] = []
        while true {
            if isWhole, reader.isAtEnd { break }
            var line = try HTTPMessageHead.line(&reader, isWhole: isWhole)
            guard reader.position - headStart <= HTTPMessageHead.maximumLength else {
                throw reader.error(.limitExceeded)
            }
            if line.isAtEnd { break }
            guard fields.count < HTTPMessageHead.maximumFields else { continue }
            if let field = HTTPMessageHead.field(&line) { fields.append(field) }
        }
        self.fields = fields
    }

    /// The value of the first field of this name, given in lower case.
    public subscript(name: ByteString) -> ByteString? {
        @inline(never)
        get { fields.first { $0.name == name }?.value }
    }

    /// Up to the next line feed, without it and a carriage return before it.
    @_lifetime(copy reader)
    private static func line(_ reader: inout ByteReader, isWhole: Bool) throws(DecodeError) -> ByteReader {
        let limit = Swift.min(reader.end, reader.position + maximumLength)
        var index = reader.position
        while index < limit, reader.bytes[index] != 0x0A { index += 1 }
        guard index < limit || isWhole && limit == reader.end else {
            throw reader.error(limit < reader.end || reader.remaining >= maximumLength ? .limitExceeded : .truncated)
        }
        var line = try reader.slice(index - reader.position)
        if index < limit { try reader.skip(1) }
        if line.remaining > 0, line.bytes[line.end - 1] == 0x0D { line = try line.slice(line.remaining - 1) }
        return line
    }

    private static func start(_ line: inout ByteReader) throws(DecodeError) -> (Form, Start) {
        let first = word(&line)
        let second = word(&line)
        if let form = form(first, isFirst: true) {
            guard let status = Decimal.parse(second, limit: 999) else { throw line.error(.unsupported) }
            return (form, .response(status: UInt16(truncatingIfNeeded: status)))
        }
        // Request targets may hold blanks where clients are careless; the version is the last word.
        guard !first.isEmpty, first.count <= 16, let form = form(ByteString(line), isFirst: false) else {
            throw line.error(.unsupported)
        }
        for byte in first.bytes where byte < 0x41 && byte != 0x2D || byte > 0x5A { throw line.error(.unsupported) }
        return (form, .request(method: first, target: second))
    }

    private static let versions: [(ByteString, Form)] = [("HTTP/1.", .http), ("RTSP/", .rtsp), ("SIP/2.", .sip)]

    /// The form whose version is in the text, or is all its beginning.
    private static func form(_ text: ByteString, isFirst: Bool) -> Form? {
        for (version, form) in versions {
            if let index = text.firstIndex(of: version), index == 0 || !isFirst { return form }
        }
        return nil
    }

    /// Bytes up to a blank, and the blanks after it.
    private static func word(_ line: inout ByteReader) -> ByteString {
        var word = ByteString()
        while let byte = line.peek(), byte != 0x20 {
            word.append(byte: byte)
            guard (try? line.skip(1)) != nil else { break }
        }
        while line.peek() == 0x20, (try? line.skip(1)) != nil {}
        return word
    }

    private static func field(_ line: inout ByteReader) -> Field? {
        var name = ByteString()
        while let byte = line.peek(), byte != 0x3A {
            name.append(byte: byte)
            guard (try? line.skip(1)) != nil else { return nil }
        }
        guard line.peek() == 0x3A, (try? line.skip(1)) != nil else { return nil }
        let trimmed = name.trimmed
        guard !trimmed.isEmpty else { return nil }
        return Field(name: trimmed.lowercasedASCII, value: ByteString(line).trimmed)
    }
}
