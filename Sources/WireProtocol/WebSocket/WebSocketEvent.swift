public import NetworkTypes

/// What came over a WebSocket.
public enum WebSocketEvent: Hashable, Sendable {
    /// A whole binary message.
    case binary([UInt8])
    /// A whole text message.
    case text(ByteString)
    /// To be answered by a pong with the same bytes.
    case ping([UInt8])
    /// Answers a ping.
    case pong([UInt8])
    /// The peer ends the connection; the code is nil where it named none. Nothing is read after it.
    case close(WebSocketCloseCode?, reason: ByteString)
}
