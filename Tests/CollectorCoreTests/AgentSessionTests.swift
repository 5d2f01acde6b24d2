import CollectorCore
import NetworkTypes
import Testing
import WireProtocol

@Suite struct AgentSessionTests {
    private static let gateway = GatewayRecord(key: GatewayKey(gateway: "gate"), name: "gate")

    private static func open(credits: UInt64 = IngestLimits.credits) -> AgentSession {
        var session = AgentSession(credits: credits)
        _ = session.receive(.hello(hello), nowMilliseconds: 0)
        _ = session.admitted(gateway, nowMilliseconds: 0)
        return session
    }

    private static var hello: Hello {
        var hello = Hello()
        hello.protocolVersion = ProtocolVersion.current
        hello.bootEpoch = 1
        hello.instance = "i"
        return hello
    }

    private static var request: AgentMessage {
        var request = RenewalRequest()
        request.request = "request"
        return .renew(request)
    }

    private static func isClose(_ actions: [AgentSession.Action]) -> Bool {
        if case .close(.policyViolation) = actions.first { return true }
        return false
    }

    @Test func oneRequestForACertificateAMinute() {
        var session = Self.open()
        let interval = AgentSession.renewalIntervalMilliseconds
        #expect(session.receive(Self.request, nowMilliseconds: 1000) == [.renew(Array("request".utf8))])
        #expect(session.receive(Self.request, nowMilliseconds: 999 + interval) == [.refuseRenewal(.tooSoon)])
        // A refused one does not put off the next.
        #expect(session.receive(Self.request, nowMilliseconds: 1000 + interval) == [.renew(Array("request".utf8))])
    }

    @Test func onlyAnOpenSessionGetsACertificate() {
        var session = AgentSession()
        #expect(Self.isClose(session.receive(Self.request, nowMilliseconds: 0)))
        session = AgentSession()
        _ = session.receive(.hello(Self.hello), nowMilliseconds: 0)
        #expect(Self.isClose(session.receive(Self.request, nowMilliseconds: 0)))

        let answer = RenewalAnswer(refusal: "x")
        session = Self.open()
        #expect(session.renewed(answer) == [.send(.certificate(answer))])
        _ = session.held(Self.gateway, nowMilliseconds: 0)
        #expect(session.receive(Self.request, nowMilliseconds: 0) == [.refuseRenewal(.held)])
        #expect(session.renewed(answer) == [], "one that was under way when the hold came is not handed out")
        session = Self.open()
        _ = session.close(.policyViolation("banned"))
        #expect(session.renewed(answer) == [])
        #expect(session.receive(Self.request, nowMilliseconds: 0) == [])
    }

    @Test func creditsAreThoseItWasMadeWith() {
        var session = AgentSession(credits: 3)
        _ = session.receive(.hello(Self.hello), nowMilliseconds: 0)
        guard case .send(.welcome(let welcome)) = session.admitted(Self.gateway, nowMilliseconds: 0).first else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.credits == 3)
        func batch(_ numbers: ClosedRange<UInt64>) -> AgentMessage {
            .reports(
                ReportBatch(
                    numbers.map {
                        Report(
                            bootEpoch: 1,
                            sequence: $0,
                            severity: .notice,
                            timeMilliseconds: 0,
                            body: .gap(GapReport())
                        )
                    }
                )
            )
        }
        #expect(session.receive(batch(1...3), nowMilliseconds: 0).last == .pauseReading)
        let mark = HighWaterMark(bootEpoch: 1, sequence: 3)
        let actions = session.committed(IngestOutcome(highWater: mark, acceptedCount: 3, duplicateCount: 0))
        guard case .send(.acknowledge(let acknowledgement)) = actions.first else {
            Issue.record("no acknowledgement: \(actions)")
            return
        }
        #expect(acknowledgement.credits == 3 && actions.last == .resumeReading)
        #expect(Self.isClose(session.receive(batch(4...10), nowMilliseconds: 0)), "seven with three credits")
    }
}
