/// Makes the bytes of a pcap file, little-endian, in microseconds (draft-ietf-opsawg-pcap §4 and §5).
public enum CaptureWriter {
    /// Magic, version 2.4, zeros, snapshot length, LINKTYPE_ETHERNET.
    public static let header: [UInt8] =
        [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 8) + long(262_144) + long(1)

    /// A frame as it was captured whole.
    public static func append(_ frame: [UInt8], timeMicroseconds: UInt64, to file: inout [UInt8]) {
        file += long(UInt32(truncatingIfNeeded: timeMicroseconds / 1_000_000))
        file += long(UInt32(timeMicroseconds % 1_000_000))
        let length = long(UInt32(frame.count))
        file += length
        file += length
        file += frame
    }

    /// A file of frames, a millisecond apart.
    public static func file(_ frames: [[UInt8]]) -> [UInt8] {
        var file = header
        for (index, frame) in frames.enumerated() {
            append(frame, timeMicroseconds: 1_700_000_000_000_000 + UInt64(index) * 1000, to: &file)
        }
        return file
    }

    private static func long(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
    }
}
