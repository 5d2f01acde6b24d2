public import NetworkTypes

/// Reads one response of HTTP/1.1 (RFC 9112) from bytes as they come.
///
/// Strict, and bounded by `Limits`: lines end in CR LF, a length is said once and in one way, header fields are not
/// folded. A response that two readers could end at different places is refused.
public struct HTTPResponseParser {
    /// Named limits.
    public enum Limits {
        /// Most bytes of status line and header fields, and of trailers.
        public static let headBytes = 16 << 10
        /// Most header fields.
        public static let headerCount = 100
        /// Most bytes of a body, where nobody says otherwise.
        public static let bodyBytes = 1 << 20
        /// Most bytes of a chunk's size line.
        public static let chunkLineBytes = 256
    }

    private enum State {
        case statusLine
        case headers
        case fixedBody(left: Int)
        case chunkSize
        case chunkData(left: Int)
        case chunkEnd
        case trailers
        case bodyUntilClose
        case done
        case failed(DecodeError)
    }

    private var state = State.statusLine
    private let expectsBody: Bool
    private let bodyLimit: Int
    private var line: [UInt8] = []
    private var headBytes = 0
    private var consumed = 0
    private var status: UInt16 = 0
    private var headers: [HTTPHeader] = []
    private var body: [UInt8] = []

    /// A parser for the answer to a request. `expectsBody` is false for the answer to HEAD; a body of more than `bodyLimit`
    /// bytes is refused with `limitExceeded`.
    public init(expectsBody: Bool = true, bodyLimit: Int = Limits.bodyBytes) {
        self.expectsBody = expectsBody
        self.bodyLimit = bodyLimit
    }

    /// Takes bytes off the front of `input`, which keeps what comes after the response (after an upgrade, the first
    /// frames). Returns the response once it is whole; nil where more bytes are needed. After an error every call
    /// throws it again. Interim responses (1xx but 101) are passed over.
    public mutating func read(_ input: inout [UInt8]) throws(DecodeError) -> HTTPResponse? {
        var index = 0
        defer { input.removeFirst(index) }
        if case .failed(let error) = state { throw error }
        do throws(DecodeError) {
            while index < input.count || isWhole {
                if isWhole { return finish() }
                try take(input, &index)
            }
            return isWhole ? finish() : nil
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Tells that the connection ended: the response where it is delimited by that, else an error.
    public mutating func readEnd() throws(DecodeError) -> HTTPResponse {
        if case .bodyUntilClose = state { return finish() }
        throw DecodeError(.truncated, at: consumed)
    }

    private var isWhole: Bool {
        guard case .done = state else { return false }
        return true
    }

    private mutating func finish() -> HTTPResponse {
        state = .failed(DecodeError(.trailingBytes, at: consumed))
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    private mutating func take(_ input: [UInt8], _ index: inout Int) throws(DecodeError) {
        switch state {
        case .fixedBody(let left):
            let count = takeBody(input, &index, left)
            state = count == left ? .done : .fixedBody(left: left - count)
        case .chunkData(let left):
            let count = takeBody(input, &index, left)
            state = count == left ? .chunkEnd : .chunkData(left: left - count)
        case .bodyUntilClose:
            guard body.count + (input.count - index) <= bodyLimit else {
                throw DecodeError(.limitExceeded, at: consumed)
            }
            _ = takeBody(input, &index, input.count - index)
        default:
            let byte = input[index]
            index += 1
            consumed += 1
            try takeLineByte(byte)
        }
    }

    private mutating func takeBody(_ input: [UInt8], _ index: inout Int, _ left: Int) -> Int {
        let count = Swift.min(left, input.count - index)
        body.append(contentsOf: input[index..<(index + count)])
        index += count
        consumed += count
        return count
    }

    private mutating func takeLineByte(_ byte: UInt8) throws(DecodeError) {
        guard byte == 0x0A else {
            line.append(byte)
            try checkLineLength()
            return
        }
        guard line.last == 0x0D else { throw DecodeError(.malformed, at: consumed) }
        line.removeLast()
        guard !line.contains(0x0D) else { throw DecodeError(.malformed, at: consumed) }
        let text = ByteString(line)
        line.removeAll(keepingCapacity: true)
        switch state {
        case .statusLine:
            status = try parseStatus(text)
            state = .headers
        case .headers: try takeHeader(text)
        case .trailers: if text.isEmpty { state = .done }
        case .chunkEnd:
            guard text.isEmpty else { throw DecodeError(.malformed, at: consumed) }
            state = .chunkSize
        case .chunkSize: try takeChunkSize(text)
        default: throw DecodeError(.malformed, at: consumed)
        }
    }

    private mutating func checkLineLength() throws(DecodeError) {
        switch state {
        case .chunkEnd where line != [0x0D]: throw DecodeError(.malformed, at: consumed)
        case .chunkSize, .chunkEnd:
            guard line.count <= Limits.chunkLineBytes else { throw DecodeError(.limitExceeded, at: consumed) }
        default:
            headBytes += 1
            guard headBytes <= Limits.headBytes else { throw DecodeError(.limitExceeded, at: consumed) }
        }
    }

    /// `HTTP/1.1 200 OK` (RFC 9112 §4)
    private func parseStatus(_ text: ByteString) throws(DecodeError) -> UInt16 {
        let bytes = text.bytes
        guard text.hasPrefix("HTTP/1.1 ") || text.hasPrefix("HTTP/1.0 "), bytes.count >= 12,
            bytes.count == 12 || bytes[12] == 0x20,
            let status = Decimal.parse(ByteString(Array(bytes[9..<12])), limit: 599), status >= 100
        else { throw DecodeError(.malformed, at: consumed) }
        return UInt16(status)
    }

    private mutating func takeHeader(_ text: ByteString) throws(DecodeError) {
        if text.isEmpty {
            try endHead()
            return
        }
        guard headers.count < Limits.headerCount else { throw DecodeError(.limitExceeded, at: consumed) }
        guard let colon = text.firstIndex(of: ":"), colon > 0 else { throw DecodeError(.malformed, at: consumed) }
        let name = ByteString(Array(text.bytes[..<colon]))
        let value = ByteString(Array(text.bytes[(colon + 1)...])).trimmed
        // A folded line begins with a blank, which no name may.
        guard name.bytes.allSatisfy(HTTPSyntax.isTokenByte), value.bytes.allSatisfy(HTTPSyntax.isValueByte) else {
            throw DecodeError(.malformed, at: consumed)
        }
        headers.append(HTTPHeader(name: name, value: value))
    }

    /// How long the body is (RFC 9112 §6.3).
    private mutating func endHead() throws(DecodeError) {
        if status < 200, status != 101 {
            headers.removeAll()
            state = .statusLine
            return
        }
        let codings = headers.filter { $0.name == "transfer-encoding" }
        let lengths = headers.filter { $0.name == "content-length" }
        if !expectsBody || status == 101 || status == 204 || status == 304 {
            state = .done
        } else if !codings.isEmpty {
            // Both at once is how requests are smuggled (RFC 9112 §6.1).
            guard lengths.isEmpty, codings.count == 1, codings[0].value.lowercasedASCII == "chunked" else {
                throw DecodeError(.unsupported, at: consumed)
            }
            state = .chunkSize
        } else if !lengths.isEmpty {
            guard lengths.count == 1, let length = Decimal.parse(lengths[0].value) else {
                throw DecodeError(.malformed, at: consumed)
            }
            guard length <= UInt64(bodyLimit) else { throw DecodeError(.limitExceeded, at: consumed) }
            state = length == 0 ? .done : .fixedBody(left: Int(length))
        } else {
            state = .bodyUntilClose
        }
    }

    /// `1a;extension` (RFC 9112 §7.1)
    private mutating func takeChunkSize(_ text: ByteString) throws(DecodeError) {
        var digits = text.split(0x3B)[0]
        while digits.bytes.last == 0x20 || digits.bytes.last == 0x09 { digits.bytes.removeLast() }
        guard !digits.isEmpty, digits.count <= 8 else { throw DecodeError(.malformed, at: consumed) }
        var size: UInt64 = 0
        for digit in digits.bytes {
            guard let nibble = Hexadecimal.value(digit) else { throw DecodeError(.malformed, at: consumed) }
            size = size << 4 | UInt64(nibble)
        }
        guard size <= UInt64(bodyLimit - body.count) else { throw DecodeError(.limitExceeded, at: consumed) }
        state = size == 0 ? .trailers : .chunkData(left: Int(size))
    }
}
