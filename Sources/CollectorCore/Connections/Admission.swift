/// What to do with an agent that said who it is.
public enum Admission: Hashable, Sendable {
    /// Let it in.
    case admit
    /// Let it in, and close the connection before it: the same process came back, and the old connection is dead.
    case replace
    /// Ask the connection before it for a sign of life. It answers: two hosts have one identity. It does not: replace it.
    case challenge
    /// Two hosts have one identity: take nothing from either until an operator decides. The text says how it was seen.
    case hold(String)
    /// It was banned. The text says why.
    case refuse(String)

    /// Decides from what the store and the live connections know.
    ///
    /// A start of an agent has a boot epoch, counted in a file, and an instance, drawn at random. An honest agent that
    /// starts again has a higher epoch; one that reconnects has the same instance. Two copies of one disk count from
    /// the same number: sooner or later one comes with an epoch that is not higher, and another instance.
    ///
    /// - Parameters:
    ///   - agent: what it said of itself.
    ///   - gateway: the gateway's row, from before this connection.
    ///   - live: the agent of the live connection of this gateway; nil where there is none.
    public static func decide(
        for agent: AgentSummary,
        gateway: GatewayRecord,
        live: AgentSummary?
    ) -> Admission {
        if let ban = gateway.ban { return .refuse(ban.reason) }
        if let hold = gateway.hold { return .hold(hold.reason) }
        if let live {
            if live.instance == agent.instance { return .replace }
            if agent.bootEpoch > live.bootEpoch { return .challenge }
            return .hold(words(agent, before: live, isLive: true))
        }
        let before = gateway.agent
        guard !before.instance.isEmpty, before.instance != agent.instance else { return .admit }
        if agent.bootEpoch > before.bootEpoch { return .admit }
        return .hold(words(agent, before: before, isLive: false))
    }

    /// Both were alive at once.
    public static func holdReason(for agent: AgentSummary, answeredBy live: AgentSummary) -> String {
        words(agent, before: live, isLive: true)
    }

    private static func words(_ agent: AgentSummary, before: AgentSummary, isLive: Bool) -> String {
        "two hosts have this gateway's identity: \(place(agent)) connected in start \(agent.bootEpoch) "
            + (isLive ? "while \(place(before)) is connected in start " : "after \(place(before)) in start ")
            + "\(before.bootEpoch). Is it a copy of a disk, or an old backup put back?"
    }

    private static func place(_ agent: AgentSummary) -> String {
        "\(agent.hostname.isEmpty ? "a host" : agent.hostname) (\(agent.remoteAddress))"
    }
}
