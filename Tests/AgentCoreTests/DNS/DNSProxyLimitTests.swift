import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@testable import AgentCore

@Suite struct DNSProxyLimitTests {
    typealias Bench = DNSProxyBench

    @Test func failsOverOnceEachAndThenFails() throws {
        var bench = Bench()
        let first = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
        #expect(bench.proxy.tick(nowMilliseconds: bench.now + 999, entropy: 5) == [])
        let second = try #require(try Bench.forwarded(bench.proxy.tick(nowMilliseconds: bench.now + 1000, entropy: 5)))
        #expect(first.upstream == 0 && second.upstream == 1 && second.query == first.query)
        #expect(first.message.identifier != second.message.identifier)
        let failure = Bench.answer(second.message, []) { $0.flags.responseCode = .serverFailure }
        let actions = bench.proxy.answered(query: second.query, bytes: failure, nowMilliseconds: bench.now)
        #expect(try bench.replied(actions).flags.responseCode == .serverFailure)
        #expect(bench.proxy.counters.timeouts == 1 && bench.proxy.pending.isEmpty)
        #expect(bench.proxy.pendingCounts.isEmpty)
    }

    @Test func truncatedAnswersSendTheDeviceToTCP() throws {
        var bench = Bench()
        let asked = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
        #expect(asked.message.payloadLength == 512)
        let cut = Bench.answer(asked.message, []) { $0.flags.isTruncated = true }
        let reply = try bench.replied(
            bench.proxy.answered(query: asked.query, bytes: cut, nowMilliseconds: bench.now)
        )
        #expect(reply.flags.isTruncated && reply.flags.responseCode == .noError)
    }

    @Test func truncatedAnswersToTCPAreAskedForOverTCP() throws {
        var bench = Bench()
        bench.client.isTCP = true
        let asked = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
        #expect(asked.message.payloadLength == 4096)
        let cut = Bench.answer(asked.message, []) { $0.flags.isTruncated = true }
        let again = bench.proxy.answered(query: asked.query, bytes: cut, nowMilliseconds: bench.now)
        #expect(
            again == [
                .forward(query: asked.query, bytes: asked.message.encoded(), upstream: 0, isOverStream: true)
            ]
        )
        let records = (1...50).map { Bench.a("shop.example", ByteString(utf8: "198.51.100.\($0)")) }
        var whole = bench
        let answer = Bench.answer(asked.message, records)
        let reply = try whole.replied(
            whole.proxy.answered(query: asked.query, bytes: answer, nowMilliseconds: bench.now)
        )
        #expect(reply.answers.count == 50 && whole.proxy.counters.streamRetries == 1)
        // Where a stream has no room for it, nothing has.
        let failed = bench.proxy.answered(query: asked.query, bytes: cut, nowMilliseconds: bench.now)
        #expect(try bench.replied(failed).flags.responseCode == .serverFailure)
    }

    @Test func upstreamThatCannotBeAskedIsPassedOverAtOnceAndForAMinute() throws {
        var bench = Bench()
        let first = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
        let actions = bench.proxy.failed(query: first.query, upstream: 0, nowMilliseconds: bench.now)
        let second = try #require(try Bench.forwarded(actions))
        #expect(second.query == first.query && second.upstream == 1)
        // What the first says late changes nothing.
        #expect(bench.proxy.failed(query: first.query, upstream: 0, nowMilliseconds: bench.now) == [])
        let next = try #require(try Bench.forwarded(bench.ask(Bench.question("next.cdn.example"))))
        #expect(next.upstream == 1)
        let failure = bench.proxy.failed(query: second.query, upstream: 1, nowMilliseconds: bench.now)
        #expect(try bench.replied(failure).flags.responseCode == .serverFailure)
        _ = bench.proxy.failed(query: next.query, upstream: 1, nowMilliseconds: bench.now)
        bench.now += 59_999
        #expect(try Bench.forwarded(bench.ask(Bench.question("late.cdn.example")))?.upstream == 0)
    }

    @Test func orderOfTheConfigurationHoldsAgainAfterAMinute() throws {
        var bench = Bench()
        let first = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
        _ = bench.proxy.failed(query: first.query, upstream: 0, nowMilliseconds: bench.now)
        for (wait, upstream) in [(UInt64(59_999), 1), (1, 0)] {
            bench.now += wait
            let name = ByteString(utf8: "a\(wait).cdn.example")
            #expect(try Bench.forwarded(bench.ask(Bench.question(name)))?.upstream == upstream)
        }
    }

    @Test func onlyUpstreamIsAskedOnceMoreWhereItClosedAGoodConnection() throws {
        for isStale in [false, true] {
            var bench = Bench()
            bench.proxy = DNSProxy(settings: .init(upstreamCount: 1, timeoutMilliseconds: 1000, isOverTLS: true))
            let asked = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
            var actions = bench.proxy.failed(
                query: asked.query,
                upstream: 0,
                isStale: isStale,
                nowMilliseconds: bench.now
            )
            if isStale {
                #expect(try Bench.forwarded(actions)?.query == asked.query)
                actions = bench.proxy.failed(
                    query: asked.query,
                    upstream: 0,
                    isStale: true,
                    nowMilliseconds: bench.now
                )
            }
            #expect(try bench.replied(actions).flags.responseCode == .serverFailure && bench.proxy.pending.isEmpty)
        }
    }

    /// RFC 8467 §4.1: queries are padded to the closest multiple of 128 bytes.
    @Test func questionsOverTLSAreAllEquallyLong() throws {
        var bench = Bench(names: nil)
        bench.proxy = DNSProxy(settings: .init(upstreamCount: 2, timeoutMilliseconds: 1000, isOverTLS: true))
        for length in 1...63 {
            let name = ByteString([UInt8](repeating: 0x61, count: length))
            for payload in [nil, UInt16(4096)] {
                let actions = bench.ask(Bench.question("\(name).example", payload: payload))
                guard case .forward(_, let bytes, _, true)? = actions.first else {
                    Issue.record("not asked over TLS: \(actions)")
                    return
                }
                let message = try Bench.parse(bytes)
                #expect(bytes.count == 128 && message.questions.first?.name.labels.first == name)
                guard case .raw(let options)? = message.extensionRecord?.data else { return }
                #expect(options.prefix(4) == [0, 12, 0, UInt8(options.count - 4)])
                #expect(options.dropFirst(4).allSatisfy { $0 == 0 })
            }
        }
        let long = ByteString([UInt8](repeating: 0x61, count: 60))
        guard case .forward(_, let bytes, _, true)? = bench.ask(Bench.question("\(long).\(long).example")).first else {
            return
        }
        #expect(bytes.count == 256)
    }

    @Test(arguments: [(nil, false, true), (UInt16(1232), false, false), (nil, true, false)])
    func longAnswersAreCutToWhatTheDeviceTakes(payload: UInt16?, isTCP: Bool, isCut: Bool) throws {
        var bench = Bench()
        bench.client.isTCP = isTCP
        let records = (1...50).map { Bench.a("shop.example", ByteString(utf8: "198.51.100.\($0)")) }
        let reply = try bench.replied(bench.ask(Bench.question("shop.example", payload: payload), answers: records))
        #expect(reply.flags.isTruncated == isCut && reply.answers.count == (isCut ? 0 : 50))
        #expect(reply.questions.count == 1)
    }

    @Test func denialsAreKeptForAMinuteAtMost() throws {
        for (minimum, seconds) in [(UInt32(3600), UInt64(60)), (20, 20)] {
            var bench = Bench()
            let reply = try bench.replied(
                bench.ask(Bench.question("shop.example"), answers: []) {
                    $0.flags.responseCode = .nameError
                    $0.authorities = [Bench.soa(ttl: 3600, minimum: minimum)]
                }
            )
            #expect(reply.flags.responseCode == .nameError && reply.authorities.first?.timeToLiveSeconds == 60)
            bench.now += seconds * 1000 - 1
            #expect(try bench.replied(bench.ask(Bench.question("shop.example"))).flags.responseCode == .nameError)
            bench.now += 1
            #expect(try Bench.forwarded(bench.ask(Bench.question("shop.example"))) != nil)
        }
    }

    @Test func waitingQuestionsHaveLimits() throws {
        var bench = Bench()
        for _ in 0..<DNSLimits.pendingQueriesPerDevice {
            #expect(try Bench.forwarded(bench.ask(Bench.question("shop.example"))) != nil)
        }
        #expect(try bench.replied(bench.ask(Bench.question("shop.example"))).flags.responseCode == .serverFailure)
        bench.client.device = nil
        for _ in DNSLimits.pendingQueriesPerDevice..<DNSLimits.pendingQueries {
            #expect(try Bench.forwarded(bench.ask(Bench.question("shop.example"))) != nil)
        }
        #expect(try bench.replied(bench.ask(Bench.question("shop.example"))).flags.responseCode == .serverFailure)
        #expect(bench.proxy.counters.droppedPending == 2)
    }

    @Test func oldestAnswersLeaveTheCache() {
        var cache = DNSCache()
        var evicted: UInt64 = 0
        func key(_ index: Int) -> DNSCache.Key {
            DNSCache.Key(name: Bench.name(ByteString(utf8: "n\(index).example")), type: .a, wantsDNSSEC: false)
        }
        for index in 0...DNSLimits.cacheEntries {
            let message = DNSMessage(identifier: 0)
            evicted += cache.store(message, for: key(index), seconds: 10, nowMilliseconds: 0)
        }
        #expect(cache.count == DNSLimits.cacheEntries && evicted == 1)
        #expect(cache.message(key(0), nowMilliseconds: 1) == nil && cache.message(key(1), nowMilliseconds: 1) != nil)
        let text = DNSRecordData.raw(Array(repeating: 7, count: 60_000))
        let record = DNSRecord(name: .root, type: .txt, timeToLiveSeconds: 10, data: text)
        for index in 0..<40 {
            let message = DNSMessage(identifier: 0, answers: [record])
            _ = cache.store(message, for: key(index), seconds: 10, nowMilliseconds: 0)
            #expect(cache.byteCount <= DNSLimits.cacheBytes)
        }
        #expect(cache.count < 40)
    }

    @Test(arguments: [UInt64(0x5EED_0001), 0x5EED_0002])
    func damagedMessagesNeverHurt(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bench = Bench()
        func damaged(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            return Array(bytes.prefix(Int.random(in: 0..<(2 * bytes.count), using: &random)))
        }
        let records = [
            Bench.cname("shop.example", "a.cdn.example"), Bench.a("a.cdn.example", "198.51.100.1"),
            Bench.a("a.cdn.example", "10.0.0.1"),
        ]
        for round in 0..<3000 {
            bench.now += 100
            var actions = bench.ask(bytes: damaged(Bench.question("shop.example", payload: 1232).encoded()))
            if let asked = try Bench.forwarded(actions) {
                let answer = Bench.answer(asked.message, records)
                actions = bench.proxy.answered(query: asked.query, bytes: damaged(answer), nowMilliseconds: bench.now)
            }
            let filled = Bench.filled(actions) ?? []
            #expect(!filled.contains { !$0.isFitForPublicName }, "seed \(seed), round \(round)")
            if case .fill(let query, _, _, _, _) = actions.first {
                #expect(bench.proxy.filled(query: query, succeeded: true).count == 1, "seed \(seed), round \(round)")
            }
            _ = bench.proxy.tick(nowMilliseconds: bench.now, entropy: random.next())
        }
        for _ in 0..<3 {
            bench.now += 2000
            _ = bench.proxy.tick(nowMilliseconds: bench.now, entropy: 1)
        }
        #expect(bench.proxy.pending.isEmpty && bench.proxy.pendingCounts.isEmpty, "seed \(seed)")
    }
}
