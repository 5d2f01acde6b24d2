import CollectorCore
import NIOCore
import NIOWebSocket
import WireProtocol

/// Frames to messages, by RFC 6455 §5: masked, in order, binary, and within the limit.
struct MessageAssembler {
    /// What a frame came to.
    enum Result: Equatable {
        case nothing
        case ping([UInt8])
        case close
        case message([UInt8])
        case fault(AgentSession.CloseReason)
    }

    private var partial: [UInt8]?

    mutating func take(_ frame: NIOWebSocket.WebSocketFrame) -> Result {
        // §5.1: a server closes the connection on a frame that is not masked.
        guard frame.maskKey != nil else { return .fault(.protocolError("a frame without a mask")) }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return .fault(.protocolError("a reserved bit is set")) }
        var data = frame.unmaskedData
        let bytes = data.readBytes(length: data.readableBytes) ?? []
        switch frame.opcode {
        case .ping: return .ping(bytes)
        case .pong: return .nothing
        case .connectionClose: return .close
        case .binary:
            guard partial == nil else { return .fault(.protocolError("a new message within a message")) }
            return append(bytes, isLast: frame.fin)
        case .continuation:
            guard partial != nil else { return .fault(.protocolError("a continuation of nothing")) }
            return append(bytes, isLast: frame.fin)
        case .text: return .fault(.protocolError("a text message; \(ProtocolVersion.subprotocol) is binary"))
        default: return .fault(.protocolError("an unknown opcode"))
        }
    }

    private mutating func append(_ bytes: [UInt8], isLast: Bool) -> Result {
        guard (partial?.count ?? 0) + bytes.count <= ProtocolVersion.maximumMessageBytes else {
            partial = nil
            return .fault(.messageTooLong)
        }
        if isLast, partial == nil { return .message(bytes) }
        var whole = partial ?? []
        whole.append(contentsOf: bytes)
        partial = isLast ? nil : whole
        return isLast ? .message(whole) : .nothing
    }
}
