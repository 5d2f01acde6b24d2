package import NetworkTypes

/// Walks over netlink messages and attributes inside one received datagram, checking every bound.
///
/// The kernel's messages are trusted no more than a peer's: a length that does not fit ends the walk.
package struct NetlinkReader {
    /// One message: where its payload lies.
    package struct Message {
        /// Message type.
        package let type: UInt16
        /// NLM_F_ flags.
        package let flags: UInt16
        /// The request it answers; 0 for a notification.
        package let sequence: UInt32
        /// Payload offsets in the buffer.
        package let payload: Range<Int>
    }

    /// One attribute: its type without the nested and byte-order bits, and where its value lies.
    package struct Attribute {
        /// The type.
        package let type: UInt16
        /// Value offsets in the buffer.
        package let value: Range<Int>
    }

    /// The datagram.
    package let bytes: [UInt8]
    /// How much of `bytes` was received.
    package let count: Int

    /// The first `count` of `bytes`, which may have no fewer.
    package init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }

    /// Calls `body` with each message.
    package func forEachMessage<Failure: Error>(_ body: (Message) throws(Failure) -> Void) throws(Failure) {
        var offset = 0
        while offset + 16 <= count {
            let length = Int(truncatingIfNeeded: uint32(offset))
            guard length >= 16, length <= count - offset else { return }
            let message = Message(
                type: uint16(offset + 4),
                flags: uint16(offset + 6),
                sequence: uint32(offset + 8),
                payload: (offset + 16)..<(offset + length)
            )
            try body(message)
            offset += (length + 3) & ~3
        }
    }

    /// Calls `body` with each attribute in `range`.
    package func forEachAttribute(_ range: Range<Int>, _ body: (Attribute) -> Void) {
        var offset = range.lowerBound
        while offset + 4 <= range.upperBound {
            let length = Int(uint16(offset))
            guard length >= 4, length <= range.upperBound - offset else { return }
            body(Attribute(type: uint16(offset + 2) & 0x3FFF, value: (offset + 4)..<(offset + length)))
            offset += (length + 3) & ~3
        }
    }

    /// What follows a family header of `headerBytes`; empty where the message is too short.
    package func attributes(of message: Message, after headerBytes: Int) -> Range<Int> {
        let start = message.payload.lowerBound + headerBytes
        return start <= message.payload.upperBound ? start..<message.payload.upperBound : 0..<0
    }

    /// 16 bits in host order.
    package func uint16(_ offset: Int) -> UInt16 {
        guard offset >= 0, offset + 2 <= count else { return 0 }
        #if _endian(big)
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
        #else
        return UInt16(bytes[offset + 1]) << 8 | UInt16(bytes[offset])
        #endif
    }

    /// 32 bits in host order.
    package func uint32(_ offset: Int) -> UInt32 {
        #if _endian(big)
        return UInt32(uint16(offset)) << 16 | UInt32(uint16(offset + 2))
        #else
        return UInt32(uint16(offset + 2)) << 16 | UInt32(uint16(offset))
        #endif
    }

    /// The number in an attribute's value in network order; 0 where it has more than eight bytes.
    package func bigEndian(_ range: Range<Int>) -> UInt64 {
        guard range.count <= 8 else { return 0 }
        return bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// An attribute's value.
    package func copy(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

    /// An attribute's value as text, without its closing zero.
    package func text(_ range: Range<Int>) -> ByteString {
        var text: [UInt8] = []
        for index in range where bytes[index] != 0 { text.append(bytes[index]) }
        return ByteString(text)
    }
}
