public import WireProtocol

/// Something that happened on a gateway. Each report that is worth keeping becomes exactly one of these.
public struct EventRecord: Hashable, Sendable {
    /// Ascending in the order of arrival; the cursor of listings.
    public var id: UInt64
    /// Where.
    public var gateway: GatewayKey
    /// The start of the agent that reported it; 0 where the collector itself did.
    public var bootEpoch: UInt64
    /// The report's number within that start; for the collector's own events, its own count.
    public var sequence: UInt64
    /// What.
    public var kind: EventKind
    /// The device's key; empty where it is the gateway's own.
    public var device: String
    /// How urgent.
    public var severity: Report.Severity
    /// When, by the gateway's clock, milliseconds since 1970.
    public var timeMilliseconds: UInt64
    /// When it was committed, by the collector's clock, milliseconds since 1970.
    public var receivedMilliseconds: UInt64
    /// One line for people.
    public var summary: String
    /// The particulars, in the order in which they should be shown.
    public var fields: [EventField]

    /// An event; storage gives `id`.
    public init(
        id: UInt64 = 0,
        gateway: GatewayKey,
        bootEpoch: UInt64,
        sequence: UInt64,
        kind: EventKind,
        device: String = "",
        severity: Report.Severity,
        timeMilliseconds: UInt64,
        receivedMilliseconds: UInt64,
        summary: String,
        fields: [EventField] = []
    ) {
        self.id = id
        self.gateway = gateway
        self.bootEpoch = bootEpoch
        self.sequence = sequence
        self.kind = kind
        self.device = device
        self.severity = severity
        self.timeMilliseconds = timeMilliseconds
        self.receivedMilliseconds = receivedMilliseconds
        self.summary = summary
        self.fields = fields
    }

    /// The value of a field, or nil.
    public func value(of name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// One particular of an event.
public struct EventField: Hashable, Sendable, Codable {
    /// `destination`, `port`, `reason`
    public var name: String
    /// Its value, as text.
    public var value: String

    /// A field.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What an event is about. The raw values are stored and shown: never rename one.
public enum EventKind: String, CaseIterable, Hashable, Sendable, Codable {
    /// A device appeared. Fields: class, vendor, model.
    case deviceAppeared = "device-appeared"
    /// What is known of a device changed. Fields: the ones that changed, and `was.` before their names.
    case deviceChanged = "device-changed"
    /// Traffic that the policy does not allow. Fields: destination, name, transport, port, policy, reason, dropped, count.
    case violation = "violation"
    /// A device was put into quarantine, or let out. Fields: reason, duration.
    case quarantine = "quarantine"
    /// A scan, a flood, spoofing, a conflict of addresses, a contradiction, drift, a clone. Fields: kind, count.
    case incident = "incident"
    /// A proof that says something new. Fields: generation, desired, applied, kernel, difference, milliseconds.
    case proof = "proof"
    /// A policy that was not taken. Fields: policy, reason, detail, generation.
    case policyRefused = "policy-refused"
    /// Reports that a full spool gave up. Fields: count, first, last.
    case gap = "gap"
    /// The collector's own: the agent connected or went. Fields: address, version.
    case connection = "connection"
    /// The collector's own: enrolled, renewed, banned, held, released.
    case lifecycle = "lifecycle"
    /// The collector's own: nothing was heard of the gateway for `Silence.thresholdMilliseconds`.
    case silence = "silence"
}
