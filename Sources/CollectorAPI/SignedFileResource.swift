/// A signed file that the collector holds: knowledge, or blocklists.
public struct SignedFileResource: Codable, Sendable {
    /// SHA-256 of the file, hexadecimal: names it.
    public var hash: String
    /// What it was signed as.
    public var version: UInt64
    /// The key that it says signed it, hexadecimal. The agents verify that; the collector has no say in it.
    public var keyID: String
    /// When it was signed.
    public var issued: Timestamp
    /// Versions up to this one may be replaced by it although its own is lower.
    public var rollbackFrom: UInt64?
    /// Bytes of the file.
    public var bytes: Int
    /// When it was pushed.
    public var pushed: Timestamp
    /// Who pushed it.
    public var pushedBy: String
    /// Whether it is what the gateways should have: the one pushed last.
    public var isTarget: Bool

    /// A signed file.
    public init(
        hash: String,
        version: UInt64,
        keyID: String,
        issued: Timestamp,
        rollbackFrom: UInt64?,
        bytes: Int,
        pushed: Timestamp,
        pushedBy: String,
        isTarget: Bool
    ) {
        self.hash = hash
        self.version = version
        self.keyID = keyID
        self.issued = issued
        self.rollbackFrom = rollbackFrom
        self.bytes = bytes
        self.pushed = pushed
        self.pushedBy = pushedBy
        self.isTarget = isTarget
    }
}

/// What became of a push of a signed file: `knowledge` or `blocklist` is there, as the file is.
public struct FilePushResponse: Codable, Sendable {
    /// The knowledge file.
    public var knowledge: SignedFileResource?
    /// The blocklists.
    public var blocklist: SignedFileResource?
    /// Gateways that it was offered to at once; the others get it when they connect.
    public var offered: [String]

    /// A response.
    public init(knowledge: SignedFileResource?, blocklist: SignedFileResource?, offered: [String]) {
        self.knowledge = knowledge
        self.blocklist = blocklist
        self.offered = offered
    }
}
