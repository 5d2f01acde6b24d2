public import NetworkTypes

/// How a matcher compares its pattern with a signal's value. ASCII letters are compared without regard to case.
///
/// The numbers are part of the compiled knowledge file.
public enum MatcherForm: UInt8, CaseIterable, Hashable, Sendable {
    /// The whole value.
    case exact = 1
    /// The value begins with the pattern.
    case prefix = 2
    /// The value ends with the pattern.
    case suffix = 3
    /// The pattern occurs in the value.
    case contains = 4
    /// The whole value, by `GlobPattern`, whose `*` capture what they stand for.
    case glob = 5
    /// The value is the DNS name of the pattern or lies below it.
    case domain = 6

    /// The key in a rule file.
    public var name: ByteString {
        switch self {
        case .exact: return "exact"
        case .prefix: return "prefix"
        case .suffix: return "suffix"
        case .contains: return "contains"
        case .glob: return "glob"
        case .domain: return "domain"
        }
    }

    /// The form of that name, or nil.
    public init?(name: ByteString) {
        guard let match = MatcherForm.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }

    /// Whether `value` matches `pattern`, which is in lower case; `captures` receives what the `*` of a glob stand for.
    /// Allocates nothing.
    func matches(
        pattern: borrowing Span<UInt8>,
        value: borrowing Span<UInt8>,
        captures: inout GlobCaptures
    ) -> Bool {
        let count = pattern.count
        switch self {
        case .exact: return count == value.count && Self.equal(pattern, value, at: 0)
        case .prefix: return Self.equal(pattern, value, at: 0)
        case .suffix: return Self.equal(pattern, value, at: value.count - count)
        case .contains:
            guard count <= value.count else { return false }
            for start in 0...(value.count - count) where Self.equal(pattern, value, at: start) { return true }
            return false
        case .glob: return GlobPattern.match(pattern: pattern, value: value, captures: &captures)
        case .domain:
            let start = value.count - count
            guard Self.equal(pattern, value, at: start) else { return false }
            return start == 0 || value[start - 1] == 0x2E
        }
    }

    /// A byte of a value as patterns have it: ASCII letters in lower case.
    static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    private static func equal(_ pattern: borrowing Span<UInt8>, _ value: borrowing Span<UInt8>, at start: Int) -> Bool {
        guard start >= 0, pattern.count <= value.count - start else { return false }
        for index in 0..<pattern.count where pattern[index] != folded(value[start + index]) { return false }
        return true
    }
}
