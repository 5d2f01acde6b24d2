public import NetworkTypes

/// What one side of an SSH connection offers: SSH_MSG_KEXINIT in its packet (RFC 4253 §6, §7.1).
///
/// ```
/// packet length (4) | padding length (1) | 20 (1) | cookie (16) | ten name-lists | first follows (1) | 0 (4) | padding
/// ```
public struct SSHKeyExchange: Hashable, Sendable {
    /// Longest packet that is read. OpenSSH's has about 1,500 bytes; the protocol allows 35,000.
    public static let maximumLength = 8000

    /// Which of the lists belong to HASSH: algorithms of the key exchange, then encryption, authentication and compression
    /// of one direction, client to server or server to client.
    private var lists: [ByteString] = []

    /// The packet; `truncated` where more of it is to come.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        let length = try reader.readUInt32()
        guard length > 22, length <= SSHKeyExchange.maximumLength else { throw reader.error(.unsupported) }
        var packet = try reader.slice(Int(length))
        try packet.skip(1)
        guard try packet.readUInt8() == 20 else { throw packet.error(.unsupported) }
        try packet.skip(16)
        for _ in 0..<8 {
            guard packet.remaining >= 4 else { throw packet.error(.malformed) }
            let count = try packet.readUInt32()
            guard count <= packet.remaining else { throw packet.error(.malformed) }
            lists.append(ByteString(try packet.readBytes(Int(count))))
        }
    }

    /// What HASSH is the MD5 of: `kex;encryption;mac;compression`, of the client's direction or of the server's.
    ///
    /// After github.com/salesforce/hassh (BSD 3-Clause).
    public func hasshText(isServer: Bool) -> ByteString {
        let direction = isServer ? 1 : 0
        return "\(lists[0]);\(lists[2 + direction]);\(lists[4 + direction]);\(lists[6 + direction])"
    }
}
