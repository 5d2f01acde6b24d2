import NetworkTypes
import PacketParsing
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// An answer that is given again without asking policy and kernel must be the one that they would give.
@Suite struct RepeatedAnswerTests {
    typealias Bench = DNSProxyBench

    /// A bench whose device has just been told an address with a time to live of 60 s.
    private static func told(openSeconds: UInt64 = 300, _ records: [DNSRecord]? = nil) throws -> Bench {
        var bench = Bench()
        let actions = try bench.ask(
            Bench.question("shop.example"),
            answers: records ?? [Bench.a("shop.example", "198.51.100.1", ttl: 60)]
        )
        guard case .fill(let query, _, _, _, _) = actions.first else {
            Issue.record("no fill: \(actions)")
            return bench
        }
        let filled = bench.proxy.filled(
            query: query,
            succeeded: true,
            openUntilMilliseconds: bench.now + openSeconds * 1000,
            nowMilliseconds: bench.now
        )
        #expect(filled.count == 1)
        // The first look notes the revision.
        _ = again(&bench)
        return bench
    }

    private static func again(
        _ bench: inout Bench,
        _ question: DNSMessage = Bench.question("shop.example"),
        device: MACAddress = Bench.device,
        revision: UInt64 = 0
    ) -> [UInt8]? {
        let bytes = question.encoded()
        // As it lies in a larger buffer.
        return bench.proxy.repeatedAnswer(
            to: bytes + [UInt8](repeating: 0xEE, count: 40),
            bytes.count,
            device: device,
            revision: revision,
            nowMilliseconds: bench.now
        )
    }

    @Test func comesWithTheNewIdentifierAndTheTimeThatIsLeft() throws {
        var bench = try Self.told()
        var question = Bench.question("shop.example")
        question.identifier = 0x1234
        for (after, left) in [(0, 60), (1, 59), (1000, 59), (1001, 58), (59_000, 1)] as [(UInt64, UInt32)] {
            var later = bench
            later.now += after
            let answer = try Bench.parse(#require(Self.again(&later, question)))
            #expect(answer.identifier == 0x1234 && answer.answers.count == 1)
            #expect(answer.answers[0].timeToLiveSeconds == left, "after \(after) ms")
            #expect(answer.answers[0].address == Bench.address("198.51.100.1"))
        }
        // Step by step it comes to the same.
        for second in 1...59 {
            bench.now += 1000
            let answer = try Bench.parse(#require(Self.again(&bench)))
            #expect(answer.answers[0].timeToLiveSeconds == UInt32(60 - second))
        }
        bench.now += 1000
        #expect(Self.again(&bench) == nil)
        #expect(bench.proxy.counters.repeatedAnswers == 60)
    }

    @Test func isForTheSameDeviceAndTheSameBytesAlone() throws {
        var bench = try Self.told()
        #expect(Self.again(&bench) != nil)
        #expect(Self.again(&bench, device: try #require(MACAddress("02:00:00:00:00:09"))) == nil)
        #expect(Self.again(&bench, Bench.question("SHOP.example")) == nil, "askers put a secret into the case")
        #expect(Self.again(&bench, Bench.question("shop.example", payload: 4096)) == nil)
        #expect(Self.again(&bench, Bench.question("shop.example", .aaaa)) == nil)
    }

    @Test func endsWithTheShorterOfTimeToLiveAndTimeInTheKernel() throws {
        var bench = try Self.told(openSeconds: 20)
        bench.now += 19_999
        #expect(Self.again(&bench) != nil)
        bench.now += 1
        #expect(Self.again(&bench) == nil, "the kernel must be told again before the device is")
    }

    @Test func endsWhenAnythingHasChanged() throws {
        var bench = try Self.told()
        #expect(Self.again(&bench) != nil)
        #expect(Self.again(&bench, revision: 1) == nil, "another policy, device or set")
        #expect(Self.again(&bench, revision: 1) == nil)
        bench = try Self.told()
        bench.proxy.blocklists = nil
        #expect(Self.again(&bench) == nil, "another blocklist")
    }

    @Test func whatWasJudgedBeforeTheChangeIsNotKeptAfterIt() throws {
        for isOther in [false, true] {
            var bench = Bench()
            let actions = try bench.ask(
                Bench.question("shop.example"),
                answers: [Bench.a("shop.example", "198.51.100.1")]
            )
            guard case .fill(let query, _, _, _, _) = actions.first else {
                Issue.record("no fill: \(actions)")
                return
            }
            // Another device asks while the kernel is filled, and by then another policy is in force.
            if isOther { _ = Self.again(&bench, revision: 1) }
            _ = bench.proxy.filled(
                query: query,
                succeeded: true,
                openUntilMilliseconds: .max,
                nowMilliseconds: bench.now
            )
            #expect((Self.again(&bench, revision: isOther ? 1 : 0) == nil) == isOther)
        }
    }

    @Test func denialsFailuresAndUnfilledAnswersAreNotRepeated() throws {
        var bench = Bench()
        _ = try bench.replied(bench.ask(Bench.question("shop.example"), answers: []))
        _ = Self.again(&bench)
        #expect(Self.again(&bench) == nil)
        bench = Bench()
        let actions = try bench.ask(Bench.question("shop.example"), answers: [Bench.a("shop.example", "198.51.100.1")])
        guard case .fill(let query, _, _, _, _) = actions.first else {
            Issue.record("no fill: \(actions)")
            return
        }
        _ = bench.proxy.filled(query: query, succeeded: false, openUntilMilliseconds: .max, nowMilliseconds: bench.now)
        _ = Self.again(&bench)
        #expect(Self.again(&bench) == nil)
    }

    @Test func aTunnelIsSeenWholeFromThenOn() throws {
        var bench = try Self.told()
        #expect(Self.again(&bench) != nil)
        // NULL records, which nothing but tunnels asks for.
        for number in 0..<40 {
            _ = bench.ask(Bench.question("q\(number)x.tunnel.example", DNSRecordType(rawValue: 10)))
        }
        #expect(bench.proxy.tunnelCount == 1)
        #expect(Self.again(&bench) == nil)
    }

    @Test func holdsNoMoreThanItsLimit() throws {
        var answers = RepeatedAnswers(entropy: 7)
        let answer = Bench.answer(Bench.question("a.example"), [Bench.a("a.example", "198.51.100.1", ttl: 60)])
        for number in 0..<(3 * DNSLimits.repeatedAnswers) {
            answers.keep(
                answer,
                to: Bench.question("a\(number).example").encoded(),
                device: Bench.device,
                revision: 0,
                shortestTimeToLiveSeconds: 60,
                untilMilliseconds: .max,
                nowMilliseconds: UInt64(number)
            )
            #expect(answers.count <= DNSLimits.repeatedAnswers)
        }
    }
}
