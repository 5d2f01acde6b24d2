/// One line of the audit log. Each carries the hash of the one before it, so that none can be changed or taken out.
public struct AuditRecord: Hashable, Sendable {
    /// Ascending from 1, without holes.
    public var sequence: UInt64
    /// What was done.
    public var entry: AuditEntry
    /// Hash of the line before; 32 zero bytes for the first.
    public var previousHash: [UInt8]
    /// SHA-256 over `AuditRecord.message`.
    public var hash: [UInt8]

    /// A line.
    public init(sequence: UInt64, entry: AuditEntry, previousHash: [UInt8], hash: [UInt8]) {
        self.sequence = sequence
        self.entry = entry
        self.previousHash = previousHash
        self.hash = hash
    }

    /// What the hash covers: each field with its length in front, so that no two entries have the same bytes.
    public static func message(sequence: UInt64, entry: AuditEntry, previousHash: [UInt8]) -> [UInt8] {
        var message: [UInt8] = []
        func append(_ number: UInt64) {
            for shift in stride(from: 56, through: 0, by: -8) {
                message.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            }
        }
        append(sequence)
        append(entry.timeMilliseconds)
        for text in [entry.tenant, entry.actor, entry.action, entry.subject, entry.detail] {
            append(UInt64(text.utf8.count))
            message.append(contentsOf: text.utf8)
        }
        message.append(contentsOf: previousHash)
        return message
    }
}

/// What somebody did.
public struct AuditEntry: Hashable, Sendable {
    /// The tenant it concerns.
    public var tenant: String
    /// When, milliseconds since 1970.
    public var timeMilliseconds: UInt64
    /// Who: a login, `token:<id>`, `gateway:<id>` or `collector`.
    public var actor: String
    /// What: `token.create`, `gateway.ban`, `policy.push`, `login.failed`.
    public var action: String
    /// To what: an identifier; empty where there is none.
    public var subject: String
    /// For people.
    public var detail: String

    /// An entry.
    public init(
        tenant: String = TenantName.standard,
        timeMilliseconds: UInt64,
        actor: String,
        action: String,
        subject: String = "",
        detail: String = ""
    ) {
        self.tenant = tenant
        self.timeMilliseconds = timeMilliseconds
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}
