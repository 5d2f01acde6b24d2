public import NetworkTypes

/// Writes frames, each a whole message (RFC 6455 §5.2).
public struct WebSocketEncoder: Sendable {
    /// Which side this is.
    public let role: WebSocketFrame.Role

    /// An encoder for one side.
    public init(role: WebSocketFrame.Role) { self.role = role }

    /// One frame. A client gives four random bytes, fresh for each frame, as `mask`; a server's is not used.
    /// A control frame's payload is cut at 125 bytes.
    public func frame(
        _ opcode: WebSocketFrame.Opcode,
        _ payload: [UInt8],
        mask: UInt32,
        isFinal: Bool = true
    ) -> [UInt8] {
        let count = opcode.isControl ? Swift.min(payload.count, WebSocketFrame.maximumControlBytes) : payload.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 14)
        bytes.append((isFinal ? 0x80 : 0) | opcode.rawValue)
        let maskBit: UInt8 = role == .client ? 0x80 : 0
        switch count {
        case 0...125: bytes.append(maskBit | UInt8(count))
        case 126...0xFFFF:
            bytes.append(maskBit | 126)
            bytes += [UInt8(count >> 8), UInt8(truncatingIfNeeded: count)]
        default:
            bytes.append(maskBit | 127)
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: UInt64(count) >> UInt64(56 - shift * 8))) }
        }
        guard role == .client else {
            bytes.append(contentsOf: payload[..<count])
            return bytes
        }
        let key = (0..<4).map { UInt8(truncatingIfNeeded: mask >> UInt32(24 - $0 * 8)) }
        bytes += key
        for index in 0..<count { bytes.append(payload[index] ^ key[index & 3]) }
        return bytes
    }

    /// A binary message in one frame.
    public func binary(_ payload: [UInt8], mask: UInt32) -> [UInt8] { frame(.binary, payload, mask: mask) }

    /// A close frame; the reason is cut at 123 bytes.
    public func close(_ code: WebSocketCloseCode, reason: ByteString = "", mask: UInt32) -> [UInt8] {
        let text = UTF8Text.sanitised(reason.bytes, limit: WebSocketFrame.maximumControlBytes - 2)
        let number = [UInt8(code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
        return frame(.close, number + text, mask: mask)
    }
}
