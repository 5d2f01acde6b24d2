import AgentCore
import NetworkTypes
import TestSupport
import Testing

@Suite struct RenewalTests {
    /// Issued at one million seconds, good for 30 days.
    static let month = CertificateValidity(notBeforeSeconds: 1_000_000, notAfterSeconds: 1_000_000 + 30 * 86_400)
    static let day: UInt64 = 86_400_000

    /// A moment so many milliseconds after the certificate's beginning; the monotonic clock began there too.
    static func time(_ sinceBeginning: UInt64) -> AgentTime {
        AgentTime(wallMilliseconds: 1_000_000_000 + sinceBeginning, monotonicMilliseconds: sinceBeginning)
    }

    /// A renewal that has asked at its due time; that time.
    static func asked(_ entropy: UInt64 = 0) throws -> (Renewal, UInt64) {
        var renewal = Renewal(of: month, entropy: entropy)
        let due = renewal.dueMilliseconds - month.notBeforeMilliseconds
        try #require(renewal.handle(.tick(isOpen: true), now: time(due), entropy: 0) == .ask)
        return (renewal, due)
    }

    @Test func isDueAtTwoThirdsOfLifeGiveOrTakeATwentieth() {
        let twoThirds = 20 * Self.day
        let twentieth = 30 * Self.day / 20
        var generator = SeededGenerator(seed: 7)
        var dues: Set<UInt64> = []
        for entropy in [0, UInt64.max] + (0..<1000).map({ _ in generator.next() }) {
            let renewal = Renewal(of: Self.month, entropy: entropy)
            let due = renewal.dueMilliseconds - Self.month.notBeforeMilliseconds
            #expect(due >= twoThirds - twentieth && due <= twoThirds + twentieth)
            dues.insert(due / Self.day)
        }
        #expect(dues.count >= 3, "a fleet enrolled at once must not renew at once")
    }

    @Test func asksOnceWhenDueAndOpenAndNotBefore() {
        var renewal = Renewal(of: Self.month, entropy: 1)
        let due = renewal.dueMilliseconds - Self.month.notBeforeMilliseconds
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(due - 1), entropy: 0) == nil)
        #expect(renewal.handle(.tick(isOpen: false), now: Self.time(due), entropy: 0) == nil)
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(due), entropy: 0) == .ask)
        #expect(renewal.phase == .asked(sinceMilliseconds: due))
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(due + 500), entropy: 0) == nil)
    }

    @Test func aGatewayInThe1970sWaitsForTheCollectorsClock() {
        var renewal = Renewal(of: Self.month, entropy: 0)
        let early = AgentTime(wallMilliseconds: 3000, monotonicMilliseconds: 3000)
        #expect(renewal.handle(.tick(isOpen: true), now: early, entropy: 0) == nil)
        #expect(!renewal.isExpired(now: early))
    }

    @Test func aGoodAnswerIsProvedBeforeAnythingIsLetGo() throws {
        var (renewal, due) = try Self.asked()
        #expect(renewal.handle(.answered(fault: nil), now: Self.time(due + 40), entropy: 0) == .prove)
        #expect(renewal.phase == .proving(sinceMilliseconds: due + 40))
        // The old uplink may end meanwhile: the collector lets the new connection take its place.
        #expect(renewal.handle(.tick(isOpen: false), now: Self.time(due + 500), entropy: 0) == nil)
        // A second answer changes nothing.
        #expect(renewal.handle(.answered(fault: "late"), now: Self.time(due + 600), entropy: 0) == nil)
    }

    static let mishaps: [(Renewal.Event, ByteString)] = [
        (.answered(fault: "for another key"), "for another key"), (.failed("no space"), "no space"),
        (.tick(isOpen: false), "the connection ended before the collector answered"),
    ]

    @Test(arguments: mishaps)
    func whatGoesWrongWhileAskedIsAbandoned(event: Renewal.Event, reason: ByteString) throws {
        var (renewal, due) = try Self.asked()
        let action = renewal.handle(event, now: Self.time(due + 1), entropy: 0)
        #expect(action == .abandon(reason: reason, failures: 1))
        #expect(renewal.phase == .idle)
    }

    @Test func anAnswerThatDoesNotComeIsAbandoned() throws {
        var (renewal, due) = try Self.asked()
        let limit = due + Renewal.answerTimeoutMilliseconds
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(limit - 1), entropy: 0) == nil)
        guard case .abandon = renewal.handle(.tick(isOpen: true), now: Self.time(limit), entropy: 0) else {
            Issue.record("still waiting: \(renewal.phase)")
            return
        }
        // What comes after that is for a key that is gone.
        #expect(renewal.handle(.answered(fault: nil), now: Self.time(limit + 1), entropy: 0) == nil)
        #expect(renewal.phase == .idle)
    }

    @Test func aConnectionThatIsNotWelcomedIsAbandoned() throws {
        var (renewal, due) = try Self.asked()
        _ = renewal.handle(.answered(fault: nil), now: Self.time(due), entropy: 0)
        let limit = due + Renewal.proofTimeoutMilliseconds
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(limit - 1), entropy: 0) == nil)
        guard case .abandon = renewal.handle(.tick(isOpen: true), now: Self.time(limit), entropy: 0) else {
            Issue.record("still waiting: \(renewal.phase)")
            return
        }
        #expect(renewal.handle(.failed("closed"), now: Self.time(limit + 1), entropy: 0) == nil)
    }

    /// The times between attempts, in milliseconds, when each one fails at once.
    static func delays(_ count: Int, entropy: UInt64) throws -> [UInt64] {
        var (renewal, now) = try asked()
        var delays: [UInt64] = []
        for number in 1...count {
            let action = renewal.handle(.failed("no"), now: time(now), entropy: entropy)
            try #require(action == .abandon(reason: "no", failures: UInt64(number)))
            var delay: UInt64 = 0
            while renewal.handle(.tick(isOpen: true), now: time(now + delay), entropy: 0) == nil, delay < day {
                delay += 1000
            }
            delays.append(delay)
            now += delay
        }
        return delays
    }

    @Test func attemptsBackOffFromAMinuteToHours() throws {
        let shortest = try Self.delays(14, entropy: 0)
        #expect(shortest.prefix(4) == [60_000, 120_000, 240_000, 480_000])
        #expect(shortest.max() == Renewal.retryLimitMilliseconds)
        let spread = try Self.delays(14, entropy: UInt64.max)
        for (short, long) in zip(shortest, spread) { #expect(long >= short && long <= short / 2 * 3 + 1000) }
    }

    @Test func attemptsComeCloserNearTheEnd() throws {
        var renewal = Renewal(
            of: CertificateValidity(notBeforeSeconds: 1_000_000, notAfterSeconds: 1_000_020),
            entropy: 0
        )
        try #require(renewal.handle(.tick(isOpen: true), now: Self.time(15_000), entropy: 0) == .ask)
        _ = renewal.handle(.failed("no"), now: Self.time(15_000), entropy: 0)
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(15_999), entropy: 0) == nil)
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(16_000), entropy: 0) == .ask)
    }

    @Test func anEndIsSaidOnceAndTriedOn() {
        var renewal = Renewal(of: Self.month, entropy: 0)
        let end = 30 * Self.day
        #expect(renewal.handle(.tick(isOpen: false), now: Self.time(end - 1), entropy: 0) == nil)
        #expect(renewal.handle(.tick(isOpen: false), now: Self.time(end), entropy: 0) == .sayExpired)
        #expect(renewal.isExpired(now: Self.time(end)))
        #expect(renewal.handle(.tick(isOpen: false), now: Self.time(end + 500), entropy: 0) == nil)
        #expect(renewal.handle(.tick(isOpen: true), now: Self.time(end + 1000), entropy: 0) == .ask)
    }

    @Test func strangeValidityTrapsNowhere() {
        let extremes: [Int64] = [.min, -1, 0, 1, 1_000_000, .max / 1000, .max]
        for from in extremes {
            for to in extremes {
                let validity = CertificateValidity(notBeforeSeconds: from, notAfterSeconds: to)
                for entropy in [0, UInt64.max] {
                    var renewal = Renewal(of: validity, entropy: entropy)
                    for isOpen in [false, true] {
                        _ = renewal.handle(.tick(isOpen: isOpen), now: Self.time(1), entropy: entropy)
                        _ = renewal.handle(.failed("no"), now: Self.time(2), entropy: entropy)
                    }
                }
            }
        }
    }
}

@Suite struct RenewedCertificateTests {
    static let name: ByteString = "spiffe://gatehouse.local/gateway/gate-1"
    static let now = AgentTime(wallMilliseconds: 2_000_000, monotonicMilliseconds: 1)

    static func found(_ change: (inout RenewedCertificate) -> Void = { _ in }) -> RenewedCertificate {
        var found = RenewedCertificate(
            matchesKey: true,
            isIssuedByAuthority: true,
            names: [name],
            validity: CertificateValidity(notBeforeSeconds: 1990, notAfterSeconds: 2100)
        )
        change(&found)
        return found
    }

    @Test func aGoodOneHasNoFault() {
        #expect(Self.found().fault(inPlaceOf: [Self.name], now: Self.now) == nil)
    }

    @Test func eachFaultIsNamed() {
        let faults: [(RenewedCertificate, String)] = [
            (Self.found { $0.matchesKey = false }, "another key"),
            (Self.found { $0.isIssuedByAuthority = false }, "not issued by the authority"),
            (Self.found { $0.names = ["spiffe://gatehouse.local/gateway/gate-2"] }, "names another gateway"),
            (Self.found { $0.names = [] }, "names another gateway"),
            (Self.found { $0.names = [Self.name, Self.name] }, "names another gateway"),
            (
                Self.found { $0.validity = CertificateValidity(notBeforeSeconds: 1, notAfterSeconds: 2000) },
                "has ended already"
            ),
        ]
        for (found, words) in faults {
            let fault = found.fault(inPlaceOf: [Self.name], now: Self.now)
            #expect(fault?.text.contains(words) == true, "\(found): \(fault?.text ?? "none")")
        }
    }
}
