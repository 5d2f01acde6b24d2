/// What is known of a source of blocklists: its last good copy, one that is held back, and how the last attempt ended.
public struct BlocklistSourceState: Hashable, Sendable, Codable {
    /// A download that was whole.
    public struct Copy: Hashable, Sendable, Codable {
        /// SHA-256 of the file, lower-case hexadecimal digits.
        public var hash: String
        /// Bytes of the file.
        public var byteCount: Int
        /// Names that it blocks.
        public var nameCount: Int
        /// Names that it excepts.
        public var exceptionCount: Int
        /// Lines that were passed over.
        public var skippedCount: Int
        /// When it came, milliseconds since 1970.
        public var fetchedMilliseconds: UInt64

        /// A copy.
        public init(
            hash: String,
            byteCount: Int,
            nameCount: Int,
            exceptionCount: Int,
            skippedCount: Int,
            fetchedMilliseconds: UInt64
        ) {
            self.hash = hash
            self.byteCount = byteCount
            self.nameCount = nameCount
            self.exceptionCount = exceptionCount
            self.skippedCount = skippedCount
            self.fetchedMilliseconds = fetchedMilliseconds
        }
    }

    /// What becomes of a download.
    public enum Disposition: Hashable, Sendable {
        /// It is the good copy from now on.
        case used
        /// It has less than half of the names of the copy before: an operator is to look at it first.
        case held
        /// It blocks nothing: no list, as a page with an error on it.
        case refused
    }

    /// How long after a failure a source is asked again, milliseconds; sooner where it is asked more often anyway.
    public static let retryMilliseconds: UInt64 = 600_000
    /// Most bytes of a validator (RFC 9110 §8.8) that is kept; a longer one is not sent back.
    public static let maximumValidatorBytes = 512

    /// What the compiled file is made from; nil before the first.
    public private(set) var good: Copy?
    /// What waits for an operator.
    public private(set) var held: Copy?
    /// `ETag` of the last download.
    public private(set) var entityTag: String?
    /// `Last-Modified` of the last download.
    public private(set) var lastModified: String?
    /// When the source was asked last, milliseconds since 1970; 0 for never.
    public private(set) var checkedMilliseconds: UInt64 = 0
    /// How the last attempt failed; nil where it did not.
    public private(set) var problem: String?
    /// Attempts that failed since the last that did not.
    public private(set) var failureCount = 0

    /// A source that was never asked.
    public init() {}

    /// Whether the source is to be asked.
    public func isDue(everyMilliseconds: UInt64, nowMilliseconds: UInt64) -> Bool {
        let wait = problem == nil ? everyMilliseconds : min(everyMilliseconds, Self.retryMilliseconds)
        // A clock that was set back must not make it wait for years.
        return checkedMilliseconds == 0 || nowMilliseconds >= checkedMilliseconds + wait
            || nowMilliseconds < checkedMilliseconds
    }

    /// A whole file came.
    public mutating func take(
        _ copy: Copy,
        entityTag: String?,
        lastModified: String?,
        nowMilliseconds: UInt64
    ) -> Disposition {
        guard copy.nameCount > 0 else {
            fail("the file holds no name to block", nowMilliseconds: nowMilliseconds)
            return .refused
        }
        checkedMilliseconds = nowMilliseconds
        problem = nil
        failureCount = 0
        self.entityTag = Self.validator(entityTag)
        self.lastModified = Self.validator(lastModified)
        if let good, copy.nameCount * 2 < good.nameCount {
            held = copy
            return .held
        }
        good = copy
        held = nil
        return .used
    }

    /// The source says that the file is the one that came last.
    public mutating func confirm(nowMilliseconds: UInt64) {
        checkedMilliseconds = nowMilliseconds
        problem = nil
        failureCount = 0
    }

    /// The attempt came to nothing: the good copy stays.
    public mutating func fail(_ problem: String, nowMilliseconds: UInt64) {
        checkedMilliseconds = nowMilliseconds
        self.problem = problem
        failureCount += 1
    }

    /// An operator takes what is held back; false where nothing is.
    public mutating func accept() -> Bool {
        guard let held else { return false }
        good = held
        self.held = nil
        return true
    }

    /// The good copy is not on the disk any more: whatever comes next is taken.
    public mutating func forgetGood() {
        good = nil
        entityTag = nil
        lastModified = nil
        checkedMilliseconds = 0
    }

    private static func validator(_ text: String?) -> String? {
        text.flatMap { $0.utf8.count <= maximumValidatorBytes ? $0 : nil }
    }
}
