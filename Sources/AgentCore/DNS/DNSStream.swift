public import NetworkTypes

/// The questions that one upstream is asked over a stream: TLS (RFC 7858), or TCP where UDP was too short (RFC 7766).
///
/// One connection carries many questions at once, and their answers come in any order (RFC 7766 §6.2.1.1). So that no two
/// of them look alike, each has an identifier of the connection's own; the asker's is put back into the answer. Bytes and
/// time come in, bytes and decisions go out; the socket is the caller's.
public struct DNSStream: Sendable {
    /// What becomes of a question.
    public enum Admission: Hashable, Sendable {
        /// Open a connection; the question goes out with what `opened` gives.
        case connect
        /// It goes out once the connection that is being opened stands.
        case queued
        /// Send these bytes.
        case send([UInt8])
        /// Ask another upstream: this one has just failed, or has too much to do.
        case refused
    }

    /// What time has come for.
    public enum Due: Hashable, Sendable {
        /// Nothing was asked for long: close the connection.
        case idle
        /// Close the connection, for this reason: it failed.
        case failure(ByteString)
    }

    /// The other side does not speak DNS.
    public enum Failure: Error { case malformed }

    private enum State: Sendable {
        case closed
        case opening(sinceMilliseconds: UInt64)
        case open
    }

    private struct Asked: Sendable {
        /// On the wire.
        var number: UInt16
        var query: UInt64
        /// The asker's.
        var identifier: (UInt8, UInt8)
        var sinceMilliseconds: UInt64
    }

    private var state = State.closed
    /// In the order in which they were asked.
    private var asked: [Asked] = []
    private var nextIdentifier: UInt16
    private var waiting: [UInt8] = []
    private var input: [UInt8] = []
    private var lastHeardMilliseconds: UInt64 = 0
    private var lastAskedMilliseconds: UInt64 = 0
    private var restUntilMilliseconds: UInt64 = 0
    private var failures: UInt64 = 0
    /// Whether the connection has brought an answer: then its end is no failure of the upstream.
    public private(set) var isProven = false
    /// Questions turned away because too many were under way.
    public private(set) var overflowCount: UInt64 = 0
    /// Messages that belong to no question, or came too late.
    public private(set) var strayCount: UInt64 = 0

    /// A stream that is closed. `entropy` is random: where identifiers begin.
    public init(entropy: UInt64) { nextIdentifier = UInt16(truncatingIfNeeded: entropy) }

    /// How many questions are under way.
    public var count: Int { asked.count }

    /// A question, as the proxy made it.
    public mutating func ask(query: UInt64, bytes: [UInt8], nowMilliseconds: UInt64) -> Admission {
        guard bytes.count >= 2, bytes.count <= Int(UInt16.max) else { return .refused }
        if case .closed = state, nowMilliseconds < restUntilMilliseconds { return .refused }
        guard asked.count < DNSLimits.streamQuestions else {
            overflowCount += 1
            return .refused
        }
        while place(of: nextIdentifier) != nil { nextIdentifier &+= 1 }
        let number = nextIdentifier
        nextIdentifier &+= 1
        asked.append(
            Asked(
                number: number,
                query: query,
                identifier: (bytes[0], bytes[1]),
                sinceMilliseconds: nowMilliseconds
            )
        )
        lastAskedMilliseconds = nowMilliseconds
        // RFC 1035 §4.2.2: two bytes of length before each message. One write, so that it is one record of TLS.
        let length = UInt16(bytes.count)
        var framed = [
            UInt8(length >> 8), UInt8(length & 0xFF), UInt8(number >> 8), UInt8(number & 0xFF),
        ]
        framed += bytes[2...]
        switch state {
        case .open: return .send(framed)
        case .opening:
            waiting += framed
            return .queued
        case .closed:
            state = .opening(sinceMilliseconds: nowMilliseconds)
            waiting = framed
            return .connect
        }
    }

    /// The connection stands, and the upstream is who it should be. What waited.
    public mutating func opened(nowMilliseconds: UInt64) -> [UInt8] {
        state = .open
        isProven = false
        lastHeardMilliseconds = nowMilliseconds
        defer { waiting = [] }
        return waiting
    }

    /// Bytes of the upstream; the answers that are complete, under their askers' identifiers.
    public mutating func received(
        _ bytes: [UInt8],
        nowMilliseconds: UInt64
    ) throws(Failure) -> [(query: UInt64, bytes: [UInt8])] {
        input += bytes
        var answers: [(query: UInt64, bytes: [UInt8])] = []
        var start = 0
        while input.count - start >= 2 {
            let length = Int(input[start]) << 8 | Int(input[start + 1])
            guard length >= DNSLimits.headerLength else { throw .malformed }
            guard input.count - start >= 2 + length else { break }
            var message = Array(input[(start + 2)..<(start + 2 + length)])
            start += 2 + length
            guard let place = place(of: UInt16(message[0]) << 8 | UInt16(message[1])) else {
                strayCount += 1
                continue
            }
            let question = asked.remove(at: place)
            (message[0], message[1]) = question.identifier
            answers.append((question.query, message))
        }
        if start > 0 { input.removeFirst(start) }
        lastHeardMilliseconds = nowMilliseconds
        if !answers.isEmpty {
            isProven = true
            failures = 0
        }
        return answers
    }

    /// The connection is gone, or there is none to be had; the questions that are without an answer, oldest first.
    ///
    /// A server may close what was idle for long (RFC 7766 §6.2.4): where the connection has brought answers the next is
    /// opened at once. Otherwise the upstream rests, longer each time. `entropy` is random.
    public mutating func closed(nowMilliseconds: UInt64, entropy: UInt64) -> [UInt64] {
        if !isProven {
            let bound = Swift.min(
                DNSLimits.streamRestLimitMilliseconds,
                DNSLimits.streamRestMilliseconds << Swift.min(failures, 16)
            )
            failures += 1
            restUntilMilliseconds = nowMilliseconds + bound / 2 + entropy % (bound / 2 + 1)
        }
        let lost = asked.map { $0.query }
        state = .closed
        isProven = false
        asked = []
        waiting = []
        input = []
        return lost
    }

    private func place(of number: UInt16) -> Int? {
        for index in asked.indices where asked[index].number == number { return index }
        return nil
    }

    /// Whether something is to be done about the connection.
    public mutating func tick(nowMilliseconds: UInt64) -> Due? {
        switch state {
        case .closed: return nil
        case .opening(let since):
            return nowMilliseconds >= since + DNSLimits.streamOpeningMilliseconds
                ? .failure("it could not be opened in time") : nil
        case .open:
            var isSilent = false
            while let oldest = asked.first,
                nowMilliseconds >= oldest.sinceMilliseconds + DNSLimits.streamAnswerMilliseconds
            {
                if lastHeardMilliseconds < oldest.sinceMilliseconds { isSilent = true }
                asked.removeFirst()
            }
            if isSilent {
                isProven = false
                return .failure("it no longer answers")
            }
            let last = Swift.max(lastAskedMilliseconds, lastHeardMilliseconds)
            guard asked.isEmpty, nowMilliseconds >= last + DNSLimits.streamIdleMilliseconds else { return nil }
            return .idle
        }
    }
}
