/// Why a request was not done (RFC 9457, `application/problem+json`).
public struct Problem: Codable, Hashable, Sendable, Error {
    /// The media type of the response that carries it.
    public static let mediaType = "application/problem+json"

    /// `urn:gatehouse:problem:` and a word for programs: `not-found`, `invalid-policy`, `password-change-required`.
    public var type: String
    /// The word's meaning, the same for every occurrence.
    public var title: String
    /// The HTTP status.
    public var status: Int
    /// What was wrong this time, and where.
    public var detail: String
    /// What to do about it.
    public var remedy: String?
    /// The path that was asked for.
    public var instance: String?
    /// Single faults, where there are several: those of a policy.
    public var errors: [String]?

    /// A problem; `word` becomes the end of `type`.
    public init(
        _ word: String,
        title: String,
        status: Int,
        detail: String,
        remedy: String? = nil,
        instance: String? = nil,
        errors: [String]? = nil
    ) {
        self.type = Problem.typePrefix + word
        self.title = title
        self.status = status
        self.detail = detail
        self.remedy = remedy
        self.instance = instance
        self.errors = errors
    }

    /// What every `type` begins with.
    public static let typePrefix = "urn:gatehouse:problem:"

    /// The end of `type`.
    public var word: String {
        type.hasPrefix(Problem.typePrefix) ? String(type.dropFirst(Problem.typePrefix.count)) : type
    }
}
