public import NetworkTypes

/// The first line of either side of an SSH connection (RFC 4253 §4.2): `SSH-2.0-dropbear_2019.78`.
public struct SSHIdentification: Hashable, Sendable {
    /// Longest line with its end.
    public static let maximumLength = 255

    /// Software and comments: `OpenSSH_9.2p1 Debian-2`.
    public let software: ByteString

    /// The line; `truncated` where its end is still to come.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        guard reader.starts(with: SSHIdentification.prefix) else { throw reader.error(.unsupported) }
        try reader.skip(SSHIdentification.prefix.count)
        var text = ByteString()
        var isVersionOver = false
        while true {
            let byte = try reader.readUInt8()
            if byte == 0x0A { break }
            guard text.count < SSHIdentification.maximumLength else { throw reader.error(.limitExceeded) }
            if isVersionOver { text.append(byte: byte) }
            if byte == 0x2D { isVersionOver = true }
        }
        software = text.trimmed
    }

    /// `SSH-`
    public static let prefix: [UInt8] = [0x53, 0x53, 0x48, 0x2D]
}
