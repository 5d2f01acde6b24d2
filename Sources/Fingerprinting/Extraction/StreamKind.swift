import NetworkTypes

/// What the first bytes of a TCP segment look like.
enum StreamKind: UInt8, Sendable {
    /// A handshake record with a ClientHello or a ServerHello.
    case tls
    /// A request or a response of HTTP, RTSP or SIP, or an SSH identification: lines of text.
    case http
    /// A CONNECT.
    case mqtt
    /// The key exchange after an SSH identification.
    case ssh
    /// The body after a response's head, of which the title is wanted.
    case html
    /// The body of an answer of the Internet Printing Protocol.
    case printer
    /// What a server at a port of `SignalExtractor.industrialForm` answers.
    case industrial

    /// The kind of message that begins here, or could begin if more bytes were there; nil for none.
    static func sniff(_ payload: borrowing ByteReader) -> StreamKind? {
        guard let first = payload.peek() else { return nil }
        switch first {
        case 0x16:
            guard matches(payload.peek(1), 3), matches(payload.peek(5), 1) || matches(payload.peek(5), 2) else {
                return nil
            }
            return .tls
        case 0x10:
            // Shortest CONNECT: a remaining length of 12; the flags' bits are zero.
            return matches(payload.peek(2), 0) || (payload.peek(1) ?? 0x80) & 0x80 != 0 ? .mqtt : nil
        case 0x43...0x55: return beginsLikeText(payload) ? .http : nil
        default: return nil
        }
    }

    private static func matches(_ byte: UInt8?, _ expected: UInt8) -> Bool { byte == nil || byte == expected }

    /// HTTP, GET, POST, PUT, HEAD, OPTI(ONS), DELE(TE), CONN(ECT), NOTI(FY), SUBS(CRIBE), UNSU(BSCRIBE);
    /// RTSP, DESC(RIBE), SETU(P), PLAY; SIP/, REGI(STER), INVI(TE); SSH-
    private static let words: [UInt32] = [
        0x4854_5450, 0x4745_5420, 0x504F_5354, 0x5055_5420, 0x4845_4144, 0x4F50_5449, 0x4445_4C45, 0x434F_4E4E,
        0x4E4F_5449, 0x5355_4253, 0x554E_5355, 0x5254_5350, 0x4445_5343, 0x5345_5455, 0x504C_4159, 0x5349_502F,
        0x5245_4749, 0x494E_5649, 0x5353_482D,
    ]

    /// Whether the first four bytes are those of one of the words, or as many of them as are there.
    private static func beginsLikeText(_ payload: borrowing ByteReader) -> Bool {
        var word: UInt32 = 0
        let count = Swift.min(payload.remaining, 4)
        for distance in 0..<count { word = word << 8 | UInt32(payload.peek(distance) ?? 0) }
        let shift = UInt32((4 - count) * 8)
        for known in words where known >> shift == word { return true }
        return false
    }
}
