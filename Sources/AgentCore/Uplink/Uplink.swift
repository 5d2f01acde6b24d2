public import WireProtocol

/// When to connect to the collector, what to send, and what to do with what it says (DESIGN §5).
///
/// Owns no socket: `handle(_:)` turns what happened into what is to be done. Reports live in the spool; the uplink
/// knows only how many may be sent and up to where they are acknowledged.
public struct Uplink {
    /// First delay of the exponential back-off.
    public static let backoffBaseMilliseconds: UInt64 = 500
    /// Longest delay of the back-off.
    public static let backoffLimitMilliseconds: UInt64 = 60_000
    /// How long finding the addresses of the collector's name may take.
    public static let resolutionTimeoutMilliseconds: UInt64 = 12_000
    /// How long one address has from the start of the connection to the open WebSocket.
    public static let openTimeoutMilliseconds: UInt64 = 10_000
    /// From the open WebSocket to `Welcome`.
    public static let welcomeTimeoutMilliseconds: UInt64 = 15_000
    /// Silence after which a ping is sent.
    public static let pingIntervalMilliseconds: UInt64 = 20_000
    /// Silence after which the connection is given up.
    public static let silenceTimeoutMilliseconds: UInt64 = 50_000
    /// A connection that lasted so long resets the back-off.
    public static let stableAfterMilliseconds: UInt64 = 10_000

    /// Where the connection stands.
    public enum State: Hashable, Sendable {
        /// Not connected until the given monotonic time.
        case waiting(untilMilliseconds: UInt64)
        /// The addresses of the collector's name are looked for.
        case resolving(sinceMilliseconds: UInt64)
        /// TCP, TLS or the upgrade is under way.
        case opening(sinceMilliseconds: UInt64)
        /// `Welcome` is awaited.
        case greeting(sinceMilliseconds: UInt64)
        /// Reports flow.
        case open(sinceMilliseconds: UInt64)
    }

    /// What happened.
    public enum Event: Hashable, Sendable {
        /// Time passed.
        case tick
        /// So many addresses are known, in the order to be tried.
        case resolved(count: Int)
        /// The WebSocket is open.
        case opened
        /// Another connection, on which `Hello` was sent, takes the place of this one: its `Welcome` follows.
        case replaced
        /// The connection is gone. `entropy` is random; it spreads reconnects after an outage.
        case closed(entropy: UInt64)
        /// Bytes came.
        case heard
        /// A message came.
        case message(CollectorMessage)
        /// So many reports were handed to the connection, the last of them at `mark`.
        case sent(count: UInt64, mark: HighWaterMark)
    }

    /// What is to be done.
    public enum Action: Hashable, Sendable {
        /// Find the addresses of the collector's name; `resolved` or `closed` will follow.
        case resolve
        /// Open a connection to the address of this number, counted from 0.
        case connect(Int)
        /// Close the connection; `closed` will follow.
        case disconnect(reason: DisconnectReason)
        /// Send `Hello`.
        case sendHello
        /// Send a WebSocket ping.
        case sendPing
        /// Send at most `count` reports that follow `after`.
        case sendReports(count: UInt64, after: HighWaterMark)
        /// Reports up to the mark may be forgotten.
        case forget(upTo: HighWaterMark)
        /// The collector let the agent in; its wall clock.
        case adoptTime(milliseconds: UInt64)
        /// A signed policy came.
        case policy(PolicyPush)
        /// A device is to be let out of quarantine.
        case release(DeviceRelease)
        /// The answer to a request for a new certificate came.
        case certificate(RenewalAnswer)
        /// A file is offered: knowledge, or blocklists.
        case considerFile(FileOffer)
        /// A part of one came.
        case takeFile(FileChunk)
    }

    /// Why a connection is closed from this side.
    public enum DisconnectReason: UInt8, Hashable, Sendable {
        /// What was awaited did not come in time.
        case timeout
        /// Nothing was heard for too long.
        case silence
        /// The collector speaks another protocol version.
        case version
    }

    /// Where the connection stands.
    public private(set) var state: State = .waiting(untilMilliseconds: 0)
    /// Reports that may still be sent.
    public private(set) var credits: UInt64 = 0
    /// The last report that was handed to this connection, or is acknowledged.
    public private(set) var sentMark = HighWaterMark()
    /// Everything up to here is committed at the collector.
    public private(set) var acknowledgedMark = HighWaterMark()
    /// Connections that failed or ended.
    public private(set) var disconnectCount: UInt64 = 0

    private var isForFlows = false
    private var failures: UInt64 = 0
    private var lastHeardMilliseconds: UInt64 = 0
    private var pingOutstanding = false
    private var addressCount = 0
    private var address = 0

    /// An uplink that connects at the first tick.
    public init() {}

    /// Whether reports may flow.
    public var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    /// Whether reports of kind `flows` may be made: a collector that does not know them ends the connection at the first.
    public var takesFlows: Bool { isOpen && isForFlows }

    /// The reports that may be sent now, if any; asked whenever the spool has grown.
    public func nextReports() -> Action? {
        guard isOpen, credits > 0 else { return nil }
        return .sendReports(count: Swift.min(credits, UInt64(ReportBatch.maximumCount)), after: sentMark)
    }

    /// Takes one event.
    public mutating func handle(_ event: Event, now: AgentTime) -> [Action] {
        let monotonic = now.monotonicMilliseconds
        switch event {
        case .tick: return tick(monotonic)
        case .resolved(let count):
            guard case .resolving = state, count > 0 else { return [] }
            addressCount = count
            address = 0
            state = .opening(sinceMilliseconds: monotonic)
            return [.connect(0)]
        case .opened:
            guard case .opening = state else { return [] }
            state = .greeting(sinceMilliseconds: monotonic)
            return [.sendHello]
        case .replaced:
            state = .greeting(sinceMilliseconds: monotonic)
            credits = 0
            return []
        case .closed(let entropy): return closed(entropy, monotonic)
        case .heard:
            heard(monotonic)
            return []
        case .message(let message):
            heard(monotonic)
            return receive(message, monotonic)
        case .sent(let count, let mark):
            credits -= Swift.min(credits, count)
            sentMark = Swift.max(sentMark, mark)
            return []
        }
    }

    private mutating func heard(_ monotonic: UInt64) {
        lastHeardMilliseconds = monotonic
        pingOutstanding = false
    }

    private mutating func tick(_ monotonic: UInt64) -> [Action] {
        let since: UInt64
        let limit: UInt64
        switch state {
        case .waiting(let until):
            guard monotonic >= until else { return [] }
            state = .resolving(sinceMilliseconds: monotonic)
            return [.resolve]
        case .resolving(let start): (since, limit) = (start, Uplink.resolutionTimeoutMilliseconds)
        case .opening(let start): (since, limit) = (start, Uplink.openTimeoutMilliseconds)
        case .greeting(let start): (since, limit) = (start, Uplink.welcomeTimeoutMilliseconds)
        case .open(let start):
            if monotonic >= start + Uplink.stableAfterMilliseconds { failures = 0 }
            let silence = monotonic - Swift.min(monotonic, lastHeardMilliseconds)
            if silence >= Uplink.silenceTimeoutMilliseconds { return [.disconnect(reason: .silence)] }
            guard silence >= Uplink.pingIntervalMilliseconds, !pingOutstanding else { return [] }
            pingOutstanding = true
            return [.sendPing]
        }
        return monotonic >= since + limit ? [.disconnect(reason: .timeout)] : []
    }

    private mutating func receive(_ message: CollectorMessage, _ monotonic: UInt64) -> [Action] {
        switch message {
        case .welcome(let welcome):
            guard case .greeting = state else { return [] }
            guard welcome.protocolVersion >= ProtocolVersion.oldest, welcome.protocolVersion <= ProtocolVersion.current
            else { return [.disconnect(reason: .version)] }
            state = .open(sinceMilliseconds: monotonic)
            credits = welcome.credits
            isForFlows = welcome.takesFlows
            acknowledgedMark = welcome.highWater
            // What the last connection sent and the collector did not commit is sent again; it drops what it has.
            sentMark = welcome.highWater
            var actions: [Action] = [
                .adoptTime(milliseconds: welcome.timeMilliseconds), .forget(upTo: welcome.highWater),
            ]
            if let next = nextReports() { actions.append(next) }
            return actions
        case .acknowledge(let acknowledgement):
            guard isOpen else { return [] }
            credits = acknowledgement.credits
            acknowledgedMark = Swift.max(acknowledgedMark, acknowledgement.highWater)
            sentMark = Swift.max(sentMark, acknowledgedMark)
            var actions: [Action] = [.forget(upTo: acknowledgedMark)]
            if let next = nextReports() { actions.append(next) }
            return actions
        case .policy(let push): return isOpen ? [.policy(push)] : []
        case .release(let release): return isOpen ? [.release(release)] : []
        case .certificate(let answer): return isOpen ? [.certificate(answer)] : []
        case .offerFile(let offer): return isOpen ? [.considerFile(offer)] : []
        case .fileChunk(let chunk): return isOpen ? [.takeFile(chunk)] : []
        }
    }

    /// An address that could not be opened is no reason to wait while there is another.
    private mutating func closed(_ entropy: UInt64, _ monotonic: UInt64) -> [Action] {
        if case .waiting = state { return [] }
        if case .opening = state, address + 1 < addressCount {
            address += 1
            state = .opening(sinceMilliseconds: monotonic)
            return [.connect(address)]
        }
        backOff(entropy, monotonic)
        return []
    }

    /// Full jitter: anywhere between nothing and the exponential bound, so that a fleet does not come back at once.
    private mutating func backOff(_ entropy: UInt64, _ monotonic: UInt64) {
        var bound = Uplink.backoffBaseMilliseconds
        for _ in 0..<Swift.min(failures, 16) {
            bound = Swift.min(bound * 2, Uplink.backoffLimitMilliseconds)
        }
        failures += 1
        disconnectCount += 1
        credits = 0
        pingOutstanding = false
        state = .waiting(untilMilliseconds: monotonic + entropy % (bound + 1))
    }
}
