public import NetworkTypes

/// The last policy that was taken on trial. One that was put back is not taken again by itself: the collector offers it
/// at every connection, and a policy that cuts a gateway off must not do so again and again. The operator's next push of
/// it is taken.
public struct TriedPolicy: Hashable, Sendable {
    /// Bytes of its encoding.
    public static let encodedLength = 40

    /// SHA-256 of the envelope.
    public let hash: ByteString
    /// When the operator pushed it, by the collector's clock, milliseconds since 1970.
    public let orderedMilliseconds: UInt64

    /// A policy that is about to be tried.
    public init(hash: ByteString, orderedMilliseconds: UInt64) {
        self.hash = hash
        self.orderedMilliseconds = orderedMilliseconds
    }

    /// The hash and the time in network order, as they are kept on the disk.
    public var encoded: [UInt8] {
        hash.bytes + (0..<8).map { UInt8(truncatingIfNeeded: orderedMilliseconds >> UInt64(56 - $0 * 8)) }
    }

    /// Reads `encoded`; nil for anything else.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == TriedPolicy.encodedLength else { return nil }
        hash = ByteString(Array(bytes[..<32]))
        orderedMilliseconds = bytes[32...].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
