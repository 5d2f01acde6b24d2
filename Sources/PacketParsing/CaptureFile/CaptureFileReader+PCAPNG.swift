import NetworkTypes

/// Block types (draft-ietf-opsawg-pcapng §11.1).
private enum BlockType {
    static let sectionHeader: UInt32 = 0x0A0D_0D0A
    static let interfaceDescription: UInt32 = 1
    static let packet: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let enhancedPacket: UInt32 = 6
}

extension CaptureFileReader {
    /// Type and the two lengths.
    static let minimumBlockLength = 12

    /// ```
    /// type (4) | total length (4) | body, padded to 4 | total length (4)
    /// ```
    mutating func stepBlock(
        _ bytes: borrowing Span<UInt8>,
        from start: Int,
        _ frame: (CapturedFrame, borrowing Span<UInt8>) -> Void
    ) throws(DecodeError) -> Progress {
        var reader = ByteReader(copy bytes, from: start, to: bytes.count)
        guard reader.remaining >= CaptureFileReader.minimumBlockLength else {
            return .needs(CaptureFileReader.minimumBlockLength)
        }
        let type = try readWord(&reader)
        // The type of a section header reads the same in both orders; the magic that follows tells them apart.
        if type == BlockType.sectionHeader {
            var magic = try reader.window(from: start + 8, to: start + 12)
            switch try magic.readUInt32() {
            case 0x1A2B_3C4D: isLittleEndian = false
            case 0x4D3C_2B1A: isLittleEndian = true
            default: throw DecodeError(.malformed, at: start + 8)
            }
            interfaces.removeAll(keepingCapacity: true)
        }
        let length = try readWord(&reader)
        guard length % 4 == 0, length >= UInt32(CaptureFileReader.minimumBlockLength) else {
            throw DecodeError(.malformed, at: start + 4)
        }
        let isRead =
            type == BlockType.interfaceDescription || type == BlockType.packet || type == BlockType.simplePacket
            || type == BlockType.enhancedPacket
        guard isRead, length <= UInt32(CaptureFileReader.maximumBlockLength) else {
            if isRead { oversizedCount += 1 }
            skipCount = UInt64(length) - UInt64(CaptureFileReader.minimumBlockLength)
            return .consumed(CaptureFileReader.minimumBlockLength)
        }
        let end = start + Int(length)
        guard end <= bytes.count else { return .needs(Int(length)) }
        var trailer = try reader.window(from: end - 4, to: end)
        guard try readWord(&trailer) == length else { throw DecodeError(.malformed, at: end - 4) }
        var body = try reader.window(from: start + 8, to: end - 4)
        if type == BlockType.interfaceDescription {
            guard interfaces.count < CaptureFileReader.maximumInterfaces else {
                throw DecodeError(.limitExceeded, at: start)
            }
            interfaces.append(try CaptureInterface(parsing: &body, isLittleEndian: isLittleEndian))
        } else {
            try readPacket(type, &body, bytes, frame)
        }
        return .consumed(Int(length))
    }

    /// ```
    /// enhanced   interface (4) | time (4, 4) | captured length (4) | original length (4) | frame
    /// simple     original length (4) | frame
    /// obsolete   interface (2) | drops (2) | time (4, 4) | captured length (4) | original length (4) | frame
    /// ```
    private mutating func readPacket(
        _ type: UInt32,
        _ body: inout ByteReader,
        _ bytes: borrowing Span<UInt8>,
        _ frame: (CapturedFrame, borrowing Span<UInt8>) -> Void
    ) throws(DecodeError) {
        var index = 0
        var time: UInt64 = 0
        var length = 0
        var originalLength: UInt32 = 0
        if type == BlockType.simplePacket {
            originalLength = try readWord(&body)
        } else {
            if type == BlockType.packet {
                index = Int(try readHalf(&body))
                try body.skip(2)
            } else {
                index = Int(clamping: try readWord(&body))
            }
            time = UInt64(try readWord(&body)) << 32
            time |= UInt64(try readWord(&body))
            length = Int(clamping: try readWord(&body))
            originalLength = try readWord(&body)
        }
        guard index < interfaces.count else {
            unknownInterfaceCount += 1
            return
        }
        let interface = interfaces[index]
        if type == BlockType.simplePacket {
            length = Swift.min(body.remaining, Int(clamping: originalLength))
            if interface.snapLength > 0 { length = Swift.min(length, Int(clamping: interface.snapLength)) }
        } else {
            time = interface.nanoseconds(time)
        }
        guard length <= body.remaining else { throw body.error(.malformed) }
        frameCount += 1
        frame(
            CapturedFrame(linkType: interface.linkType, timeNanoseconds: time, originalLength: originalLength),
            bytes.extracting(body.position..<(body.position + length))
        )
    }
}
