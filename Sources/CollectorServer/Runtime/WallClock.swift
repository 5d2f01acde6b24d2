import Foundation

/// The time of day. Handed in, so that a test can be at any time.
public struct WallClock: Sendable {
    private let read: @Sendable () -> UInt64

    /// A clock that `read` moves: milliseconds since 1970.
    public init(_ read: @escaping @Sendable () -> UInt64) { self.read = read }

    /// The host's clock; 0 before 1970.
    public static let system = WallClock { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }

    /// Milliseconds since 1970.
    public var nowMilliseconds: UInt64 { read() }
}
