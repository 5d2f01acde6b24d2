import NetworkTypes
import PacketParsing
import Policy
import Testing

@testable import AgentCore

@Suite struct DNSProxyVerdictTests {
    typealias Bench = DNSProxyBench

    @Test func namesThatNoRuleNamesDoNotExist() throws {
        var bench = Bench()
        let reply = try bench.replied(bench.ask(Bench.question("Other.example")))
        #expect(reply.flags.responseCode == .nameError)
        #expect(reply.flags.isResponse && reply.flags.recursionAvailable && !reply.flags.isAuthoritative)
        #expect(reply.identifier == 0xBEEF)
        #expect(reply.questions.first?.name.wireBytes == Bench.name("Other.example").wireBytes)
        #expect(bench.proxy.counters.refused == 1)
    }

    @Test func wildcardDoesNotNameItsOwnParent() throws {
        var bench = Bench()
        #expect(try bench.replied(bench.ask(Bench.question("cdn.example"))).flags.responseCode == .nameError)
        #expect(try Bench.forwarded(bench.ask(Bench.question("a.cdn.example"))) != nil)
    }

    @Test func nameDoesNotNameWhatLiesBelowIt() throws {
        var bench = Bench()
        #expect(try bench.replied(bench.ask(Bench.question("a.shop.example"))).flags.responseCode == .nameError)
        #expect(try Bench.forwarded(bench.ask(Bench.question("shop.example"))) != nil)
    }

    @Test func policyMayAnswerEverything() throws {
        var bench = Bench()
        bench.allowlist?.dns.answersOnlyAllowed = false
        let actions = try bench.ask(
            Bench.question("other.example"),
            answers: [Bench.a("other.example", "198.51.100.1")]
        )
        #expect(Bench.filled(actions) == nil, "no rule names it, so nothing is opened")
        #expect(try bench.replied(actions).answers.count == 1)
    }

    @Test func blocklistsGoBeforeWildcardsAndBehindTheVeryName() throws {
        func isAnswered(_ name: ByteString, lists: [ByteString]) throws -> Bool {
            var bench = Bench()
            bench.proxy.blocklists = try BlocklistTests.opened([
                ("ads", "ads.cdn.example\nshop.example"), ("other", "a.cdn.example"),
            ])
            bench.allowlist?.dns.blocklists = lists
            let actions = bench.ask(Bench.question(name))
            let isAnswered = try Bench.forwarded(actions) != nil
            #expect(bench.proxy.counters.blocked == (isAnswered ? 0 : 1))
            if !isAnswered { #expect(try bench.replied(actions).flags.responseCode == .nameError) }
            return isAnswered
        }
        #expect(try !isAnswered("x.ADS.cdn.example", lists: ["ads"]))
        #expect(try isAnswered("x.ads.cdn.example", lists: []), "no list is asked for")
        #expect(try isAnswered("x.ads.cdn.example", lists: ["none"]), "a list that is not there blocks nothing")
        #expect(try isAnswered("a.cdn.example", lists: ["ads"]), "it is on another list")
        #expect(try !isAnswered("a.cdn.example", lists: ["ads", "other"]))
        #expect(try isAnswered("shop.example", lists: ["ads"]), "a rule has the very name")
    }

    @Test func otherListsJudgeEveryQuestionAtOnce() throws {
        var bench = Bench()
        bench.allowlist?.dns.blocklists = ["ads"]
        let question = Bench.question("a.cdn.example")
        let answer = [Bench.a("a.cdn.example", "198.51.100.1")]
        #expect(try bench.replied(bench.ask(question, answers: answer)).answers.count == 1)
        #expect(try Bench.forwarded(bench.ask(question)) == nil, "the cache has it")
        // One is under way when the lists come, as it were from an upstream that takes its time.
        let asked = try #require(try Bench.forwarded(bench.ask(Bench.question("b.cdn.example"))))
        bench.proxy.blocklists = try BlocklistTests.opened([("ads", "a.cdn.example\nb.cdn.example")])
        let late = bench.proxy.answered(
            query: asked.query,
            bytes: Bench.answer(asked.message, [Bench.a("b.cdn.example", "198.51.100.2")]),
            nowMilliseconds: bench.now
        )
        #expect(Bench.filled(late) == nil)
        #expect(try bench.replied(late).flags.responseCode == .nameError)
        #expect(try bench.replied(bench.ask(question)).flags.responseCode == .nameError, "the cache has it no more")
        bench.proxy.blocklists = try BlocklistTests.opened([("ads", "b.cdn.example")])
        #expect(try bench.replied(bench.ask(question)).answers.count == 1)
        #expect(bench.proxy.counters.blocked == 2)
    }

    @Test(arguments: ["use-application-dns.net", "mask.icloud.com", "DNS.google", "x.cloudflare-dns.com"])
    func otherResolversDoNotExist(name: String) throws {
        for names: [ByteString]? in [nil, [ByteString(utf8: name)]] {
            var bench = Bench(names: names)
            let reply = try bench.replied(bench.ask(Bench.question(ByteString(utf8: name))))
            #expect(reply.flags.responseCode == .nameError)
            #expect(bench.proxy.counters.refusedResolvers == 1)
        }
    }

    @Test func devicesWithoutPolicyGetEverythingAndFillNothing() throws {
        var bench = Bench(names: nil)
        let actions = try bench.ask(Bench.question("nas.home"), answers: [Bench.a("nas.home", "192.168.1.2")])
        #expect(Bench.filled(actions) == nil)
        #expect(try bench.replied(actions).answers.first?.address == Bench.address("192.168.1.2"))
    }

    struct Refusal: Sendable {
        var change: @Sendable (inout DNSMessage) -> Void
        var code: DNSResponseCode
    }

    @Test(arguments: [
        Refusal(change: { $0.flags.operation = 5 }, code: .notImplemented),
        Refusal(change: { $0.questions = [] }, code: .formatError),
        Refusal(change: { $0.questions.append($0.questions[0]) }, code: .formatError),
        Refusal(change: { $0.questions[0].recordClass = .chaos }, code: .refused),
        Refusal(change: { $0.questions[0].recordClass = .any }, code: .refused),
        Refusal(change: { $0.questions[0].type = DNSRecordType(rawValue: 252) }, code: .refused),
        Refusal(
            change: { message in
                message.additionals = Array(repeating: DNSMessage.extensionRecord(payloadLength: 1232), count: 2)
            },
            code: .formatError
        ),
    ])
    func onlyOneQuestionOfTheInternetIsAnswered(refusal: Refusal) throws {
        var bench = Bench()
        var message = Bench.question("shop.example")
        refusal.change(&message)
        #expect(try bench.replied(bench.ask(message)).flags.responseCode == refusal.code)
        #expect(bench.proxy.counters.malformed == 1)
    }

    @Test func laterVersionsOfEDNSAreRefused() throws {
        var bench = Bench()
        var message = Bench.question("shop.example", payload: 1232)
        message.additionals[0].timeToLiveSeconds = 1 << 16
        let reply = try bench.replied(bench.ask(message))
        #expect(reply.extensionRecord?.timeToLiveSeconds == 1 << 24, "BADVERS")
    }

    @Test func answersAreNotAnswered() {
        var bench = Bench()
        var message = Bench.question("shop.example")
        message.flags.isResponse = true
        #expect(bench.ask(message) == [])
        #expect(bench.ask(bytes: [1, 2, 3]) == [])
        #expect(bench.proxy.counters.malformed == 2)
    }

    @Test func everyPrefixOfAQuestionIsAFormatErrorOrNothing() throws {
        let bytes = Bench.question("shop.example", payload: 1232).encoded()
        for length in 0..<bytes.count {
            var bench = Bench()
            let actions = bench.ask(bytes: Array(bytes.prefix(length)))
            if length < 12 {
                #expect(actions == [])
            } else {
                #expect(try bench.replied(actions).flags.responseCode == .formatError)
            }
            #expect(bench.proxy.counters.malformed == 1)
        }
    }
}
