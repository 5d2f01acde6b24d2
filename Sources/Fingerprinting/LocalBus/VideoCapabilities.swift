import NetworkTypes

/// What a V4L2 node is for, by its driver's answer to VIDIOC_QUERYCAP: `struct v4l2_capability` of linux/videodev2.h.
enum VideoCapabilities {
    /// Bytes of the structure.
    static let size = 104

    // V4L2_CAP_… of linux/videodev2.h.
    private static let capture: UInt32 = 0x0000_0001 | 0x0000_1000
    private static let output: UInt32 = 0x0000_0002 | 0x0000_2000
    private static let memoryToMemory: UInt32 = 0x0000_4000 | 0x0000_8000
    private static let metadata: UInt32 = 0x0080_0000 | 0x0800_0000

    /// `capture` where it brings pictures in, else `m2m` for a codec, `output` for a display, `metadata`, or `other`; nil
    /// where the structure is short. Its numbers are in the byte order of the host, little-endian on every target.
    static func use(_ bytes: [UInt8]) -> ByteString? {
        guard bytes.count >= size else { return nil }
        // `capabilities` is of the whole device, `device_caps` of this node; V4L2_CAP_DEVICE_CAPS says that there are such.
        let start = bytes[87] & 0x80 != 0 ? 88 : 84
        var flags: UInt32 = 0
        for offset in 0..<4 { flags |= UInt32(bytes[start + offset]) << UInt32(offset * 8) }
        if flags & capture != 0 { return "capture" }
        if flags & memoryToMemory != 0 { return "m2m" }
        if flags & output != 0 { return "output" }
        return flags & metadata != 0 ? "metadata" : "other"
    }
}
