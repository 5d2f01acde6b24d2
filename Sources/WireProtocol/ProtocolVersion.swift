/// The one number that agent and collector agree on. The collector serves `current` and the one before.
///
/// History:
/// 1. First version.
public enum ProtocolVersion {
    /// What this build speaks.
    public static let current: UInt64 = 1
    /// The oldest that this build serves.
    public static let oldest: UInt64 = 1
    /// The WebSocket subprotocol (RFC 6455 §1.9).
    public static let subprotocol = "gatehouse.v1"
    /// Most bytes of one message, either way.
    public static let maximumMessageBytes = 1 << 20
}
