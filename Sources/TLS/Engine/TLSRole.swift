/// Which side of a connection.
public enum TLSRole: UInt8, Sendable {
    /// Speaks first and verifies the server.
    case client
    /// Answers, and demands a certificate where its context says so.
    case server
}
