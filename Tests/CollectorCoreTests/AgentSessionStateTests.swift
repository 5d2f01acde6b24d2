import CollectorCore
import NetworkTypes
import Testing
import WireProtocol

/// The state machine of one connection: every state against everything that can happen to it.
@Suite struct AgentSessionStateTests {
    /// A state, and how a session gets there.
    enum Stage: String, CaseIterable, Sendable {
        case fresh, greeted, open, held, closed
    }

    private static let credits = IngestLimits.credits

    private static var record: GatewayRecord {
        var record = GatewayRecord(key: GatewayKey(gateway: "gate"), name: "gate")
        record.highWater = HighWaterMark(bootEpoch: 3, sequence: 7)
        return record
    }

    private static func hello(
        epoch: UInt64 = 3,
        instance: ByteString = "one",
        version: UInt64 = ProtocolVersion.current
    ) -> AgentMessage {
        var hello = Hello()
        hello.protocolVersion = version
        hello.bootEpoch = epoch
        hello.instance = instance
        return .hello(hello)
    }

    private static func reports(_ sequences: ClosedRange<UInt64>, epoch: UInt64 = 3) -> [Report] {
        sequences.map {
            Report(
                bootEpoch: epoch,
                sequence: $0,
                severity: .notice,
                timeMilliseconds: 1,
                body: .health(HealthReport())
            )
        }
    }

    private static func receive(_ session: inout AgentSession, _ message: AgentMessage) -> [AgentSession.Action] {
        session.receive(message, nowMilliseconds: 99)
    }

    private static func session(at stage: Stage) -> AgentSession {
        var session = AgentSession()
        guard stage != .fresh else { return session }
        _ = receive(&session, hello())
        switch stage {
        case .fresh, .greeted: break
        case .open: _ = session.admitted(record, nowMilliseconds: 99)
        case .held: _ = session.held(record, nowMilliseconds: 99)
        case .closed: _ = session.close(.failed)
        }
        return session
    }

    private static func welcome(credits: UInt64) -> AgentSession.Action {
        var welcome = Welcome()
        welcome.protocolVersion = ProtocolVersion.current
        welcome.takesFlows = true
        welcome.timeMilliseconds = 100
        welcome.highWater = HighWaterMark(bootEpoch: 3, sequence: 7)
        welcome.credits = credits
        return .send(.welcome(welcome))
    }

    private static func acknowledgement(_ sequence: UInt64, credits: UInt64, epoch: UInt64 = 3) -> AgentSession.Action {
        var answer = Acknowledgement()
        answer.highWater = HighWaterMark(bootEpoch: epoch, sequence: sequence)
        answer.credits = credits
        return .send(.acknowledge(answer))
    }

    private static func violation(_ words: String) -> [AgentSession.Action] { [.close(.policyViolation(words))] }

    @Test(arguments: Stage.allCases)
    func everyStateAnswersHello(_ stage: Stage) {
        var session = Self.session(at: stage)
        let actions = Self.receive(&session, Self.hello())
        switch stage {
        case .fresh:
            #expect(actions.count == 1)
            guard case .admit(let hello)? = actions.first else {
                Issue.record("\(actions)")
                return
            }
            #expect(hello.bootEpoch == 3 && session.hasSaidHello && !session.isOpen)
        case .greeted, .open, .held:
            #expect(actions == Self.violation("a second hello") && session.isClosed)
        case .closed: #expect(actions == [])
        }
    }

    @Test(arguments: Stage.allCases)
    func everyStateAnswersReports(_ stage: Stage) {
        var session = Self.session(at: stage)
        let reports = Self.reports(8...9)
        let actions = Self.receive(&session, .reports(ReportBatch(reports)))
        switch stage {
        case .fresh: #expect(actions == Self.violation("reports before hello"))
        case .greeted: #expect(actions == Self.violation("reports before welcome"))
        case .open: #expect(actions == [.submit(reports)])
        // Without an acknowledgement the agent keeps them.
        case .held: #expect(actions == [] && !session.isClosed)
        case .closed: #expect(actions == [])
        }
    }

    @Test(arguments: Stage.allCases)
    func everyStateAnswersTheRegistry(_ stage: Stage) {
        var admitted = Self.session(at: stage)
        let welcome = admitted.admitted(Self.record, nowMilliseconds: 100)
        var held = Self.session(at: stage)
        let hold = held.held(Self.record, nowMilliseconds: 100)
        switch stage {
        case .fresh, .closed: #expect(welcome == [] && hold == [])
        case .greeted:
            #expect(welcome == [Self.welcome(credits: Self.credits)] && admitted.isOpen)
            #expect(hold == [Self.welcome(credits: 0)] && !held.isOpen && !held.isClosed)
        case .open:
            #expect(welcome == [])
            #expect(hold == [Self.acknowledgement(7, credits: 0)] && !held.isOpen)
        case .held:
            #expect(welcome == [Self.acknowledgement(7, credits: Self.credits)] && admitted.isOpen)
            #expect(hold == [])
        }
    }

    @Test(arguments: Stage.allCases)
    func everyStateAnswersACommitAPushAndAClose(_ stage: Stage) {
        let outcome = IngestOutcome(
            highWater: HighWaterMark(bootEpoch: 3, sequence: 9),
            acceptedCount: 2,
            duplicateCount: 0
        )
        var committing = Self.session(at: stage)
        let committed = committing.committed(outcome)
        var pushing = Self.session(at: stage)
        let pushed = pushing.push(envelope: [1, 2], hash: [3], orderedMilliseconds: 50)
        switch stage {
        case .open:
            #expect(committed == [Self.acknowledgement(9, credits: Self.credits)])
            var push = PolicyPush()
            push.envelope.bytes = [1, 2]
            push.orderedMilliseconds = 50
            #expect(pushed == [.send(.policy(push))])
            let again = pushing.push(envelope: [1, 2], hash: [3], orderedMilliseconds: 50)
            #expect(again == [], "sent twice on one connection")
            #expect(pushing.push(envelope: [1, 2], hash: [4], orderedMilliseconds: 50).count == 1)
            // The operator pushed the same one anew, after the gateway had put it back.
            push.orderedMilliseconds = 60
            #expect(pushing.push(envelope: [1, 2], hash: [4], orderedMilliseconds: 60) == [.send(.policy(push))])
        case .held:
            #expect(committed == [Self.acknowledgement(9, credits: 0)])
            #expect(pushed == [])
        case .fresh, .greeted, .closed: #expect(committed == [] && pushed == [])
        }
        var closing = Self.session(at: stage)
        #expect(closing.close(.restarting) == (stage == .closed ? [] : [.close(.restarting)]))
        #expect(closing.isClosed && closing.close(.failed) == [])
    }

    @Test(arguments: [
        (hello(version: 0), "protocol 0 is not served, only 1 to 2"),
        (hello(epoch: 0), "hello without an instance or a boot epoch"),
        (hello(instance: ""), "hello without an instance or a boot epoch"),
    ])
    func aHelloThatSaysNothingIsRefused(_ message: AgentMessage, _ words: String) {
        var session = AgentSession()
        #expect(Self.receive(&session, message) == Self.violation(words))
    }

    /// A newer agent speaks to an older collector: the welcome tells it the version that both know.
    @Test func aNewerAgentIsServedTheCurrentProtocol() {
        var session = AgentSession()
        #expect(Self.receive(&session, Self.hello(version: 99)).count == 1)
        #expect(session.admitted(Self.record, nowMilliseconds: 100) == [Self.welcome(credits: Self.credits)])
    }

    /// And the other way round.
    @Test func anOlderAgentIsServedItsOwnProtocol() {
        var session = AgentSession()
        #expect(Self.receive(&session, Self.hello(version: 1)).count == 1)
        guard case .send(.welcome(let welcome))? = session.admitted(Self.record, nowMilliseconds: 100).first else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.protocolVersion == 1)
    }

    @Test func readingStopsAtTheCreditsAndGoesOnBelowThem() {
        var session = Self.session(at: .open)
        let size = UInt64(ReportBatch.maximumCount)
        var sequence: UInt64 = 8
        func batch() -> AgentMessage {
            defer { sequence += size }
            return .reports(ReportBatch(Self.reports(sequence...(sequence + size - 1))))
        }
        func outcome() -> IngestOutcome {
            IngestOutcome(
                highWater: HighWaterMark(bootEpoch: 3, sequence: 8),
                acceptedCount: Int(size),
                duplicateCount: 0
            )
        }
        let batches = Self.credits / size
        for number in 1...batches {
            let actions = Self.receive(&session, batch())
            #expect(actions.contains(.pauseReading) == (number == batches))
        }
        // What was on its way when reading stopped is still taken, up to twice the credits, and no further.
        for _ in 1...batches { #expect(Self.receive(&session, batch()).count == 1) }
        var greedy = session
        #expect(Self.receive(&greedy, batch()) == Self.violation("more reports than credits"))

        var last: [AgentSession.Action] = []
        for number in 1...(2 * batches) {
            last = session.committed(outcome())
            #expect(last.contains(.resumeReading) == (number == batches + 1), "\(number)")
        }
        #expect(last == [Self.acknowledgement(8, credits: Self.credits)])
        #expect(Self.receive(&session, batch()).count == 1)
    }

    @Test func duplicatesGiveTheirCreditsBack() {
        var session = Self.session(at: .open)
        _ = Self.receive(&session, .reports(ReportBatch(Self.reports(1...20))))
        let outcome = IngestOutcome(
            highWater: HighWaterMark(bootEpoch: 3, sequence: 20),
            acceptedCount: 13,
            duplicateCount: 7
        )
        #expect(session.committed(outcome) == [Self.acknowledgement(20, credits: Self.credits)])
        // A mark never falls: an answer of an older transaction says no less than the one before.
        let older = IngestOutcome(
            highWater: HighWaterMark(bootEpoch: 2, sequence: 99),
            acceptedCount: 0,
            duplicateCount: 0
        )
        #expect(session.committed(older) == [Self.acknowledgement(20, credits: Self.credits)])
    }

    @Test func anEmptyBatchIsNothing() {
        var session = Self.session(at: .open)
        #expect(Self.receive(&session, .reports(ReportBatch([]))) == [])
    }

    @Test func closeCodesAreThoseOfRFC6455() {
        let codes: [(AgentSession.CloseReason, UInt16)] = [
            (.replaced, 1000), (.protocolError(""), 1002), (.invalidMessage(""), 1007), (.policyViolation(""), 1008),
            (.messageTooLong, 1009), (.failed, 1011), (.restarting, 1012), (.tryAgainLater, 1013),
        ]
        for (reason, code) in codes { #expect(reason.code == code) }
    }
}
