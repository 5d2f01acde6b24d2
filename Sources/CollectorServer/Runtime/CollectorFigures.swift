import Synchronization

/// What the collector counts of itself, for `/metrics`. Counters since its start, and gauges.
public final class CollectorFigures: Sendable {
    /// One figure.
    public enum Figure: Int, CaseIterable, Sendable {
        /// Handshakes on the agent listener.
        case handshakes, handshakeFailures
        /// Agents connected now.
        case connectedAgents
        /// Connections that were refused or closed.
        case bannedRefused, clonesHeld, protocolViolations, messagesTooLong, messagesInvalid, connectionsOverLimit
        case unsentOverLimit
        /// Reports.
        case reportsAccepted, reportsDuplicate, reportBatches
        /// Policies written to live connections.
        case policiesPushed
        /// Enrolment.
        case enrolments, enrolmentsRefused, enrolmentsRateLimited
        /// Renewed certificates.
        case renewals, renewalsRefused, renewalsRateLimited
        /// Banners that Recog's fingerprints were tried on, and what limits ended.
        case recogSearches, recogLimitHits, recogOutOfTime
        /// Fingerprints that are loaded, and files that are not.
        case recogFingerprints, recogFilesRefused

        /// `gatehouse_reports_accepted_total`
        public var name: String {
            switch self {
            case .handshakes: return "gatehouse_agent_handshakes_total"
            case .handshakeFailures: return "gatehouse_agent_handshake_failures_total"
            case .connectedAgents: return "gatehouse_agents_connected"
            case .bannedRefused: return "gatehouse_agent_banned_refused_total"
            case .clonesHeld: return "gatehouse_agent_clones_held_total"
            case .protocolViolations: return "gatehouse_agent_protocol_violations_total"
            case .messagesTooLong: return "gatehouse_agent_messages_too_long_total"
            case .messagesInvalid: return "gatehouse_agent_messages_invalid_total"
            case .connectionsOverLimit: return "gatehouse_agent_connections_over_limit_total"
            case .unsentOverLimit: return "gatehouse_agent_unsent_over_limit_total"
            case .reportsAccepted: return "gatehouse_reports_accepted_total"
            case .reportsDuplicate: return "gatehouse_reports_duplicate_total"
            case .reportBatches: return "gatehouse_report_batches_total"
            case .policiesPushed: return "gatehouse_policies_pushed_total"
            case .enrolments: return "gatehouse_enrolments_total"
            case .enrolmentsRefused: return "gatehouse_enrolments_refused_total"
            case .enrolmentsRateLimited: return "gatehouse_enrolments_rate_limited_total"
            case .renewals: return "gatehouse_certificate_renewals_total"
            case .renewalsRefused: return "gatehouse_certificate_renewals_refused_total"
            case .renewalsRateLimited: return "gatehouse_certificate_renewals_rate_limited_total"
            case .recogSearches: return "gatehouse_recog_searches_total"
            case .recogLimitHits: return "gatehouse_recog_limit_hits_total"
            case .recogOutOfTime: return "gatehouse_recog_out_of_time_total"
            case .recogFingerprints: return "gatehouse_recog_fingerprints"
            case .recogFilesRefused: return "gatehouse_recog_files_refused"
            }
        }

        /// One line for people.
        public var help: String {
            switch self {
            case .handshakes: return "TLS handshakes of agents that succeeded."
            case .handshakeFailures: return "TLS handshakes of agents that failed or timed out."
            case .connectedAgents: return "Agents that are connected."
            case .bannedRefused: return "Connections of banned gateways that were refused."
            case .clonesHeld: return "Times two hosts were seen to hold one identity."
            case .protocolViolations: return "Connections closed because the agent broke the protocol."
            case .messagesTooLong: return "Connections closed because of a message over the limit."
            case .messagesInvalid: return "Connections closed because of a message that cannot be decoded."
            case .connectionsOverLimit: return "Connections refused because there were too many."
            case .unsentOverLimit: return "Connections closed because the agent did not read what was written to it."
            case .reportsAccepted: return "Reports committed."
            case .reportsDuplicate: return "Reports dropped because they were there before."
            case .reportBatches: return "Batches of reports received."
            case .policiesPushed: return "Policies written to live connections."
            case .enrolments: return "Gateways enrolled."
            case .enrolmentsRefused: return "Enrolments refused."
            case .enrolmentsRateLimited: return "Enrolments refused because one address tried too often."
            case .renewals: return "Certificates renewed."
            case .renewalsRefused: return "Renewals of certificates refused: bad request, held or banned gateway."
            case .renewalsRateLimited: return "Renewals refused because one connection asked too often."
            case .recogSearches: return "Banners looked up in a database of Recog's; those remembered do not count."
            case .recogLimitHits: return "Patterns of Recog's that the limit of steps ended."
            case .recogOutOfTime: return "Banners for which there was no time, or not for all patterns."
            case .recogFingerprints: return "Fingerprints of Recog's that are loaded."
            case .recogFilesRefused: return "Files of Recog's that are left out because they are damaged."
            }
        }

        /// Whether it can fall.
        public var isGauge: Bool {
            switch self {
            case .connectedAgents, .recogFingerprints, .recogFilesRefused: return true
            default: return false
            }
        }
    }

    private let values = Mutex<[UInt64]>(Array(repeating: 0, count: Figure.allCases.count))

    /// All zero.
    public init() {}

    /// Adds to a counter.
    public func add(_ figure: Figure, _ amount: UInt64 = 1) {
        values.withLock { $0[figure.rawValue] &+= amount }
    }

    /// Sets a gauge.
    public func set(_ figure: Figure, _ value: UInt64) {
        values.withLock { $0[figure.rawValue] = value }
    }

    /// A figure's value.
    public func value(_ figure: Figure) -> UInt64 { values.withLock { $0[figure.rawValue] } }
}
