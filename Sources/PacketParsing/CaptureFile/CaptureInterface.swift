import NetworkTypes

/// An interface of a pcapng section, as its description block says (draft-ietf-opsawg-pcapng §4.2).
struct CaptureInterface {
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    let linkType: LinkType
    /// Bytes kept of each frame; 0 for no limit.
    let snapLength: UInt32
    /// `if_tsresol`: time counts in 10^-n s, or with the highest bit in 2^-n s.
    private var resolution: UInt8 = 6
    /// `if_tsoffset`: seconds to add.
    private var offsetSeconds: UInt64 = 0

    /// The body of an interface description block, without the lengths around it.
    init(parsing reader: inout ByteReader, isLittleEndian: Bool) throws(DecodeError) {
        func word(_ reader: inout ByteReader) throws(DecodeError) -> UInt32 {
            isLittleEndian ? try reader.readUInt32LittleEndian() : try reader.readUInt32()
        }
        func half(_ reader: inout ByteReader) throws(DecodeError) -> UInt16 {
            isLittleEndian ? try reader.readUInt16LittleEndian() : try reader.readUInt16()
        }
        linkType = LinkType(rawValue: try half(&reader))
        try reader.skip(2)
        snapLength = try word(&reader)
        while reader.remaining >= 4 {
            let code = try half(&reader)
            let length = Int(try half(&reader))
            var value = try reader.slice(length)
            if code == 0 { break }
            if code == 9, length == 1 { resolution = try value.readUInt8() }
            if code == 14, length == 8 {
                let offset = try value.readUInt64()
                offsetSeconds = isLittleEndian ? offset.byteSwapped : offset
            }
            try reader.skip(Swift.min((4 - length % 4) % 4, reader.remaining))
        }
    }

    /// A block's time in nanoseconds since 1970; what does not fit wraps, since it is nonsense anyway.
    func nanoseconds(_ time: UInt64) -> UInt64 {
        let exponent = resolution & 0x7F
        let offset = offsetSeconds &* CaptureInterface.nanosecondsPerSecond
        if resolution & 0x80 != 0 {
            guard exponent < 64 else { return offset }
            let seconds = exponent == 0 ? time : time >> UInt64(exponent)
            let fraction = exponent == 0 ? 0 : time & ((1 << UInt64(exponent)) - 1)
            let product = fraction.multipliedFullWidth(by: CaptureInterface.nanosecondsPerSecond)
            let nanoseconds =
                exponent == 0 ? 0 : product.high << UInt64(64 - exponent) | product.low >> UInt64(exponent)
            return offset &+ seconds &* CaptureInterface.nanosecondsPerSecond &+ nanoseconds
        }
        var scaled = time
        if exponent <= 9 {
            for _ in exponent..<9 { scaled = scaled &* 10 }
        } else {
            for _ in 9..<Swift.min(exponent, 29) { scaled /= 10 }
        }
        return offset &+ scaled
    }
}
