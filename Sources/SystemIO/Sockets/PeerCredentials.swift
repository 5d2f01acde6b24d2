/// The process at the other end of a Unix socket (SO_PEERCRED of unix(7)).
public struct PeerCredentials: Hashable, Sendable {
    /// Process number.
    public let process: Int32
    /// Effective user.
    public let user: UInt32
    /// Effective group.
    public let group: UInt32
}
