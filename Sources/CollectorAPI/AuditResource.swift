/// One line of the audit log.
public struct AuditResource: Codable, Sendable {
    /// Ascending without holes.
    public var sequence: UInt64
    /// When.
    public var time: Timestamp
    /// Who: a login, `gateway:<id>` or `collector`.
    public var actor: String
    /// What: `token.create`, `gateway.ban`, `policy.push`, `login.failed`.
    public var action: String
    /// To what; may be empty.
    public var subject: String
    /// For people; may be empty.
    public var detail: String

    /// A line.
    public init(sequence: UInt64, time: Timestamp, actor: String, action: String, subject: String, detail: String) {
        self.sequence = sequence
        self.time = time
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}
