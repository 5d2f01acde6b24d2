public import NetworkTypes

/// The keys of a client's Initial packets. Whoever sees the first of them can make these: they protect against accidents
/// and old middleboxes, not against readers (RFC 9001 §5.2, §5.4; RFC 9369 §3.3).
public struct QUICInitialKeys: Sendable {
    /// The destination identifier of the client's first packet, of which they were made.
    public let identifier: [UInt8]
    private let key: [UInt8]
    private let vector: [UInt8]
    private let headerKey: [UInt8]

    /// RFC 9001 §5.2.
    private static let salt1: [UInt8] = [
        0x38, 0x76, 0x2C, 0xF7, 0xF5, 0x59, 0x34, 0xB3, 0x4D, 0x17, 0x9A, 0xE6, 0xA4, 0xC8, 0x0C, 0xAD, 0xCC, 0xBB,
        0x7F,
        0x0A,
    ]
    /// RFC 9369 §3.3.1.
    private static let salt2: [UInt8] = [
        0x0D, 0xED, 0xE3, 0xDE, 0xF7, 0x00, 0xA6, 0xDB, 0x81, 0x93, 0x81, 0xBE, 0x6E, 0x26, 0x9D, 0xCB, 0xF9, 0xBD,
        0x2E,
        0xD9,
    ]

    /// The keys for a connection that begins with this packet.
    public init(_ packet: QUICInitial, _ ciphers: CaptureCiphers) {
        let isFirst = packet.version == QUICInitial.version1
        identifier = packet.destinationIdentifier
        let shared = ciphers.hmacSHA256(isFirst ? QUICInitialKeys.salt1 : QUICInitialKeys.salt2, identifier)
        let secret = QUICInitialKeys.expand(shared, "client in", 32, ciphers)
        key = QUICInitialKeys.expand(secret, isFirst ? "quic key" : "quicv2 key", 16, ciphers)
        vector = QUICInitialKeys.expand(secret, isFirst ? "quic iv" : "quicv2 iv", 12, ciphers)
        headerKey = QUICInitialKeys.expand(secret, isFirst ? "quic hp" : "quicv2 hp", 16, ciphers)
    }

    /// HKDF-Expand-Label (RFC 8446 §7.1) without a context, of at most the 32 bytes that one block of HKDF gives.
    private static func expand(
        _ secret: [UInt8],
        _ label: ByteString,
        _ count: Int,
        _ ciphers: CaptureCiphers
    ) -> [UInt8] {
        var info: ByteString = "tls13 "
        info.append(label)
        let head = [0, UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: info.count)]
        return Array(ciphers.hmacSHA256(secret, head + info.bytes + [0, 1]).prefix(count))
    }

    /// The frames of a packet; nil where these are not its keys. `reader` is any over the same datagram.
    public func open(_ packet: QUICInitial, in reader: borrowing ByteReader, _ ciphers: CaptureCiphers) -> [UInt8]? {
        let start = packet.packetNumberStart
        // Four bytes of a packet number, were it that long, and sixteen to sample; the tag alone fills those.
        guard packet.end - start >= 20 else { return nil }
        var sample: [UInt8] = []
        for index in (start + 4)..<(start + 20) { sample.append(reader.bytes[index]) }
        guard let mask = ciphers.encryptAES(headerKey, sample) else { return nil }
        var header: [UInt8] = []
        for index in packet.start..<start { header.append(reader.bytes[index]) }
        header[0] ^= mask[0] & 0x0F
        let numberLength = Int(header[0] & 3) + 1
        var nonce = vector
        for index in 0..<numberLength {
            let byte = reader.bytes[start + index] ^ mask[1 + index]
            header.append(byte)
            nonce[12 - numberLength + index] ^= byte
        }
        var sealed: [UInt8] = []
        sealed.reserveCapacity(packet.end - start)
        for index in (start + numberLength)..<packet.end { sealed.append(reader.bytes[index]) }
        return ciphers.openAESGCM(key, nonce, header, sealed)
    }
}
