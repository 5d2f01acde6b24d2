/// The one number that agent and collector agree on. The collector serves `current` and the one before.
///
/// History:
/// 1. First version.
/// 2. Knowledge files are offered and fetched; `hello` and health say which one is in use.
public enum ProtocolVersion {
    /// What this build speaks.
    public static let current: UInt64 = 2
    /// The oldest that this build serves.
    public static let oldest: UInt64 = 1
    /// The first in which knowledge files are offered.
    public static let knowledge: UInt64 = 2
    /// The WebSocket subprotocol (RFC 6455 §1.9).
    public static let subprotocol = "gatehouse.v1"
    /// Most bytes of one message, either way.
    public static let maximumMessageBytes = 1 << 20
}
