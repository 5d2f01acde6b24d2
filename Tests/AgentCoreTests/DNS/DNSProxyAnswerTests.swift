import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@testable import AgentCore

@Suite struct DNSProxyAnswerTests {
    typealias Bench = DNSProxyBench

    @Test func forwardsWithItsOwnIdentifierAndTheCaseOfTheQuestion() throws {
        var bench = Bench()
        let asked = try #require(try Bench.forwarded(bench.ask(Bench.question("sHoP.example", payload: 4096))))
        #expect(asked.message.identifier != 0xBEEF && asked.message.flags.recursionDesired && asked.upstream == 0)
        #expect(asked.message.questions.first?.name.wireBytes == Bench.name("sHoP.example").wireBytes)
        #expect(asked.message.payloadLength == 1232)
        let other = try #require(
            try Bench.forwarded(bench.ask(bytes: Bench.question("shop.example").encoded(), entropy: 99))
        )
        #expect(other.message.identifier != asked.message.identifier && other.message.extensionRecord == nil)
    }

    @Test func fillsBeforeTheReplyLeavesAlsoFromTheCache() throws {
        var bench = Bench()
        let records = [Bench.a("shop.example", "198.51.100.1", ttl: 9999)]
        let first = try bench.ask(Bench.question("shop.example"), answers: records)
        #expect(Bench.filled(first) == [Bench.address("198.51.100.1")])
        #expect(try bench.replied(first).answers.first?.timeToLiveSeconds == 300)
        bench.now += 100_000
        let second = bench.ask(Bench.question("SHOP.example"))
        #expect(Bench.filled(second) == [Bench.address("198.51.100.1")] && bench.proxy.counters.cacheHits == 1)
        #expect(try bench.replied(second).answers.first?.timeToLiveSeconds == 200)
        bench.now += 200_000
        #expect(try Bench.forwarded(bench.ask(Bench.question("shop.example"))) != nil)
    }

    @Test func kernelThatRefusesMakesAFailure() throws {
        var bench = Bench()
        let actions = try bench.ask(
            Bench.question("shop.example"),
            answers: [Bench.a("shop.example", "198.51.100.1")]
        )
        guard case .fill(let query, Bench.device, _, _, 300) = actions.first else {
            Issue.record("no fill: \(actions)")
            return
        }
        let failed = try bench.replied(bench.proxy.filled(query: query, succeeded: false))
        #expect(failed.flags.responseCode == .serverFailure && failed.answers.isEmpty)
        #expect(bench.proxy.filled(query: query, succeeded: true) == [] && bench.proxy.counters.fillFailures == 1)
    }

    @Test func followsTheChainAndIgnoresStrayRecords() throws {
        var bench = Bench()
        let actions = try bench.ask(
            Bench.question("shop.example"),
            answers: [
                Bench.a("bank.example", "203.0.113.9"), Bench.cname("shop.example", "A.far.example"),
                Bench.a("a.far.example", "198.51.100.2"), Bench.a("shop.example", "203.0.113.8"),
            ]
        )
        #expect(Bench.filled(actions) == [Bench.address("198.51.100.2")])
        #expect(try bench.replied(actions).answers.count == 2 && bench.proxy.counters.removedRecords == 2)
    }

    @Test(arguments: [(12, true), (13, false)])
    func chainsHaveALimit(links: Int, isFollowed: Bool) throws {
        var bench = Bench()
        func name(_ index: Int) -> ByteString { index == 0 ? "shop.example" : ByteString(utf8: "n\(index).example") }
        var records = (0..<links).map { Bench.cname(name($0), name($0 + 1)) }
        records.append(Bench.a(name(links), "198.51.100.2"))
        let actions = try bench.ask(Bench.question("shop.example"), answers: records)
        #expect((Bench.filled(actions) != nil) == isFollowed)
        #expect(try bench.replied(actions).flags.responseCode == (isFollowed ? .noError : .serverFailure))
    }

    @Test(arguments: [
        "10.1.1.1", "127.0.0.1", "169.254.169.254", "224.0.0.1", "0.0.0.0", "192.168.1.1", "100.64.0.1",
        "::1", "fe80::1", "fd00::1", "ff02::1", "::", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
    ])
    func localAddressesAreRemovedUnlessABlockCoversThem(text: String) throws {
        let address = Bench.address(ByteString(utf8: text))
        let type: DNSRecordType = address.family == .v4 ? .a : .aaaa
        for isCovered in [false, true] {
            var bench = Bench(prefixes: isCovered ? [ByteString(utf8: text)] : [])
            let record = Bench.a("shop.example", ByteString(utf8: text))
            let actions = try bench.ask(Bench.question("shop.example", type), answers: [record])
            #expect(Bench.filled(actions) == (isCovered ? [address] : nil))
            #expect(try bench.replied(actions).answers.count == (isCovered ? 1 : 0))
            #expect(bench.proxy.counters.removedAddresses == (isCovered ? 0 : 1))
        }
    }

    @Test func serviceBindingsLoseECHAndTheirHintsAreFilled() throws {
        var bench = Bench()
        var binding = try DNSServiceBinding([0, 1, 0])
        binding.parameters = [
            .init(key: 0, value: [0, 4, 0, 5]), .init(key: 4, value: [198, 51, 100, 3, 10, 0, 0, 1]),
            .init(key: 5, value: [1, 2, 3]),
        ]
        let record = DNSRecord(
            name: Bench.name("shop.example"),
            type: .https,
            timeToLiveSeconds: 60,
            data: .raw(binding.bytes)
        )
        let actions = try bench.ask(Bench.question("shop.example", .https), answers: [record])
        #expect(Bench.filled(actions) == [Bench.address("198.51.100.3")])
        guard case .raw(let bytes)? = try bench.replied(actions).answers.first?.data else {
            Issue.record("no record")
            return
        }
        let kept = try DNSServiceBinding(bytes).parameters
        #expect(kept == [.init(key: 0, value: [0, 4]), .init(key: 4, value: [198, 51, 100, 3])])
    }

    @Test func forgedAnswersArePassedOver() throws {
        var bench = Bench()
        let asked = try #require(try Bench.forwarded(bench.ask(Bench.question("shop.example"))))
        let records = [Bench.a("shop.example", "198.51.100.1")]
        let changes: [(inout DNSMessage) -> Void] = [
            { $0.identifier ^= 1 }, { $0.flags.isResponse = false }, { $0.questions[0].type = .aaaa },
            { $0.questions[0].name = Bench.name("bank.example") }, { $0.questions = [] },
        ]
        for change in changes {
            let bytes = Bench.answer(asked.message, records, change)
            #expect(bench.proxy.answered(query: asked.query, bytes: bytes, nowMilliseconds: bench.now) == [])
        }
        #expect(bench.proxy.counters.mismatchedAnswers == 5)
        let genuine = Bench.answer(asked.message, records) { $0.questions[0].name = Bench.name("SHOP.example") }
        for length in 0..<genuine.count {
            let cut = Array(genuine.prefix(length))
            #expect(bench.proxy.answered(query: asked.query, bytes: cut, nowMilliseconds: bench.now) == [])
        }
        #expect(
            Bench.filled(bench.proxy.answered(query: asked.query, bytes: genuine, nowMilliseconds: bench.now)) != nil
        )
    }
}
