public import NetworkTypes

/// What a client's Initial packets carry of its handshake: the CRYPTO frames (RFC 9000 §19.6), put together.
public struct QUICHandshake: Sendable {
    /// Most bytes; a ClientHello with a post-quantum key share has about 2 KB.
    public static let maximumLength = 8192
    /// Most frames of one packet. Some clients cut their ClientHello into dozens of pieces on purpose.
    public static let maximumFrames = 256

    private var buffer = ReassemblyBuffer(limit: QUICHandshake.maximumLength)

    /// Nothing yet.
    public init() {}

    /// Adds the frames of one packet.
    public mutating func add(frames reader: inout ByteReader) throws(DecodeError) {
        var count = 0
        while let type = reader.peek() {
            try reader.skip(1)
            // Padding fills the packet, one byte a frame.
            if type == 0 { continue }
            guard count < QUICHandshake.maximumFrames else { throw reader.error(.limitExceeded) }
            count += 1
            switch type {
            case 1: break
            case 2, 3:
                // Largest, delay, count of ranges, first range; then two for each; then three of ECN.
                var numbers = 4
                var index = 0
                while index < numbers {
                    let value = try QUICInitial.number(&reader)
                    if index == 2 {
                        guard value <= UInt64(reader.remaining) else { throw reader.error(.truncated) }
                        numbers += Int(value) * 2 + (type == 3 ? 3 : 0)
                    }
                    index += 1
                }
            case 6:
                let offset = try QUICInitial.variableLength(&reader)
                let length = try QUICInitial.variableLength(&reader)
                let piece = try reader.slice(length)
                if case .refused = buffer.insert(piece, at: offset) { throw reader.error(.limitExceeded) }
            // What ends a connection ends what can be read.
            case 0x1C: return
            default: throw reader.error(.malformed)
            }
        }
    }

    /// The ClientHello; nil where more of it is still to come.
    public func clientHello() throws(DecodeError) -> TLSClientHello? {
        let bytes = buffer.contiguous
        guard bytes.count >= 4 else { return nil }
        let length = Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])
        guard bytes[0] == 1, length + 4 <= QUICHandshake.maximumLength else { throw DecodeError(.unsupported, at: 0) }
        guard bytes.count >= length + 4 else { return nil }
        var reader = ByteReader(bytes.span)
        return try TLSClientHello(parsing: &reader)
    }
}
