/// Numbers of RFC 6455.
public enum WebSocketFrame {
    /// Most bytes of a control frame's payload (§5.5).
    public static let maximumControlBytes = 125

    /// What a frame is (§5.2).
    public enum Opcode: UInt8, Hashable, Sendable {
        /// More of the message begun before.
        case continuation = 0x0
        /// UTF-8.
        case text = 0x1
        /// Bytes.
        case binary = 0x2
        /// The end of the connection.
        case close = 0x8
        /// To be answered by a pong.
        case ping = 0x9
        /// Answers a ping.
        case pong = 0xA

        /// Whether it may stand between the fragments of a message.
        public var isControl: Bool { rawValue >= 0x8 }
    }

    /// Which side of the connection one is.
    public enum Role: UInt8, Hashable, Sendable {
        /// Masks what it sends, takes frames without mask.
        case client
        /// Sends without mask, takes masked frames.
        case server
    }
}

/// Why a connection is closed (RFC 6455 §7.4.1).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: UInt16

    /// Any number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Done.
    public static let normal = WebSocketCloseCode(rawValue: 1000)
    /// Going down, to come back.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// A frame that the protocol does not allow.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// A kind of message that is not taken here.
    public static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// A message whose content is not what its kind promises.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    /// Not allowed.
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// Too large.
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// The server failed.
    public static let internalError = WebSocketCloseCode(rawValue: 1011)
    /// Come back later.
    public static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)

    /// Whether it may stand in a close frame (§7.4.1, §7.4.2; 1005, 1006 and 1015 never do).
    public var isValid: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: return true
        default: return false
        }
    }
}

/// What a peer said wrongly. The connection is to be closed with `closeCode`.
public enum WebSocketError: Error, Hashable, Sendable {
    /// A client's frame without mask (§5.1).
    case unmasked
    /// A server's frame with mask (§5.1).
    case masked
    /// RSV1 to RSV3 without an extension (§5.2).
    case reservedBits
    /// An opcode that is not defined.
    case opcode
    /// A control frame that is fragmented, or longer than 125 bytes (§5.5).
    case controlFrame
    /// A length not in its shortest form, or above 2^63 (§5.2).
    case length
    /// A continuation of nothing, or a new message within another (§5.4).
    case fragmentation
    /// A message above the limit.
    case tooBig
    /// A close frame of one byte, with a code that may not be sent, or a reason that is not UTF-8 (§5.5.1).
    case close
    /// A text message that is not UTF-8 (§8.1).
    case notUTF8

    /// What to close the connection with.
    public var closeCode: WebSocketCloseCode {
        switch self {
        case .tooBig: return .messageTooBig
        case .notUTF8: return .invalidPayload
        default: return .protocolError
        }
    }
}
