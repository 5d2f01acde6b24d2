/// Why bytes could not be decoded, and where.
///
/// Carries no text: an attacker decides how often it is made, so it costs nothing. Whoever shows it adds the words.
public struct DecodeError: Error, Hashable, Sendable {
    /// What was wrong at `offset`.
    public enum Reason: UInt8, Hashable, Sendable {
        /// Fewer bytes were left than the field needs.
        case truncated
        /// A length, count or pointer contradicts the bytes around it.
        case malformed
        /// A value that the specification does not allow, or a version this decoder does not know.
        case unsupported
        /// A named limit was hit (nesting, count, length).
        case limitExceeded
        /// The bytes are valid but not in the one deterministic form that is asked for.
        case notCanonical
        /// Bytes were left over.
        case trailingBytes
    }

    /// What was wrong.
    public let reason: Reason
    /// Where, in bytes from the start of what was given to the outermost reader.
    public let offset: Int

    /// Makes an error for the byte at `offset`.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
