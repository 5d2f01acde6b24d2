import AgentCore
import NetworkTypes
import Testing
import WireProtocol

@Suite struct UplinkTests {
    /// An uplink and a clock that is moved by hand.
    private struct Trial {
        var uplink = Uplink()
        var now: UInt64 = 1_000_000

        mutating func take(_ event: Uplink.Event) -> [Uplink.Action] {
            uplink.handle(event, now: AgentTime(wallMilliseconds: 0, monotonicMilliseconds: now))
        }

        mutating func opening(_ addresses: Int) -> [Uplink.Action] {
            _ = take(.tick)
            return take(.resolved(count: addresses))
        }

        static func welcome(_ credits: UInt64 = 10, _ mark: HighWaterMark = HighWaterMark()) -> Uplink.Event {
            var welcome = Welcome()
            welcome.protocolVersion = ProtocolVersion.current
            welcome.timeMilliseconds = 5
            welcome.credits = credits
            welcome.highWater = mark
            return .message(.welcome(welcome))
        }

        mutating func open() {
            _ = opening(1)
            _ = take(.opened)
            _ = take(Trial.welcome())
        }

        var isWaiting: Bool {
            if case .waiting = uplink.state { return true }
            return false
        }
    }

    @Test func flowsAreForACollectorThatSaysSoAlone() {
        var trial = Trial()
        trial.open()
        #expect(trial.uplink.isOpen && !trial.uplink.takesFlows)
        _ = trial.take(.closed(entropy: 0))
        _ = trial.opening(1)
        _ = trial.take(.opened)
        var welcome = Welcome()
        (welcome.protocolVersion, welcome.takesFlows) = (ProtocolVersion.oldest, true)
        #expect(!trial.uplink.takesFlows)
        _ = trial.take(.message(.welcome(welcome)))
        #expect(trial.uplink.takesFlows)
        _ = trial.take(.closed(entropy: 0))
        #expect(!trial.uplink.takesFlows)
        // The next collector is another one.
        trial.open()
        #expect(trial.uplink.isOpen && !trial.uplink.takesFlows)
    }

    @Test func triesEachAddressInOrderBeforeItWaits() {
        var trial = Trial()
        #expect(trial.take(.tick) == [.resolve])
        #expect(trial.take(.resolved(count: 3)) == [.connect(0)])
        #expect(trial.take(.closed(entropy: 7)) == [.connect(1)])
        #expect(trial.take(.closed(entropy: 7)) == [.connect(2)])
        #expect(trial.uplink.disconnectCount == 0)
        #expect(trial.take(.closed(entropy: 7)) == [])
        #expect(trial.isWaiting && trial.uplink.disconnectCount == 1)
    }

    @Test func anAddressThatStaysSilentHasItsOwnTime() {
        var trial = Trial()
        #expect(trial.opening(2) == [.connect(0)])
        trial.now += Uplink.openTimeoutMilliseconds - 1
        #expect(trial.take(.tick) == [])
        trial.now += 1
        #expect(trial.take(.tick) == [.disconnect(reason: .timeout)])
        #expect(trial.take(.closed(entropy: 0)) == [.connect(1)])
        trial.now += Uplink.openTimeoutMilliseconds - 1
        #expect(trial.take(.tick) == [])
    }

    @Test func whoAnsweredIsNotPassedOver() {
        var trial = Trial()
        _ = trial.opening(2)
        #expect(trial.take(.opened) == [.sendHello])
        // Closed after hello, as a banned gateway is: the next address is the same collector.
        #expect(trial.take(.closed(entropy: 3)) == [])
        #expect(trial.isWaiting)
    }

    @Test func resolvingAndGreetingEndInTime() {
        var trial = Trial()
        #expect(trial.take(.tick) == [.resolve])
        trial.now += Uplink.resolutionTimeoutMilliseconds
        #expect(trial.take(.tick) == [.disconnect(reason: .timeout)])
        _ = trial.take(.closed(entropy: 0))
        #expect(trial.take(.tick) == [.resolve])
        #expect(trial.take(.resolved(count: 1)) == [.connect(0)])
        _ = trial.take(.opened)
        trial.now += Uplink.welcomeTimeoutMilliseconds
        #expect(trial.take(.tick) == [.disconnect(reason: .timeout)])
    }

    @Test func oneFailureIsCountedOnce() {
        var trial = Trial()
        _ = trial.opening(1)
        trial.now += Uplink.openTimeoutMilliseconds
        _ = trial.take(.tick)
        _ = trial.take(.closed(entropy: UInt64.max))
        _ = trial.take(.closed(entropy: UInt64.max))
        #expect(trial.uplink.disconnectCount == 1)
    }

    @Test func backOffGrowsUpToItsLimit() {
        var trial = Trial()
        var longest: [UInt64] = []
        for _ in 0..<10 {
            _ = trial.opening(1)
            // The bound is 500, 1000, 2000 and so on: so much entropy lands on it.
            let bound = Swift.min(
                Uplink.backoffBaseMilliseconds << UInt64(longest.count),
                Uplink.backoffLimitMilliseconds
            )
            _ = trial.take(.closed(entropy: bound))
            guard case .waiting(let until) = trial.uplink.state else {
                Issue.record("not waiting")
                return
            }
            longest.append(until - trial.now)
            #expect(trial.take(.tick).isEmpty)
            trial.now = until
        }
        #expect(longest.prefix(3) == [500, 1000, 2000])
        #expect(longest.last == Uplink.backoffLimitMilliseconds)
    }

    @Test func anotherConnectionTakesThePlaceOfTheOpenOne() {
        var trial = Trial()
        trial.open()
        #expect(trial.uplink.isOpen)
        _ = trial.take(.sent(count: 3, mark: HighWaterMark(bootEpoch: 1, sequence: 3)))
        #expect(trial.take(.replaced) == [])
        #expect(trial.uplink.nextReports() == nil, "nothing is sent before its welcome")
        let mark = HighWaterMark(bootEpoch: 1, sequence: 1)
        let actions = trial.take(Trial.welcome(8, mark))
        #expect(
            actions == [.adoptTime(milliseconds: 5), .forget(upTo: mark), .sendReports(count: 8, after: mark)],
            "what was not committed is sent again"
        )
        #expect(trial.uplink.disconnectCount == 0)
    }

    @Test func anotherConnectionTakesThePlaceOfOneThatIsGone() {
        var trial = Trial()
        trial.open()
        _ = trial.take(.closed(entropy: 9))
        _ = trial.take(.replaced)
        _ = trial.take(Trial.welcome())
        #expect(trial.uplink.isOpen)
    }

    @Test func answersOfTheCollectorNeedAnOpenConnection() {
        var trial = Trial()
        let answer = RenewalAnswer(refusal: "no")
        #expect(trial.take(.message(.certificate(answer))) == [])
        trial.open()
        #expect(trial.take(.message(.certificate(answer))) == [.certificate(answer)])
    }
}
