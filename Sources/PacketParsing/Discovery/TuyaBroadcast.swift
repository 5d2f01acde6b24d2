public import NetworkTypes

/// What a Tuya device tells everybody, encrypted with a key that is the same for all of them (tinytuya, PROTOCOL.md;
/// localtuya, discovery.py).
///
/// ```
/// up to 3.4  000055AA | sequence (4) | command (4) | length (4) | return code (4) | AES-ECB | checksum (4) | 0000AA55
/// 3.5        00006699 | 0 (2) | sequence (4) | command (4) | length (4) | nonce (12) | AES-GCM | tag (16) | 00009966
/// ```
public enum TuyaBroadcast {
    /// Longest that is decrypted.
    public static let maximumLength = 1024

    /// MD5 of `yGAdlopoPVldABfn`.
    private static let key: [UInt8] = [
        0x6C, 0x1E, 0xC8, 0xE2, 0xBB, 0x9B, 0xB5, 0x9A, 0xB5, 0x0B, 0x0D, 0xAF, 0x64, 0x9B, 0x41, 0x0A,
    ]

    /// The text of a whole datagram, with what pads it; nil where the key does not open it, or it is no such frame.
    public static func open(_ reader: borrowing ByteReader, _ ciphers: CaptureCiphers) -> [UInt8]? {
        guard reader.remaining <= maximumLength else { return nil }
        if reader.starts(with: [0, 0, 0x55, 0xAA]) {
            var frame = ByteReader(reader.bytes, from: reader.position + 12, to: reader.end)
            guard let length = try? frame.readUInt32(), length == frame.remaining, let sealed = part(reader, 20, 8),
                let plain = ciphers.decryptAES(key, sealed)
            else { return nil }
            // Nothing proves that it was this key but that an object of JSON comes out.
            return plain.first == 0x7B ? plain : nil
        }
        guard reader.starts(with: [0, 0, 0x66, 0x99]), let sealed = part(reader, 30, 4),
            let associated = part(reader, 4, reader.remaining - 18),
            let nonce = part(reader, 18, reader.remaining - 30)
        else { return nil }
        return ciphers.openAESGCM(key, nonce, associated, sealed)
    }

    /// What lies between so many bytes from the start and so many from the end.
    private static func part(_ reader: borrowing ByteReader, _ front: Int, _ back: Int) -> [UInt8]? {
        guard back >= 0, front + back <= reader.remaining else { return nil }
        let piece = ByteReader(reader.bytes, from: reader.position + front, to: reader.end - back)
        return ByteString(piece).bytes
    }
}
