import AgentCore
import NetworkTypes
import Policy
import TestSupport
import Testing

@Suite struct PolicyTrialTests {
    static let collector = IPAddress(v4: 0xCB00_710A)
    static let standby = IPAddress(v4: 0xCB00_710B)
    static let server = ReachProbe(address: IPAddress(v4: 0xC000_0250), port: 443)
    static let six = ReachProbe(address: IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 0x53), port: 853)

    /// A trial of the collector and what a policy names, which began at 1,000,000 ms and has 10 s.
    static func trial(_ probes: [ReachProbe] = [server], others: [IPAddress] = []) -> PolicyTrial {
        let collector = ReachTarget(collector: Self.collector, others: others, port: 7443)
        return PolicyTrial(
            of: [collector] + probes.map { ReachTarget($0) },
            withinMilliseconds: 10_000,
            nowMilliseconds: 1_000_000
        )
    }

    /// One thing that happens, so many milliseconds after the beginning, and what is done about it.
    struct Step: CustomStringConvertible {
        let at: UInt64
        let event: PolicyTrial.Event
        let actions: [PolicyTrial.Action]

        init(_ at: UInt64, _ event: PolicyTrial.Event, _ actions: [PolicyTrial.Action] = []) {
            (self.at, self.event, self.actions) = (at, event, actions)
        }

        var description: String { "\(event) at \(at)" }
    }

    struct Story: Sendable, CustomStringConvertible {
        let description: String
        let others: [IPAddress]
        let steps: @Sendable () -> [Step]

        init(_ description: String, others: [IPAddress] = [], steps: @escaping @Sendable () -> [Step]) {
            (self.description, self.others, self.steps) = (description, others, steps)
        }
    }

    static let toCollector = PolicyTrial.Action.connect(0, collector, port: 7443)
    static let toStandby = PolicyTrial.Action.connect(0, standby, port: 7443)
    static let toServer = PolicyTrial.Action.connect(1, server.address, port: 443)
    static let refused: ByteString = "Connection refused"

    static let stories: [Story] = [
        Story("all answer at once") {
            [
                Step(0, .tick, [toCollector, toServer]), Step(20, .reached(1)), Step(30, .reached(0), [.confirm]),
                // It is over: nothing more is done, whatever comes.
                Step(500, .tick), Step(20_000, .tick), Step(20_000, .failed(0, refused)),
            ]
        },
        Story("what refuses is asked again, and may answer later") {
            [
                Step(0, .tick, [toCollector, toServer]), Step(5, .reached(0)), Step(10, .failed(1, refused)),
                Step(500, .tick), Step(1009, .tick), Step(1010, .tick, [toServer]), Step(1011, .failed(1, refused)),
                Step(2500, .tick, [toServer]), Step(9999, .reached(1), [.confirm]),
            ]
        },
        Story("what is silent is given up, and asked anew at once") {
            [
                Step(0, .tick, [toCollector, toServer]), Step(5, .reached(0)), Step(4999, .tick),
                Step(5000, .tick, [.giveUp(1), toServer]), Step(5100, .reached(1), [.confirm]),
            ]
        },
        Story("what refuses until the end is named with its words") {
            [
                Step(0, .tick, [toCollector, toServer]), Step(5, .reached(0)), Step(10, .failed(1, refused)),
                Step(1010, .tick, [toServer]), Step(1011, .failed(1, "No route to host")),
                Step(
                    10_000,
                    .tick,
                    [.rollBack("192.0.2.80:443 (mustReach) was not reached for 10 s (2 attempts): No route to host")]
                ),
                Step(10_001, .reached(1)), Step(10_500, .tick),
            ]
        },
        Story("a silent collector is named, with the number of the others, and what is open is closed") {
            [
                Step(0, .tick, [toCollector, toServer]), Step(10, .failed(1, refused)),
                Step(5000, .tick, [.giveUp(0), toCollector, toServer]),
                Step(
                    10_400,
                    .tick,
                    [
                        .giveUp(0), .giveUp(1),
                        .rollBack(
                            "203.0.113.10:7443 (the collector) was not reached for 10 s (2 attempts): no answer; nor were 1 others"
                        ),
                    ]
                ),
            ]
        },
        Story("any address of the collector will do, the one in use first", others: [standby, collector]) {
            [
                Step(0, .tick, [toCollector, toServer]), Step(1, .reached(1)), Step(2, .failed(0, refused)),
                Step(1002, .tick, [toStandby]), Step(1003, .failed(0, refused)), Step(2003, .tick, [toCollector]),
                Step(2004, .failed(0, refused)), Step(3004, .tick, [toStandby]), Step(3005, .reached(0), [.confirm]),
            ]
        },
        Story("what nobody asked is passed over") {
            [
                Step(0, .reached(0)), Step(0, .failed(1, refused)), Step(0, .reached(7)), Step(0, .failed(-1, "")),
                Step(0, .tick, [toCollector, toServer]), Step(1, .reached(0)), Step(2, .reached(0)),
                Step(3, .failed(0, refused)), Step(1500, .tick), Step(1501, .reached(1), [.confirm]),
            ]
        },
    ]

    @Test(arguments: stories)
    func endsAsTheStoryDoes(_ story: Story) {
        var trial = Self.trial(others: story.others)
        for step in story.steps() {
            let actions = trial.handle(step.event, nowMilliseconds: 1_000_000 + step.at)
            #expect(actions == step.actions, "\(story): \(step)")
        }
        #expect(trial.isOver)
    }

    @Test func nothingToReachIsConfirmedAtOnce() {
        var trial = PolicyTrial(of: [], withinMilliseconds: 10_000, nowMilliseconds: 5)
        #expect(trial.handle(.tick, nowMilliseconds: 5) == [.confirm])
        #expect(trial.awaited == "")
    }

    @Test func saysWhatItWaitsForAndHowLong() {
        var trial = Self.trial([Self.six])
        _ = trial.handle(.tick, nowMilliseconds: 1_000_000)
        #expect(trial.awaited == "203.0.113.10:7443 (the collector)")
        _ = trial.handle(.reached(0), nowMilliseconds: 1_000_001)
        #expect(trial.awaited == "[2001:db8::53]:853 (mustReach)")
        #expect(trial.leftMilliseconds(nowMilliseconds: 1_004_000) == 6000)
        #expect(trial.leftMilliseconds(nowMilliseconds: 2_000_000) == 0)
    }

    /// Whatever happens in whatever order: no connection is left open, and the end comes once, at the latest at the deadline.
    @Test func everyRandomStoryEndsOnceAndInTime() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...40, using: &generator)
            let probes = (0..<count).map { ReachProbe(address: IPAddress(v4: UInt32($0)), port: 1) }
            var trial = Self.trial(probes)
            var open: Set<Int> = []
            var ends = 0
            var now: UInt64 = 1_000_000
            var isLast = false
            while !isLast {
                isLast = now >= 1_012_000
                let number = Int.random(in: 0..<(count + 2), using: &generator)
                var event: PolicyTrial.Event
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: event = .reached(number)
                case 1: event = .failed(number, "x")
                default: event = .tick
                }
                if isLast { event = .tick }
                if event != .tick { open.remove(number) }
                for action in trial.handle(event, nowMilliseconds: now) {
                    switch action {
                    case .connect(let number, _, _): #expect(open.insert(number).inserted, "seed \(seed)")
                    case .giveUp(let number): #expect(open.remove(number) != nil, "seed \(seed)")
                    case .confirm, .rollBack:
                        ends += 1
                        #expect(open.isEmpty, "seed \(seed)")
                    }
                }
                #expect(open.count <= PolicyTrial.maximumTargets)
                now += UInt64.random(in: 0...700, using: &generator)
            }
            #expect(ends == 1 && trial.isOver, "seed \(seed)")
            #expect(trial.attemptCount <= UInt64(PolicyTrial.maximumTargets * 12), "seed \(seed)")
        }
    }

    @Test func whatWasTriedIsKnownByItsHashAndItsPush() {
        let hash = ByteString((0..<32).map { UInt8($0) })
        let tried = TriedPolicy(hash: hash, orderedMilliseconds: 1_700_000_000_123)
        #expect(TriedPolicy(tried.encoded) == tried)
        #expect(tried.encoded.count == TriedPolicy.encodedLength)
        #expect(tried != TriedPolicy(hash: hash, orderedMilliseconds: 1_700_000_000_124), "pushed anew")
        for count in [0, 32, 39, 41] {
            #expect(TriedPolicy([UInt8](repeating: 1, count: count)) == nil)
        }
    }
}
