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
        for isTCP in [false, true] {
            var bench = Bench()
            bench.client.isTCP = isTCP
            let asked = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
            #expect(asked.message.payloadLength == (isTCP ? 4096 : 512))
            let cut = Bench.answer(asked.message, []) { $0.flags.isTruncated = true }
            let actions = bench.proxy.answered(query: asked.query, bytes: cut, nowMilliseconds: bench.now)
            let reply = try bench.replied(actions)
            #expect(reply.flags.isTruncated == !isTCP)
            #expect(reply.flags.responseCode == (isTCP ? .serverFailure : .noError))
        }
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
