import NetworkTypes

extension CaptureFileReader {
    private static let headerLength = 24
    private static let recordHeaderLength = 16

    /// ```
    /// magic (4) | major, minor (2, 2) | 0 (4) | 0 (4) | snap length (4) | link type (4)
    /// ```
    mutating func stepHeader(_ bytes: borrowing Span<UInt8>, from start: Int) throws(DecodeError) -> Progress {
        var reader = ByteReader(copy bytes, from: start, to: bytes.count)
        guard reader.remaining >= 4 else { return .needs(4) }
        switch try reader.readUInt32() {
        case 0x0A0D_0D0A:
            format = .pcapng
            // The block is looked at again as what it is.
            return .consumed(0)
        case 0xA1B2_C3D4: nanosecondsPerTick = 1000
        case 0xA1B2_3C4D: nanosecondsPerTick = 1
        case 0xD4C3_B2A1:
            isLittleEndian = true
            nanosecondsPerTick = 1000
        case 0x4D3C_B2A1:
            isLittleEndian = true
            nanosecondsPerTick = 1
        default: throw DecodeError(.unsupported, at: start)
        }
        guard reader.remaining >= CaptureFileReader.headerLength - 4 else {
            return .needs(CaptureFileReader.headerLength)
        }
        guard try readHalf(&reader) == 2 else { throw DecodeError(.unsupported, at: start + 4) }
        try reader.skip(14)
        // The upper half holds the length of a frame check sequence.
        linkType = LinkType(rawValue: UInt16(truncatingIfNeeded: try readWord(&reader)))
        format = .pcap
        return .consumed(CaptureFileReader.headerLength)
    }

    /// ```
    /// seconds (4) | fraction (4) | captured length (4) | original length (4) | frame
    /// ```
    mutating func stepRecord(
        _ bytes: borrowing Span<UInt8>,
        from start: Int,
        _ frame: (CapturedFrame, borrowing Span<UInt8>) -> Void
    ) throws(DecodeError) -> Progress {
        var reader = ByteReader(copy bytes, from: start, to: bytes.count)
        guard reader.remaining >= CaptureFileReader.recordHeaderLength else {
            return .needs(CaptureFileReader.recordHeaderLength)
        }
        let seconds = UInt64(try readWord(&reader))
        let fraction = UInt64(try readWord(&reader))
        let length = try readWord(&reader)
        let originalLength = try readWord(&reader)
        guard length <= UInt32(CaptureFileReader.maximumBlockLength) else {
            oversizedCount += 1
            skipCount = UInt64(length)
            return .consumed(CaptureFileReader.recordHeaderLength)
        }
        guard reader.remaining >= Int(length) else {
            return .needs(CaptureFileReader.recordHeaderLength + Int(length))
        }
        let time = seconds &* 1_000_000_000 &+ fraction &* nanosecondsPerTick
        frameCount += 1
        frame(
            CapturedFrame(linkType: linkType, timeNanoseconds: time, originalLength: originalLength),
            bytes.extracting(reader.position..<(reader.position + Int(length)))
        )
        return .consumed(CaptureFileReader.recordHeaderLength + Int(length))
    }

    func readWord(_ reader: inout ByteReader) throws(DecodeError) -> UInt32 {
        isLittleEndian ? try reader.readUInt32LittleEndian() : try reader.readUInt32()
    }

    func readHalf(_ reader: inout ByteReader) throws(DecodeError) -> UInt16 {
        isLittleEndian ? try reader.readUInt16LittleEndian() : try reader.readUInt16()
    }
}
