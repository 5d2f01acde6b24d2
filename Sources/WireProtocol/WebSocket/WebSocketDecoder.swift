import NetworkTypes

/// Reads frames from bytes as they come, and joins fragments into messages (RFC 6455 §5).
///
/// Memory is bounded by one message of `maximumMessageBytes` and the bytes not yet read; a length is held against the
/// limit before anything is kept for it.
public struct WebSocketDecoder: Sendable {
    private enum State: Sendable {
        case head
        case payload(Head, left: Int)
        case closed
        case failed(WebSocketError)
    }

    private struct Head: Sendable {
        let isFinal: Bool
        let opcode: WebSocketFrame.Opcode
        let mask: [UInt8]
        let length: Int
    }

    private let role: WebSocketFrame.Role
    private let maximumMessageBytes: Int
    private var state = State.head
    /// Read, but not yet decoded; `start` is where it goes on.
    private var buffer: [UInt8] = []
    private var start = 0
    /// Of the message being joined.
    private var message: [UInt8] = []
    private var messageOpcode: WebSocketFrame.Opcode?
    /// Of the control frame being read.
    private var control: [UInt8] = []

    /// A decoder for what comes to `role`.
    public init(role: WebSocketFrame.Role, maximumMessageBytes: Int = ProtocolVersion.maximumMessageBytes) {
        self.role = role
        self.maximumMessageBytes = maximumMessageBytes
    }

    /// Adds bytes as they came.
    public mutating func append(_ bytes: [UInt8]) {
        switch state {
        case .closed, .failed: return
        default: break
        }
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next thing that is whole; nil where more bytes are needed, and for ever after a close.
    /// After an error every call throws it again.
    public mutating func next() throws(WebSocketError) -> WebSocketEvent? {
        do throws(WebSocketError) {
            while true {
                switch state {
                case .closed: return nil
                case .failed(let error): throw error
                case .head:
                    guard let head = try readHead() else { return nil }
                    try begin(head)
                    state = .payload(head, left: head.length)
                case .payload(let head, let left):
                    let count = Swift.min(left, buffer.count - start)
                    keep(count, of: head, from: head.length - left)
                    guard count == left else {
                        state = .payload(head, left: left - count)
                        return nil
                    }
                    state = .head
                    if let event = try end(head) { return event }
                }
            }
        } catch {
            state = .failed(error)
            (buffer, start) = ([], 0)
            throw error
        }
    }

    private mutating func readHead() throws(WebSocketError) -> Head? {
        let available = buffer.count - start
        guard available >= 2 else { return nil }
        let (first, second) = (buffer[start], buffer[start + 1])
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else { throw .opcode }
        let isMasked = second & 0x80 != 0
        if role == .server, !isMasked { throw .unmasked }
        if role == .client, isMasked { throw .masked }
        let short = Int(second & 0x7F)
        if opcode.isControl, first & 0x80 == 0 || short > WebSocketFrame.maximumControlBytes { throw .controlFrame }
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        let headBytes = 2 + lengthBytes + (isMasked ? 4 : 0)
        var length = UInt64(short)
        if lengthBytes > 0 {
            guard available >= 2 + lengthBytes else { return nil }
            length = 0
            for offset in 0..<lengthBytes { length = length << 8 | UInt64(buffer[start + 2 + offset]) }
            guard length >= (lengthBytes == 2 ? 126 : 0x1_0000), length < 1 << 63 else { throw .length }
        }
        let held = opcode.isControl ? 0 : UInt64(message.count)
        guard length <= UInt64(maximumMessageBytes), held + length <= UInt64(maximumMessageBytes) else { throw .tooBig }
        guard available >= headBytes else { return nil }
        let mask = isMasked ? Array(buffer[(start + headBytes - 4)..<(start + headBytes)]) : []
        start += headBytes
        return Head(isFinal: first & 0x80 != 0, opcode: opcode, mask: mask, length: Int(length))
    }

    private mutating func begin(_ head: Head) throws(WebSocketError) {
        switch head.opcode {
        case .continuation: guard messageOpcode != nil else { throw .fragmentation }
        case .text, .binary:
            guard messageOpcode == nil else { throw .fragmentation }
            messageOpcode = head.opcode
        case .close, .ping, .pong: control.removeAll()
        }
    }

    private mutating func keep(_ count: Int, of head: Head, from offset: Int) {
        for index in 0..<count {
            let byte = buffer[start + index]
            let plain = head.mask.isEmpty ? byte : byte ^ head.mask[(offset + index) & 3]
            if head.opcode.isControl { control.append(plain) } else { message.append(plain) }
        }
        start += count
        if start == buffer.count { (buffer, start) = ([], 0) }
    }

    private mutating func end(_ head: Head) throws(WebSocketError) -> WebSocketEvent? {
        switch head.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong(control)
        case .close:
            let event = try readClose()
            state = .closed
            (buffer, start) = ([], 0)
            return event
        case .continuation, .text, .binary:
            guard head.isFinal else { return nil }
            let isText = messageOpcode == .text
            let whole = message
            (message, messageOpcode) = ([], nil)
            guard isText else { return .binary(whole) }
            guard UTF8Text.isValid(whole) else { throw .notUTF8 }
            return .text(ByteString(whole))
        }
    }

    private func readClose() throws(WebSocketError) -> WebSocketEvent {
        guard !control.isEmpty else { return .close(nil, reason: "") }
        guard control.count >= 2 else { throw .close }
        let code = WebSocketCloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
        let reason = Array(control[2...])
        guard code.isValid, UTF8Text.isValid(reason) else { throw .close }
        return .close(code, reason: ByteString(reason))
    }
}
