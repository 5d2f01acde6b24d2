/// Something that happened on a gateway, or in the collector.
public struct EventResource: Codable, Sendable {
    /// Names it, and orders events by their arrival: a higher one came later.
    public var id: UInt64
    /// The gateway.
    public var gateway: String
    /// The gateway's site.
    public var site: String
    /// `device-appeared`, `device-changed`, `violation`, `quarantine`, `incident`, `proof`, `policy-refused`, `gap`,
    /// `connection`, `lifecycle`, `silence`
    public var kind: String
    /// `informational`, `notice`, `warning`, `critical`
    public var severity: String
    /// When, by the gateway's clock.
    public var time: Timestamp
    /// When it was committed here.
    public var received: Timestamp
    /// The device; nil where it is the gateway's own.
    public var device: String?
    /// For people, one line: `203.0.113.9 port 23/tcp: not in allowlist cameras`.
    public var summary: String
    /// The particulars, by name.
    public var fields: [String: String]
    /// `violation` only.
    public var violation: Violation?
    /// Which report of the agent it is: two events of one gateway never have the same. 0 for the collector's own.
    public var bootEpoch: UInt64
    /// With `bootEpoch`.
    public var sequence: UInt64

    /// Packets of a device to one destination that were dropped, or would have been.
    public struct Violation: Codable, Hashable, Sendable {
        /// Where it wanted to go.
        public var destination: String
        /// The name it asked for that address, where it did.
        public var destinationName: String?
        /// `tcp`, `udp`, `icmp`, or a number.
        public var transport: String
        /// Destination port; for ICMP the type.
        public var port: UInt64
        /// The allowlist that held the device.
        public var policy: String
        /// Why: a word for programs.
        public var reason: String
        /// False in monitor mode.
        public var wasDropped: Bool
        /// Packets.
        public var count: UInt64

        /// A violation.
        public init(
            destination: String,
            destinationName: String?,
            transport: String,
            port: UInt64,
            policy: String,
            reason: String,
            wasDropped: Bool,
            count: UInt64
        ) {
            self.destination = destination
            self.destinationName = destinationName
            self.transport = transport
            self.port = port
            self.policy = policy
            self.reason = reason
            self.wasDropped = wasDropped
            self.count = count
        }
    }

    /// An event.
    public init(
        id: UInt64,
        gateway: String,
        site: String,
        kind: String,
        severity: String,
        time: Timestamp,
        received: Timestamp,
        device: String?,
        summary: String,
        fields: [String: String] = [:],
        violation: Violation? = nil,
        bootEpoch: UInt64,
        sequence: UInt64
    ) {
        self.id = id
        self.gateway = gateway
        self.site = site
        self.kind = kind
        self.severity = severity
        self.time = time
        self.received = received
        self.device = device
        self.summary = summary
        self.fields = fields
        self.violation = violation
        self.bootEpoch = bootEpoch
        self.sequence = sequence
    }
}
