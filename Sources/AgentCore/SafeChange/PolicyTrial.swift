public import NetworkTypes
import Policy

/// Whether a policy that was just brought into force may stay (DESIGN §6): everything it must reach is connected to
/// anew, and all of it has to answer before the deadline. Else the old policy is put back.
///
/// Owns no socket: events in, actions out. Times are monotonic.
public struct PolicyTrial: Sendable {
    /// Most targets: the `mustReach` of a bundle, and the collector. So many connections may be under way at once.
    public static let maximumTargets = PolicyLimits.probeCount + 1
    /// From an attempt that failed to the next one.
    public static let retryMilliseconds: UInt64 = 1000
    /// How long one attempt may take: time for two repeated SYNs (after 1 s and 3 s, RFC 6298 §2.1).
    public static let attemptMilliseconds: UInt64 = 5000

    /// What happened.
    public enum Event: Hashable, Sendable {
        /// Time passed; also begins the trial.
        case tick
        /// The target of this number accepted the connection.
        case reached(Int)
        /// It could not be opened: the kernel's words.
        case failed(Int, ByteString)
    }

    /// What is to be done.
    public enum Action: Hashable, Sendable {
        /// Open a connection for the target of this number; `reached` or `failed` follows.
        case connect(Int, IPAddress, port: UInt16)
        /// Close it; nothing is to follow.
        case giveUp(Int)
        /// Everything answered: the policy stays.
        case confirm
        /// Time is over: put the old policy back; which target did not answer, and what it said.
        case rollBack(ByteString)
    }

    private enum State: Hashable, Sendable {
        case waiting(untilMilliseconds: UInt64)
        case connecting(sinceMilliseconds: UInt64)
        case reached
    }

    private struct Progress: Sendable {
        let target: ReachTarget
        var state = State.waiting(untilMilliseconds: 0)
        var attempts = 0
        var lastWords: ByteString = ""

        /// The address of the attempt under way, or of the last one.
        var address: IPAddress { target.addresses[Swift.max(0, attempts - 1) % target.addresses.count] }
    }

    /// When the old policy is put back.
    public let deadlineMilliseconds: UInt64
    /// Attempts to connect so far.
    public private(set) var attemptCount: UInt64 = 0
    /// Whether it was decided.
    public private(set) var isOver = false
    private let startMilliseconds: UInt64
    private var progress: [Progress]

    /// A trial that begins now. Targets beyond `maximumTargets` are left out: the validator lets none of them pass.
    public init(of targets: [ReachTarget], withinMilliseconds: UInt64, nowMilliseconds: UInt64) {
        startMilliseconds = nowMilliseconds
        deadlineMilliseconds = nowMilliseconds + withinMilliseconds
        progress = targets.prefix(PolicyTrial.maximumTargets).map { Progress(target: $0) }
    }

    /// Milliseconds until the deadline.
    public func leftMilliseconds(nowMilliseconds: UInt64) -> UInt64 {
        deadlineMilliseconds - Swift.min(nowMilliseconds, deadlineMilliseconds)
    }

    /// What is still waited for: `192.0.2.1:443 (mustReach)`; empty where nothing is.
    public var awaited: ByteString {
        guard let first = progress.first(where: { $0.state != .reached }) else { return "" }
        return PolicyTrial.name(first)
    }

    /// Takes one event.
    public mutating func handle(_ event: Event, nowMilliseconds: UInt64) -> [Action] {
        guard !isOver else { return [] }
        switch event {
        case .tick: return tick(nowMilliseconds)
        case .reached(let number):
            guard isConnecting(number) else { return [] }
            progress[number].state = .reached
            return confirmed()
        case .failed(let number, let words):
            guard isConnecting(number) else { return [] }
            progress[number].lastWords = words
            progress[number].state = .waiting(untilMilliseconds: nowMilliseconds + PolicyTrial.retryMilliseconds)
            return []
        }
    }

    private func isConnecting(_ number: Int) -> Bool {
        guard progress.indices.contains(number), case .connecting = progress[number].state else { return false }
        return true
    }

    private mutating func confirmed() -> [Action] {
        guard progress.allSatisfy({ $0.state == .reached }) else { return [] }
        isOver = true
        return [.confirm]
    }

    private mutating func tick(_ now: UInt64) -> [Action] {
        if progress.isEmpty { return confirmed() }
        guard now < deadlineMilliseconds else { return expired(now) }
        var actions: [Action] = []
        for number in progress.indices {
            if case .connecting(let since) = progress[number].state, now >= since + PolicyTrial.attemptMilliseconds {
                actions.append(.giveUp(number))
                progress[number].lastWords = "no answer"
                progress[number].state = .waiting(untilMilliseconds: now)
            }
            guard case .waiting(let until) = progress[number].state, now >= until else { continue }
            progress[number].attempts += 1
            attemptCount += 1
            progress[number].state = .connecting(sinceMilliseconds: now)
            actions.append(.connect(number, progress[number].address, port: progress[number].target.port))
        }
        return actions
    }

    private mutating func expired(_ now: UInt64) -> [Action] {
        isOver = true
        var actions: [Action] = []
        var missed: [Int] = []
        for number in progress.indices where progress[number].state != .reached {
            missed.append(number)
            if isConnecting(number) { actions.append(.giveUp(number)) }
        }
        actions.append(.rollBack(words(missed, now)))
        return actions
    }

    /// `192.0.2.1:443 (mustReach) was not reached for 30 s (29 attempts): Connection refused; nor were 2 others`
    private func words(_ missed: [Int], _ now: UInt64) -> ByteString {
        guard let first = missed.first else { return "" }
        let target = progress[first]
        var text: ByteString = """
            \(PolicyTrial.name(target)) was not reached for \((now - startMilliseconds) / 1000) s \
            (\(target.attempts) attempts): \(target.lastWords.isEmpty ? "no answer" : target.lastWords)
            """
        if missed.count > 1 { text.append("; nor were \(missed.count - 1) others") }
        return text
    }

    private static func name(_ progress: Progress) -> ByteString {
        let address = progress.address
        let text: ByteString = address.family == .v6 ? "[\(address.byteString)]" : address.byteString
        return "\(text):\(progress.target.port) (\(progress.target.purpose))"
    }
}
