public import NetworkTypes

/// When to ask the collector for a new certificate, and what becomes of it (DESIGN §5).
///
/// The pair of key and certificate in force is let go only when a connection with the new one was welcomed; whatever
/// goes wrong before that costs nothing but a later attempt.
public struct Renewal: Hashable, Sendable {
    /// How long the collector has to answer.
    public static let answerTimeoutMilliseconds: UInt64 = 20_000
    /// How long a connection with the new certificate has until it is welcomed.
    public static let proofTimeoutMilliseconds: UInt64 = 25_000
    /// Shortest time from a failure to the next attempt: the collector takes one request a connection and minute.
    public static let retryBaseMilliseconds: UInt64 = 60_000
    /// Longest time from a failure to the next attempt, but for its jitter.
    public static let retryLimitMilliseconds: UInt64 = 6 * 3_600_000
    /// Shortest time to the next attempt where the certificate has so little left that the others would miss its end.
    public static let retryFloorMilliseconds: UInt64 = 1_000

    /// How far a renewal is. Times are monotonic.
    public enum Phase: Hashable, Sendable {
        /// Nothing is under way.
        case idle
        /// The collector was asked.
        case asked(sinceMilliseconds: UInt64)
        /// A connection with the new certificate is being opened.
        case proving(sinceMilliseconds: UInt64)
    }

    /// What happened.
    public enum Event: Hashable, Sendable {
        /// Time passed; whether the uplink is open.
        case tick(isOpen: Bool)
        /// The collector answered; what is wrong with the answer, nil where nothing is.
        case answered(fault: ByteString?)
        /// The new pair could not be written, or its connection ended without a welcome.
        case failed(ByteString)
    }

    /// What is to be done.
    public enum Action: Hashable, Sendable {
        /// Make a key and ask for a certificate.
        case ask
        /// Write the new pair down and open a connection with it.
        case prove
        /// Let the new pair go, keep the old one, and say why; so many attempts in a row have failed.
        case abandon(reason: ByteString, failures: UInt64)
        /// The certificate in force has ended: say what to do.
        case sayExpired
    }

    /// How far it is.
    public private(set) var phase = Phase.idle
    /// When the certificate in force is good.
    public let validity: CertificateValidity
    /// From this time on a new one is wanted, milliseconds since 1970.
    public let dueMilliseconds: UInt64

    private var failures: UInt64 = 0
    private var notBeforeMonotonic: UInt64 = 0
    private var hasSaidExpired = false

    /// Watches over a certificate. `entropy` is random: a fleet that was enrolled on one day is not renewed in one hour.
    public init(of validity: CertificateValidity, entropy: UInt64) {
        self.validity = validity
        let start = validity.notBeforeMilliseconds
        let life = validity.notAfterMilliseconds - Swift.min(start, validity.notAfterMilliseconds)
        // Two thirds, less or more a twentieth.
        dueMilliseconds = start + life / 3 * 2 - life / 20 + entropy % (life / 10 + 1)
    }

    /// Whether the certificate in force has ended.
    public func isExpired(now: AgentTime) -> Bool { now.wallMilliseconds >= validity.notAfterMilliseconds }

    /// Takes one event. `entropy` is random; it spreads attempts.
    public mutating func handle(_ event: Event, now: AgentTime, entropy: UInt64) -> Action? {
        let monotonic = now.monotonicMilliseconds
        switch (event, phase) {
        case (.tick(let isOpen), .idle):
            if isExpired(now: now), !hasSaidExpired {
                hasSaidExpired = true
                return .sayExpired
            }
            guard isOpen, now.wallMilliseconds >= dueMilliseconds, monotonic >= notBeforeMonotonic else { return nil }
            phase = .asked(sinceMilliseconds: monotonic)
            return .ask
        case (.tick(let isOpen), .asked(let since)):
            if !isOpen { return abandon("the connection ended before the collector answered", now, entropy) }
            guard monotonic >= since + Renewal.answerTimeoutMilliseconds else { return nil }
            return abandon("the collector did not answer", now, entropy)
        case (.tick, .proving(let since)):
            guard monotonic >= since + Renewal.proofTimeoutMilliseconds else { return nil }
            return abandon("the collector did not welcome a connection with the new certificate", now, entropy)
        case (.answered(let fault), .asked):
            if let fault { return abandon(fault, now, entropy) }
            phase = .proving(sinceMilliseconds: monotonic)
            return .prove
        case (.failed(let reason), .asked), (.failed(let reason), .proving): return abandon(reason, now, entropy)
        // An answer nobody waits for any more.
        case (.answered, _), (.failed, .idle): return nil
        }
    }

    private mutating func abandon(_ reason: ByteString, _ now: AgentTime, _ entropy: UInt64) -> Action {
        let left = validity.notAfterMilliseconds - Swift.min(now.wallMilliseconds, validity.notAfterMilliseconds)
        var bound = Renewal.retryBaseMilliseconds << Swift.min(failures, 9)
        bound = Swift.min(bound, Renewal.retryLimitMilliseconds, Swift.max(left / 8, Renewal.retryFloorMilliseconds))
        failures += 1
        phase = .idle
        notBeforeMonotonic = now.monotonicMilliseconds + bound + entropy % (bound / 2 + 1)
        return .abandon(reason: reason, failures: failures)
    }
}
