import NetworkTypes

/// What a V4L2 node is for, by its driver's answer to VIDIOC_QUERYCAP: `struct v4l2_capability` of linux/videodev2.h.
struct VideoCapabilities {
    /// Bytes of the structure.
    static let size = 104

    /// `capture`, `output`, `m2m`, `metadata`, …
    let names: [ByteString]
    /// Whether the node brings pictures in: not the metadata of a camera, a codec or a display.
    let isCapture: Bool

    // V4L2_CAP_… of linux/videodev2.h.
    private static let capture: UInt32 = 0x0000_0001 | 0x0000_1000
    private static let output: UInt32 = 0x0000_0002 | 0x0000_2000
    private static let memoryToMemory: UInt32 = 0x0000_4000 | 0x0000_8000
    private static let metadata: UInt32 = 0x0080_0000 | 0x0800_0000

    /// From the structure in the byte order of the host's, which is little-endian on every target; nil where it is short.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= VideoCapabilities.size else { return nil }
        // `capabilities` is of the whole device, `device_caps` of this node; V4L2_CAP_DEVICE_CAPS says that there are such.
        let start = bytes[87] & 0x80 != 0 ? 88 : 84
        var flags: UInt32 = 0
        for offset in 0..<4 { flags |= UInt32(bytes[start + offset]) << UInt32(offset * 8) }
        isCapture = flags & VideoCapabilities.capture != 0
        var names: [ByteString] = []
        if isCapture { names.append("capture") }
        if flags & VideoCapabilities.output != 0 { names.append("output") }
        if flags & VideoCapabilities.memoryToMemory != 0 { names.append("m2m") }
        if flags & VideoCapabilities.metadata != 0 { names.append("metadata") }
        self.names = names
    }
}
