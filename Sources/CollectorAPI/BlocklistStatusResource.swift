/// The blocklists that the collector downloads, and how what it has compares with what is in force.
public struct BlocklistStatusResource: Codable, Sendable {
    /// Where the lists come from; empty where `collector.yaml` names none.
    public var sources: [BlocklistSourceResource]
    /// Every list of the candidate, and of the file in force.
    public var lists: [BlocklistListResource]
    /// SHA-256 of the candidate, the file that can be fetched and signed, hexadecimal; missing where there is none.
    public var candidateHash: String?
    /// Its bytes.
    public var candidateBytes: Int?
    /// Why there is no candidate, or why it cannot be compared.
    public var problem: String?
    /// The file in force: the one pushed last; missing where none was.
    public var inForce: SignedFileResource?

    /// No source.
    public init() {
        sources = []
        lists = []
    }
}

/// A source of a list.
public struct BlocklistSourceResource: Codable, Sendable {
    /// A copy of a source's file.
    public struct Copy: Codable, Sendable {
        /// SHA-256 of the file, hexadecimal.
        public var hash: String
        /// Names that it blocks.
        public var names: Int
        /// Names that it excepts.
        public var exceptions: Int
        /// Lines that were passed over.
        public var skippedLines: Int
        /// Bytes of the file.
        public var bytes: Int
        /// When it came.
        public var fetched: Timestamp

        /// A copy.
        public init(hash: String, names: Int, exceptions: Int, skippedLines: Int, bytes: Int, fetched: Timestamp) {
            self.hash = hash
            self.names = names
            self.exceptions = exceptions
            self.skippedLines = skippedLines
            self.bytes = bytes
            self.fetched = fetched
        }
    }

    /// Names the source, for `accept`.
    public var id: String
    /// The list it is a part of.
    public var list: String
    /// Where it is.
    public var url: String
    /// How it is written: `any`, `hosts`, `names`, `rules`.
    public var format: String
    /// `good`; `failing`: the last attempt failed; `held`: its file shrank by more than half; `waiting`: not asked yet.
    public var state: String
    /// What the candidate is made from; missing before the first.
    public var good: Copy?
    /// What is held back until an operator accepts it.
    public var held: Copy?
    /// When the source was asked last.
    public var checked: Timestamp?
    /// Why the last attempt failed.
    public var error: String?
    /// Attempts that failed since the last good one.
    public var failures: Int

    /// A source.
    public init(id: String, list: String, url: String, format: String, state: String, failures: Int) {
        self.id = id
        self.list = list
        self.url = url
        self.format = format
        self.state = state
        self.failures = failures
    }
}

/// A list, as a candidate for being signed and as it is in force.
public struct BlocklistListResource: Codable, Sendable {
    /// Its name, as policies name it.
    public var name: String
    /// Names that the candidate blocks, without those below others of them; missing where it has no such list.
    public var candidateNames: Int?
    /// Names that the file in force blocks; missing where it has no such list.
    public var namesInForce: Int?
    /// Names that the candidate would add, and exceptions that it would end; missing where that is not known.
    public var added: Int?
    /// Names that it would remove, and exceptions that it would add.
    public var removed: Int?

    /// A list.
    public init(name: String) { self.name = name }
}
