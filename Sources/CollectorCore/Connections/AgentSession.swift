import NetworkTypes
import Policy
public import WireProtocol

/// The collector's end of one agent connection: messages and completions in, actions out.
///
/// It does no I/O: the channel handler carries the actions out, and tells it how they ended.
public struct AgentSession: Sendable {
    /// From one request for a certificate to the next on a connection.
    public static let renewalIntervalMilliseconds: UInt64 = 60_000

    /// What the channel has to do.
    public enum Action: Hashable, Sendable {
        /// Ask the registry whether this agent may come in.
        case admit(Hello)
        /// Commit these; then call `committed`.
        case submit([Report])
        /// Issue a certificate for this PKCS#10 request; then call `renewed`.
        case renew([UInt8])
        /// Say that there is none, and count it.
        case refuseRenewal(RenewalRefusal)
        /// Write a message.
        case send(CollectorMessage)
        /// Read no more until `resumeReading`.
        case pauseReading
        /// Read again.
        case resumeReading
        /// Say why, then close.
        case close(CloseReason)
    }

    /// Why a connection is closed. The raw values are status codes of RFC 6455 §7.4.1.
    public enum CloseReason: Hashable, Sendable {
        /// 1002: not what the protocol allows here.
        case protocolError(String)
        /// 1007: a message that cannot be decoded.
        case invalidMessage(String)
        /// 1008: banned, or not playing by the rules.
        case policyViolation(String)
        /// 1009
        case messageTooLong
        /// 1011: the database failed.
        case failed
        /// 1012: the collector stops.
        case restarting
        /// 1013: too much is waiting to be written.
        case tryAgainLater
        /// 1000: another connection of the same agent took over.
        case replaced

        /// The status code.
        public var code: UInt16 {
            switch self {
            case .replaced: return 1000
            case .protocolError: return 1002
            case .invalidMessage: return 1007
            case .policyViolation: return 1008
            case .messageTooLong: return 1009
            case .failed: return 1011
            case .restarting: return 1012
            case .tryAgainLater: return 1013
            }
        }

        /// For people; at most 123 bytes go into a close frame (RFC 6455 §5.5).
        public var words: String {
            switch self {
            case .protocolError(let why), .invalidMessage(let why), .policyViolation(let why): return why
            case .messageTooLong: return "message longer than \(ProtocolVersion.maximumMessageBytes) bytes"
            case .failed: return "the collector cannot write"
            case .restarting: return "the collector stops"
            case .tryAgainLater: return "too much is waiting to be written"
            case .replaced: return "another connection took over"
            }
        }
    }

    /// Why a certificate is not even looked into.
    public enum RenewalRefusal: Hashable, Sendable {
        /// Two hosts have the gateway's identity.
        case held
        /// The last request of this connection was less than `renewalIntervalMilliseconds` ago.
        case tooSoon

        /// For people.
        public var words: String {
            switch self {
            case .held: return "the gateway is held: two hosts have its identity, an operator must decide"
            case .tooSoon: return "one request a minute on a connection"
            }
        }
    }

    private enum State: Hashable, Sendable {
        case awaitingHello
        case awaitingAdmission
        case open
        case held
        case closed
    }

    private let credits: UInt64
    private var state = State.awaitingHello
    private var bootEpoch: UInt64 = 0
    private var highWater = HighWaterMark()
    private var inFlightCount: UInt64 = 0
    private var receivedSinceAnswer: UInt64 = 0
    private var isPaused = false
    private var pushedHash: [UInt8] = []
    private var pushedOrderMilliseconds: UInt64 = 0
    private var lastRenewalMilliseconds: UInt64?
    /// The protocol that the agent speaks.
    private var peerVersion: UInt64 = 0
    /// What it used of each kind of file that it understands, when it connected.
    private(set) var heldHashes: [FileKind: ByteString] = [:]
    /// What was offered last on this connection, of each kind.
    var deliveries: [FileKind: FileDelivery] = [:]

    /// Waits for the first message; the agent may send so many reports beyond what is acknowledged.
    public init(credits: UInt64 = IngestLimits.credits) { self.credits = credits }

    /// Whether the agent was let in and nothing holds it.
    public var isOpen: Bool { state == .open }

    /// Whether it is over.
    public var isClosed: Bool { state == .closed }

    /// Whether the agent has said who it is.
    public var hasSaidHello: Bool { state != .awaitingHello }

    /// A message came.
    public mutating func receive(_ message: AgentMessage, nowMilliseconds: UInt64) -> [Action] {
        switch (state, message) {
        case (.closed, _):
            return []
        case (.awaitingHello, .hello(let hello)):
            guard hello.protocolVersion >= ProtocolVersion.oldest else {
                let spoken = "\(ProtocolVersion.oldest) to \(ProtocolVersion.current)"
                return close(.policyViolation("protocol \(hello.protocolVersion) is not served, only \(spoken)"))
            }
            guard !hello.instance.isEmpty, hello.bootEpoch > 0 else {
                return close(.policyViolation("hello without an instance or a boot epoch"))
            }
            bootEpoch = hello.bootEpoch
            peerVersion = hello.protocolVersion
            heldHashes = Self.heldHashes(hello)
            state = .awaitingAdmission
            return [.admit(hello)]
        case (.awaitingHello, .reports):
            return close(.policyViolation("reports before hello"))
        case (.awaitingHello, .requestFile), (.awaitingAdmission, .requestFile):
            return close(.policyViolation("a request for a file before welcome"))
        case (.held, .requestFile):
            return []
        case (.open, .requestFile(let request)):
            return receive(request)
        case (.awaitingHello, .renew), (.awaitingAdmission, .renew):
            return close(.policyViolation("a request for a certificate before welcome"))
        case (_, .hello):
            return close(.policyViolation("a second hello"))
        case (.awaitingAdmission, .reports):
            return close(.policyViolation("reports before welcome"))
        case (.held, .reports):
            // They were under way when the hold came. Without an acknowledgement the agent keeps them.
            return []
        case (.open, .reports(let batch)):
            return receive(batch)
        case (.held, .renew):
            return [.refuseRenewal(.held)]
        case (.open, .renew(let request)):
            if let last = lastRenewalMilliseconds, nowMilliseconds < last + Self.renewalIntervalMilliseconds {
                return [.refuseRenewal(.tooSoon)]
            }
            lastRenewalMilliseconds = nowMilliseconds
            return [.renew(request.request.bytes)]
        }
    }

    /// A certificate was issued, or refused. It goes only to an agent that is still let in: one that was banned or held
    /// meanwhile gets none.
    public func renewed(_ answer: RenewalAnswer) -> [Action] {
        state == .open ? [.send(.certificate(answer))] : []
    }

    private mutating func receive(_ batch: ReportBatch) -> [Action] {
        if let fault = IngestFault.of(batch.reports, bootEpoch: bootEpoch) {
            return close(.policyViolation(fault.words))
        }
        guard !batch.reports.isEmpty else { return [] }
        let count = UInt64(batch.reports.count)
        inFlightCount += count
        receivedSinceAnswer += count
        // An acknowledgement and a batch may pass each other on the way: allow twice the credits.
        guard receivedSinceAnswer <= 2 * credits else {
            return close(.policyViolation(IngestFault.withoutCredit.words))
        }
        var actions: [Action] = [.submit(batch.reports)]
        if inFlightCount >= credits, !isPaused {
            isPaused = true
            actions.append(.pauseReading)
        }
        return actions
    }

    /// The registry let the agent in; `gateway` is its row after that.
    public mutating func admitted(_ gateway: GatewayRecord, nowMilliseconds: UInt64) -> [Action] {
        guard state == .awaitingAdmission || state == .held else { return [] }
        let wasHeld = state == .held
        state = .open
        highWater = gateway.highWater
        receivedSinceAnswer = 0
        if wasHeld { return [.send(.acknowledge(acknowledgement()))] }
        return [.send(.welcome(welcome(credits: credits, nowMilliseconds: nowMilliseconds)))]
    }

    /// Two hosts have its identity: it stays connected, and may send nothing.
    public mutating func held(_ gateway: GatewayRecord, nowMilliseconds: UInt64) -> [Action] {
        switch state {
        case .awaitingAdmission:
            state = .held
            highWater = gateway.highWater
            return [.send(.welcome(welcome(credits: 0, nowMilliseconds: nowMilliseconds)))]
        case .open:
            state = .held
            var answer = Acknowledgement()
            answer.highWater = highWater
            return [.send(.acknowledge(answer))]
        case .awaitingHello, .held, .closed:
            return []
        }
    }

    /// Reports that were submitted are on disk.
    public mutating func committed(_ outcome: IngestOutcome) -> [Action] {
        let count = UInt64(outcome.acceptedCount + outcome.duplicateCount)
        inFlightCount -= min(count, inFlightCount)
        if outcome.highWater.isAfter(highWater) { highWater = outcome.highWater }
        guard state == .open || state == .held else { return [] }
        receivedSinceAnswer = inFlightCount
        var actions: [Action] = [.send(.acknowledge(acknowledgement()))]
        if isPaused, inFlightCount < credits {
            isPaused = false
            actions.append(.resumeReading)
        }
        return actions
    }

    /// A policy is the gateway's target. Sent once on each connection, and again where an operator pushed it anew.
    public mutating func push(envelope: [UInt8], hash: [UInt8], orderedMilliseconds: UInt64) -> [Action] {
        guard state == .open, pushedHash != hash || pushedOrderMilliseconds != orderedMilliseconds else { return [] }
        pushedHash = hash
        pushedOrderMilliseconds = orderedMilliseconds
        var push = PolicyPush()
        push.envelope.bytes = envelope
        push.orderedMilliseconds = orderedMilliseconds
        return [.send(.policy(push))]
    }

    /// The connection is to end.
    public mutating func close(_ reason: CloseReason) -> [Action] {
        guard state != .closed else { return [] }
        state = .closed
        return [.close(reason)]
    }

    private func acknowledgement() -> Acknowledgement {
        var answer = Acknowledgement()
        answer.highWater = highWater
        answer.credits = state == .held ? 0 : credits - min(inFlightCount, credits)
        return answer
    }

    private func welcome(credits: UInt64, nowMilliseconds: UInt64) -> Welcome {
        var welcome = Welcome()
        welcome.protocolVersion = min(peerVersion, ProtocolVersion.current)
        welcome.timeMilliseconds = nowMilliseconds
        welcome.highWater = highWater
        welcome.credits = credits
        welcome.takesFlows = true
        return welcome
    }
}
