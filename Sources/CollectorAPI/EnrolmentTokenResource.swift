/// What a new enrolment token shall be for.
public struct EnrolmentTokenRequest: Codable, Sendable {
    /// The site the gateway will belong to.
    public var site: String
    /// What the gateway shall be called, for people.
    public var label: String?
    /// Labels of the gateway.
    public var labels: [String: String]?
    /// Seconds until it ends; an hour where nil.
    public var expiresInSeconds: UInt64?

    /// A request.
    public init(site: String, label: String? = nil, labels: [String: String]? = nil, expiresInSeconds: UInt64? = nil) {
        self.site = site
        self.label = label
        self.labels = labels
        self.expiresInSeconds = expiresInSeconds
    }
}

/// A token with which one gateway may enrol once.
public struct EnrolmentTokenResource: Codable, Sendable {
    /// What names it in listings; not secret.
    public var id: String
    /// The site the gateway will belong to.
    public var site: String
    /// A note for people; may be empty.
    public var label: String
    /// `open`, `used`, `expired`, `revoked`
    public var state: String
    /// Who made it.
    public var createdBy: String
    /// When it was made.
    public var created: Timestamp
    /// When it ends.
    public var expires: Timestamp
    /// When it was used.
    public var used: Timestamp?
    /// Which gateway used it.
    public var gateway: String?
    /// The secret; only in the answer to its making, and never again.
    public var secret: String?
    /// SHA-256 of the certificate authority's certificate, hexadecimal; with the secret only.
    public var caSHA256: String?
    /// Where agents connect, `host:port`; with the secret only, as the one below.
    public var agentAddress: String?
    /// Where agents enrol, `host:port` of the HTTPS listener.
    public var enrolAddress: String?

    /// A token.
    public init(
        id: String,
        site: String,
        label: String,
        state: String,
        createdBy: String,
        created: Timestamp,
        expires: Timestamp
    ) {
        self.id = id
        self.site = site
        self.label = label
        self.state = state
        self.createdBy = createdBy
        self.created = created
        self.expires = expires
    }
}
