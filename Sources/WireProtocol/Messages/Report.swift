/// One thing that happened on a gateway. Spooled before it is sent, kept until it is acknowledged.
public struct Report: Hashable, Sendable {
    /// The start of the agent that made it.
    public var bootEpoch: UInt64
    /// Ascending from 1 within a boot epoch, without holes.
    public var sequence: UInt64
    /// How long it is kept when the spool is full.
    public var severity: Severity
    /// When, by the agent's wall clock, milliseconds since 1970.
    public var timeMilliseconds: UInt64
    /// What.
    public var body: Body

    /// A report.
    public init(bootEpoch: UInt64, sequence: UInt64, severity: Severity, timeMilliseconds: UInt64, body: Body) {
        self.bootEpoch = bootEpoch
        self.sequence = sequence
        self.severity = severity
        self.timeMilliseconds = timeMilliseconds
        self.body = body
    }

    /// A full spool gives up the least severe first.
    public enum Severity: UInt8, CaseIterable, Hashable, Sendable, Comparable {
        /// Figures and states that the next report replaces.
        case informational = 0
        /// Something to know.
        case notice = 1
        /// Something to look at.
        case warning = 2
        /// Something to act on.
        case critical = 3

        /// By urgency.
        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    /// What happened.
    public enum Body: Hashable, Sendable {
        /// A device appeared, or what is known of it changed.
        case device(DeviceReport)
        /// Traffic that the policy does not allow, summed up over a short time.
        case violation(ViolationReport)
        /// A device was put into quarantine, or let out.
        case quarantine(QuarantineReport)
        /// A scan, a flood, spoofing, a claim to another's address, an identity that contradicts itself.
        case incident(IncidentReport)
        /// What was asked, what was applied, what the kernel holds.
        case proof(ProofReport)
        /// A policy that was not taken, and why.
        case policyRefused(PolicyRefusalReport)
        /// The agent's own figures.
        case health(HealthReport)
        /// Reports that a full spool gave up.
        case gap(GapReport)
        /// Where devices' connections led.
        case flows(FlowReport)
    }
}
