/// What a capture file says of a frame, beside its bytes.
public struct CapturedFrame: Hashable, Sendable {
    /// How its first bytes are laid out.
    public let linkType: LinkType
    /// When it was captured, in nanoseconds since 1970; 0 where the file does not say.
    public let timeNanoseconds: UInt64
    /// How long it was on the wire; more than the bytes that are there if it was cut.
    public let originalLength: UInt32

    /// A frame's description.
    public init(linkType: LinkType, timeNanoseconds: UInt64, originalLength: UInt32) {
        self.linkType = linkType
        self.timeNanoseconds = timeNanoseconds
        self.originalLength = originalLength
    }
}
