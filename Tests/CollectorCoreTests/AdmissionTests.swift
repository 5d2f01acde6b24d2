import CollectorCore
import Testing

/// Who may come in: honest restarts, reconnects, clones, the banned.
@Suite struct AdmissionTests {
    private static func agent(_ instance: String, epoch: UInt64, host: String = "h", address: String = "192.0.2.1")
        -> AgentSummary
    {
        var agent = AgentSummary()
        (agent.instance, agent.bootEpoch, agent.hostname, agent.remoteAddress) = (instance, epoch, host, address)
        return agent
    }

    private static func gateway(_ before: AgentSummary = AgentSummary()) -> GatewayRecord {
        var gateway = GatewayRecord(key: GatewayKey(gateway: "gate"), name: "gate")
        gateway.agent = before
        return gateway
    }

    /// The agent that comes, the one before it, whether that one is connected, and what is decided.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let agent: AgentSummary
        let before: AgentSummary
        let isLive: Bool
        let expected: String

        init(_ name: String, _ agent: AgentSummary, after before: AgentSummary, live: Bool, _ expected: String) {
            testDescription = name
            self.agent = agent
            self.before = before
            isLive = live
            self.expected = expected
        }
    }

    static let cases: [Case] = [
        Case("the first ever", agent("a", epoch: 1), after: AgentSummary(), live: false, "admit"),
        Case("a restart", agent("b", epoch: 2), after: agent("a", epoch: 1), live: false, "admit"),
        Case("a reconnect", agent("a", epoch: 1), after: agent("a", epoch: 1), live: false, "admit"),
        Case("a disk put back", agent("b", epoch: 1), after: agent("a", epoch: 5), live: false, "hold"),
        Case("a copy of the disk", agent("b", epoch: 1), after: agent("a", epoch: 1), live: false, "hold"),
        Case(
            "a reconnect before the end was seen",
            agent("a", epoch: 1),
            after: agent("a", epoch: 1),
            live: true,
            "replace"
        ),
        Case(
            "a restart before the end was seen",
            agent("b", epoch: 2),
            after: agent("a", epoch: 1),
            live: true,
            "challenge"
        ),
        Case("a copy beside the first", agent("b", epoch: 1), after: agent("a", epoch: 1), live: true, "hold"),
        Case("an older copy beside it", agent("b", epoch: 1), after: agent("a", epoch: 9), live: true, "hold"),
    ]

    @Test(arguments: cases)
    func isDecided(_ entry: Case) {
        let decision = Admission.decide(
            for: entry.agent,
            gateway: Self.gateway(entry.before),
            live: entry.isLive ? entry.before : nil
        )
        let word: String
        switch decision {
        case .admit: word = "admit"
        case .replace: word = "replace"
        case .challenge: word = "challenge"
        case .hold: word = "hold"
        case .refuse: word = "refuse"
        }
        #expect(word == entry.expected, "\(decision)")
    }

    @Test func aHoldSaysWhoCameAfterWhom() {
        let first = Self.agent("a", epoch: 4, host: "dock", address: "192.0.2.1")
        let second = Self.agent("b", epoch: 4, host: "", address: "198.51.100.7")
        let live = Admission.decide(for: second, gateway: Self.gateway(first), live: first)
        let words =
            "two hosts have this gateway's identity: a host (198.51.100.7) connected in start 4 while dock (192.0.2.1) is "
            + "connected in start 4. Is it a copy of a disk, or an old backup put back?"
        #expect(live == .hold(words))
        #expect(Admission.holdReason(for: second, answeredBy: first) == words)
        let gone = Admission.decide(for: second, gateway: Self.gateway(first), live: nil)
        #expect(gone == .hold(words.replacing("while dock (192.0.2.1) is connected", with: "after dock (192.0.2.1)")))
    }

    @Test func aBanStandsAboveAHoldAndAHoldAboveAllElse() {
        var gateway = Self.gateway()
        gateway.hold = HoldRecord(reason: "two", sinceMilliseconds: 1)
        let agent = Self.agent("a", epoch: 1)
        #expect(Admission.decide(for: agent, gateway: gateway, live: nil) == .hold("two"))
        #expect(Admission.decide(for: agent, gateway: gateway, live: agent) == .hold("two"))
        gateway.ban = BanRecord(actor: "admin", reason: "stolen", sinceMilliseconds: 1)
        #expect(Admission.decide(for: agent, gateway: gateway, live: nil) == .refuse("stolen"))
        #expect(Admission.decide(for: agent, gateway: gateway, live: agent) == .refuse("stolen"))
    }
}
