/// The data of one server-sent event of `/api/v1/stream`: what changed, so that it can be read again.
public struct ChangeResource: Codable, Hashable, Sendable {
    /// `gateway`, `device`, `events`, `policy`, `token`, `everything`
    public var what: String
    /// `gateway`, `device`, `events`: whose.
    public var gateway: String?
    /// `device`: its key.
    public var device: String?
    /// `events`: the highest identifier.
    public var event: UInt64?
    /// `policy`: its hash.
    public var policy: String?
    /// `token`: its identifier.
    public var token: String?

    /// A change.
    public init(
        what: String,
        gateway: String? = nil,
        device: String? = nil,
        event: UInt64? = nil,
        policy: String? = nil,
        token: String? = nil
    ) {
        self.what = what
        self.gateway = gateway
        self.device = device
        self.event = event
        self.policy = policy
        self.token = token
    }
}
