public import NetworkTypes

/// A file that the gateway should have: knowledge, or blocklists. The envelope says which, and who signed it; the agent
/// judges that before it asks for a single byte of the file.
public struct FileOffer: Hashable, Sendable {
    /// Most bytes of an envelope.
    public static let maximumEnvelopeBytes = 512

    /// COSE_Sign1 around what is to be known of the file; see `Policy`.
    public var envelope: ByteString = ""

    /// All fields at their zero.
    public init() {}
}

/// Asks for the next part of a file that was offered. One is under way at a time, in the order of the file.
public struct FileRequest: Hashable, Sendable {
    /// SHA-256 of the file.
    public var file: ByteString = ""
    /// From which byte on.
    public var offset: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}

/// A part of a file: `maximumBytes` of it, fewer only at its end.
public struct FileChunk: Hashable, Sendable {
    /// Bytes of every part but the last.
    public static let maximumBytes = 64 << 10

    /// SHA-256 of the file.
    public var file: ByteString = ""
    /// Where the part begins.
    public var offset: UInt64 = 0
    /// The part.
    public var bytes: ByteString = ""

    /// All fields at their zero.
    public init() {}
}
