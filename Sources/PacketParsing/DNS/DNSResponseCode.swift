/// The outcome of a DNS question (RFC 1035 §4.1.1), the four bits of the header.
public struct DNSResponseCode: RawRepresentable, Hashable, Sendable {
    /// 0...15
    public let rawValue: UInt8

    /// Any number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Answered.
    public static let noError = DNSResponseCode(rawValue: 0)
    /// FORMERR: the question could not be read.
    public static let formatError = DNSResponseCode(rawValue: 1)
    /// SERVFAIL: the answerer failed.
    public static let serverFailure = DNSResponseCode(rawValue: 2)
    /// NXDOMAIN: there is no such name.
    public static let nameError = DNSResponseCode(rawValue: 3)
    /// NOTIMP: no such operation here.
    public static let notImplemented = DNSResponseCode(rawValue: 4)
    /// REFUSED: not for this asker.
    public static let refused = DNSResponseCode(rawValue: 5)
}
